import type { Behaviour } from '../behaviour.ts';
import type { Context } from '../context.ts';
import { type Assignment, directive } from '../directive.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import { appended } from '../unit-values.ts';
import { unseenStart } from '../whole-trace.ts';

/** Those that came later than the directive, with the first version that knows them. */
const newer: ReadonlyMap<string, number> = new Map([
  ['no-cap-ambient-raise', 262],
  ['exec-restrict-file', 262],
  ['exec-deny-interactive', 262],
]);

const known: ReadonlySet<string> = new Set(['keep-caps', 'no-setuid-fixup', 'noroot', ...newer.keys()]);

function isKnown(word: string, { systemd }: Context): boolean {
  const bit = word.replace(/-locked$/, '');
  return known.has(bit) && (newer.get(bit) ?? 0) <= systemd;
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
  read: (unit, context) => appended(unit('SecureBits'))?.filter((word) => isKnown(word, context)),
  denies: refusal,
  remedy: () => ({ how: 'add', assignment: write([]) }),
  // Each assignment adds to what is there.
  besides(value, unit) {
    const rest = value.filter((bit) => !unit.includes(bit));
    return rest.length === 0 ? undefined : rest;
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
