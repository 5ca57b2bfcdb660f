import { directive } from '../directive.ts';
import type { Grant } from '../grant.ts';
import { witness } from '../path-needs.ts';
import { appended } from '../unit-values.ts';

/** The second ABI of a 64-bit machine, in systemd's words, for strace's: only x86-64 has two that strace tells apart. */
const secondAbi: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'x86-64': { '32 bit': 'x86', x32: 'x32' },
  arm64: { '32 bit': 'arm' },
  ppc64: { '32 bit': 'ppc' },
  s390x: { '32 bit': 's390' },
};

/** https://github.com/systemd/systemd/blob/v252/src/shared/seccomp-util.c (seccomp_arch_from_string) */
const names: ReadonlySet<string> = new Set(
  'native x86 x86-64 x32 arm arm64 loongarch64 mips mips64 mips64-n32 mips-le mips64-le mips64-le-n32 parisc parisc64 ppc ppc64 ppc64-le riscv64 s390 s390x'.split(
    ' ',
  ),
);

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallArchitectures= */
export const systemCallArchitectures = directive<string[]>({
  name: 'SystemCallArchitectures',
  since: 209,
  about: {
    denies: 'Calls of another ABI, by which filters of arguments are passed',
    when: 'Always: native, and an ABI of which calls were seen or a program was executed',
    rules: 'syscall-groups.md',
  },
  observes: [],
  infer(profile, context) {
    const names = secondAbi[context.architecture] ?? {};
    const grants: Grant[] = Object.entries(profile.abis).flatMap(([abi, evidence]) => {
      const value = names[abi];
      return value === undefined
        ? []
        : [
            {
              value,
              witnesses: [witness(abi, evidence)],
              reason: 'calls of this ABI were made',
              review: undefined,
            },
          ];
    });
    // A 32-bit program may be started in a log that doesn't mark its calls.
    for (const [path, acts] of Object.entries(profile.paths)) {
      const value = names['32 bit'];
      const isForeign = profile.files[path]?.format.includes('elf32') === true;
      if (acts.execute === undefined || !isForeign || value === undefined) continue;
      if (grants.some((grant) => grant.value === value)) continue;
      grants.push({
        value,
        witnesses: [witness(path, acts.execute)],
        reason: 'a 32-bit program',
        review: undefined,
      });
    }
    return {
      value: ['native', ...grants.map((grant) => grant.value)],
      reason: 'Calls through another ABI would pass by the filters that look at arguments.',
      grants,
    };
  },
  read: (unit) => appended(unit('SystemCallArchitectures')),
  denies(value, behaviour) {
    if (behaviour.kind !== 'abi') return undefined;
    const foreign = Object.values(secondAbi).map((names) => names[behaviour.abi]);
    return foreign.some((name) => name !== undefined && value.includes(name)) ? undefined : 'SIGSYS';
  },
  remedy(_value, behaviour) {
    const named = Object.values(secondAbi).map(
      (names) => names[behaviour.kind === 'abi' ? behaviour.abi : ''],
    );
    const words = named.filter((name) => name !== undefined).slice(0, 1);
    return { how: 'add', assignment: { key: 'SystemCallArchitectures', words, style: 'plain' } };
  },
  besides: (value, unit) =>
    unit.every((name) => value.includes(name))
      ? undefined
      : value.filter((name) => name === 'native' || unit.includes(name)),
  ignores: (words) => words.filter((word) => !names.has(word)),
  assignments: (value) => [
    { key: 'SystemCallArchitectures', words: [], style: 'plain' },
    { key: 'SystemCallArchitectures', words: value, style: 'plain' },
  ],
});
