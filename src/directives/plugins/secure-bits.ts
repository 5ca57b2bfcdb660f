import type { Behaviour } from '../behaviour.ts';
import type { Context } from '../context.ts';
import { type Assignment, directive } from '../directive.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import { unseenStart } from '../whole-trace.ts';

const withLocks = (bits: readonly string[]) => bits.flatMap((bit) => [bit, `${bit}-locked`]);
const old = withLocks(['keep-caps', 'no-setuid-fixup', 'noroot']);
/** They came with 262. */
const young = withLocks(['no-cap-ambient-raise', 'exec-restrict-file', 'exec-deny-interactive']);

function isKnown(word: string, { systemd }: Context): boolean {
  return old.includes(word) || (systemd >= 262 && young.includes(word));
}

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SecureBits=
 *
 * With `noroot`, uid 0 and set-user-ID programs get no capability by executing something: a second lock behind the empty
 * CapabilityBoundingSet=. The other bits are left alone: `keep-caps-locked` breaks prctl(PR_SET_KEEPCAPS), which daemons try, and
 * `no-setuid-fixup` changes what a change of user means. https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
export const secureBits = directive<string[]>({
  name: 'SecureBits',
  since: 187,
  about: {
    denies: 'Getting capabilities from being uid 0',
    when: 'No capability is kept, nobody logs in, and prctl(PR_SET_SECUREBITS) was not called',
    rules: 'process-directives.md',
  },
  observes: ['prctl'],
  values: [...old, ...young],
  infer(profile, context, plans) {
    const why = notAtLevel(context) ?? unseenStart(profile);
    if (why !== undefined) return why;
    const value = ['noroot', 'noroot-locked'];
    const [kept] = plans.capabilities;
    if (kept !== undefined) return `${kept.value} is kept`;
    if (plans.authenticates) return 'it logs people in, who may be root';
    const refused = firstRefused(plans.behaviours, (behaviour) => refusal(value, behaviour));
    if (refused !== undefined) return refused;
    return { value, reason: 'No capability is kept: being uid 0 gives none either.', grants: [] };
  },
  read(unit, context) {
    const bits =
      unit('SecureBits')
        .at(-1)
        ?.words.filter((word) => isKnown(word, context)) ?? [];
    return bits.length === 0 ? undefined : bits;
  },
  denies: refusal,
  // Those of another user are ambient ones.
  keeps: (bits, _capability, isRoot) => !isRoot || !bits.includes('noroot'),
  remedy: () => ({ how: 'add', assignment: write([]) }),
  // What the unit has must be said again: the manual has it that assignments add up, but the last one alone counts.
  // https://github.com/systemd/systemd/blob/v252/src/core/load-fragment.c (config_parse_exec_secure_bits)
  besides(value, unit) {
    const all = [...new Set([...unit, ...value])];
    return all.length === unit.length ? undefined : all;
  },
  ignores: (words, context) => words.filter((word) => !isKnown(word, context)),
  assignments: (value) => [write(value)],
});

function write(words: readonly string[]): Assignment {
  return { key: 'SecureBits', words: [...words], style: 'plain' };
}

/** What prctl(2) may no longer do under a bit. Without a capability nobody may set the bits again, locked or not. */
const refusing: Readonly<Record<string, (bits: readonly string[]) => boolean>> = {
  PR_SET_SECUREBITS: (bits) => bits.includes('noroot') || bits.some((bit) => bit.endsWith('-locked')),
  PR_SET_KEEPCAPS: (bits) => bits.includes('keep-caps-locked'),
  PR_CAP_AMBIENT_RAISE: (bits) => bits.includes('no-cap-ambient-raise'),
};

function refusal(bits: readonly string[], behaviour: Behaviour): string | undefined {
  if (behaviour.kind === 'privileged' && Object.hasOwn(refusing, behaviour.what))
    return refusing[behaviour.what]?.(bits) === true ? 'EPERM' : undefined;
  if (behaviour.kind !== 'capability' || !bits.includes('noroot')) return undefined;
  const { as } = behaviour.evidence;
  return as === undefined || as.some((label) => /^0(?: |$)/.test(label)) ? 'EPERM' : undefined;
}
