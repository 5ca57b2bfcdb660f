import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allCalls, architectureOf, callsOf, existsOn } from '../../src/syscall-groups/architectures.ts';
import { coverCalls, coverDenied } from '../../src/syscall-groups/cover.ts';
import { refusable } from '../../src/syscall-groups/dangerous.ts';
import { meaningOf } from '../../src/syscall-groups/evaluate.ts';
import { generalise } from '../../src/syscall-groups/generalise.ts';
import type { SyscallGroups } from '../../src/syscall-groups/groups.ts';
import { groupsOfHost } from '../../src/syscall-groups/host-groups.ts';
import { groupsOfVersion, knownVersions } from '../../src/syscall-groups/version-groups.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';

const installed = await hostSystemd();
const host = installed === undefined ? undefined : await groupsOfHost(installed.version);
const native = architectureOf(process.arch);
const versions = new Map(knownVersions().map((version) => [version, groupsOfVersion(version)]));
const anyGroups = fc.constantFrom(...versions.values());
const anyArchitecture = fc.constantFrom('x86-64', 'x86', 'arm64', 'arm', 'riscv64', 's390x', 'ppc64');

/** Sets such as traces leave behind: whole groups, less some calls, plus some. */
const anyWanted = (groups: SyscallGroups) =>
  fc
    .tuple(
      fc.subarray(
        groups.names().filter((name) => name !== '@known'),
        { maxLength: 12 },
      ),
      fc.subarray(allCalls(), { maxLength: 30 }),
      fc.subarray(allCalls(), { maxLength: 60 }),
    )
    .map(([whole, less, plus]) => {
      const wanted = new Set(whole.flatMap((group) => [...groups.members(group)]));
      for (const name of less) wanted.delete(name);
      for (const name of plus) wanted.add(name);
      return wanted;
    });
const anyCase = fc.tuple(anyGroups, anyArchitecture).chain(([groups, architecture]) =>
  anyWanted(groups).map((wanted) => ({
    groups,
    architecture,
    wanted,
    text: `${groups.source} ${architecture}`,
  })),
);

const sorted = (names: Iterable<string>) => [...names].sort();

test('the lists mean the wanted calls and @default, nothing else, and no word of them is needless', () => {
  fc.assert(
    fc.property(anyCase, ({ groups, architecture, wanted }) => {
      const matters = (name: string) => existsOn(architecture, name) && groups.known(name);
      const meaning = (allow: string[], deny: string[]) =>
        sorted([...meaningOf(allow, deny, groups)].filter(matters)).join(' ');
      const { allow, deny, unknown } = coverCalls(wanted, groups, architecture);
      const exact = sorted([...new Set([...wanted, ...groups.members('@default')])].filter(matters)).join(
        ' ',
      );
      expect(meaning(allow, deny)).toBe(exact);
      for (const token of allow)
        expect(
          meaning(
            allow.filter((each) => each !== token),
            deny,
          ),
        ).not.toBe(exact);
      for (const token of deny)
        expect(
          meaning(
            allow,
            deny.filter((each) => each !== token),
          ),
        ).not.toBe(exact);
      for (const name of [...allow, ...deny]) if (!name.startsWith('@')) expect(matters(name)).toBe(true);
      const unwritable = [...wanted].filter((name) => existsOn(architecture, name) && !groups.known(name));
      expect(unknown).toEqual(sorted(unwritable));
    }),
    { numRuns: 150 },
  );
});

test('the same set in another order gives the same lists', () => {
  fc.assert(
    fc.property(anyCase, ({ groups, architecture, wanted }) => {
      const backwards = new Set([...wanted].reverse());
      expect(coverCalls(backwards, groups, architecture)).toEqual(coverCalls(wanted, groups, architecture));
    }),
    { numRuns: 20 },
  );
});

test('a call that is never to be allowed is refused even if it is wanted or in @default', () => {
  const groups = groupsOfVersion(252);
  const never = new Set(['io_uring_setup', 'arch_prctl']);
  const { allow, deny } = coverCalls(groups.members('@system-service'), groups, 'x86-64', never);
  expect({ allow, deny }).toEqual({ allow: ['@system-service'], deny: ['arch_prctl', 'io_uring_setup'] });
});

test('a set within @default still makes an allow list', () => {
  const groups = groupsOfVersion(252);
  expect(coverCalls(new Set(['exit']), groups, 'x86-64')).toEqual({
    allow: ['@default'],
    deny: [],
    unknown: [],
  });
});

test('names that no table holds come back as unknown', () => {
  const { allow, unknown } = coverCalls(
    new Set(['read', 'no_such_call', 'syscall_0x1ff']),
    groupsOfVersion(252),
    'x86-64',
  );
  expect({ allow, unknown }).toEqual({ allow: ['read'], unknown: ['no_such_call', 'syscall_0x1ff'] });
});

test('a daemon with 32-bit programs keeps the calls of both architectures', () => {
  const wanted = new Set(['read', 'socketcall', 'recv']);
  expect(coverCalls(wanted, groupsOfVersion(252), 'x86-64').allow).toEqual(['read']);
  expect(coverCalls(wanted, groupsOfVersion(252), ['x86-64', 'x86']).allow).toEqual([
    'read',
    'recv',
    'socketcall',
  ]);
});

test('a deny list refuses exactly what it should', () => {
  fc.assert(
    fc.property(anyGroups, fc.subarray(allCalls(), { maxLength: 40 }), (groups, seen) => {
      const refused = refusable(new Set(seen), groups);
      const matters = (name: string) => existsOn('x86-64', name) && groups.known(name);
      const allowed = meaningOf([], coverDenied(refused.keys(), groups, 'x86-64'), groups);
      for (const name of callsOf('x86-64'))
        if (matters(name)) expect(allowed.has(name)).toBe(!refused.has(name));
    }),
    { numRuns: 30 },
  );
  const short = coverDenied(
    refusable(new Set(), groupsOfVersion(252)).keys(),
    groupsOfVersion(252),
    'x86-64',
  );
  expect(short).toContain('@mount');
});

/** What `systemd-analyze verify` says about a unit with these assignments. */
async function complaints(assignments: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-profile-groups-'));
  try {
    const unit = join(directory, 'sandbox-profile-groups.service');
    const lines = assignments.map((value) => `SystemCallFilter=${value}`);
    await writeFile(unit, ['[Service]', 'ExecStart=/bin/true', ...lines, ''].join('\n'));
    const { all } = await execa('systemd-analyze', ['verify', '--man=no', unit], {
      all: true,
      reject: false,
      env: { LC_ALL: 'C', SYSTEMD_LOG_LEVEL: 'warning' },
    });
    return all
      .split('\n')
      .filter((line) => line.includes('sandbox-profile-groups'))
      .join('\n');
  } finally {
    await rm(directory, { recursive: true });
  }
}

// Oracle: the installed systemd-analyze.
test.skipIf(host === undefined)(
  'systemd takes the lists without a warning',
  async () => {
    if (host === undefined) return;
    expect(await complaints(['no_such_call'])).toContain('no_such_call');
    for (const wanted of fc.sample(anyWanted(host), { numRuns: 15, seed: 1 })) {
      for (const set of [wanted, generalise(wanted, host)]) {
        const { allow, deny } = coverCalls(set, host, native);
        const lines = ['', allow.join(' '), ...(deny.length > 0 ? [`~${deny.join(' ')}`] : [])];
        expect(await complaints(lines)).toBe('');
      }
      const refused = coverDenied(refusable(wanted, host).keys(), host, native);
      expect(await complaints(['', `~${refused.join(' ')}`])).toBe('');
    }
  },
  300_000,
);

// Oracle: the installed systemd-analyze with its libseccomp.
test.skipIf(host === undefined)('a host knows exactly the names that its systemd takes', async () => {
  if (host === undefined) return;
  const said = await complaints([[...allCalls(), 'no_such_call'].join(' ')]);
  const refused = allCalls().filter((name) => new RegExp(`\\b${name}\\b`).test(said));
  expect(refused.filter((name) => host.known(name))).toEqual([]);
  expect(sorted(refused)).toEqual(sorted(allCalls().filter((name) => !host.known(name))));
});
