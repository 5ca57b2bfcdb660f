import type { Behaviour } from '../behaviour.ts';
import { type Assignment, directive } from '../directive.ts';
import { notForOthersPrograms } from '../on-off.ts';
import { appended } from '../unit-values.ts';
import { isWhole } from '../whole-trace.ts';

const known: ReadonlySet<string> = new Set(
  ['keep-caps', 'no-setuid-fixup', 'noroot'].flatMap((bit) => [bit, `${bit}-locked`]),
);

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
    if (!notForOthersPrograms.includes(context.level) || !isWhole(profile)) return undefined;
    const value = ['noroot', 'noroot-locked'];
    if (plans.capabilities.length > 0 || plans.authenticates) return undefined;
    if (plans.behaviours.some((behaviour) => refusal(value, behaviour) !== undefined)) return undefined;
    return { value, reason: 'No capability is kept: being uid 0 gives none either.', grants: [] };
  },
  read: (unit) => appended(unit('SecureBits')),
  denies: refusal,
  // Those of another user are ambient ones.
  keeps: (bits, _capability, isRoot) => !isRoot || !bits.includes('noroot'),
  remedy: () => ({ how: 'add', assignment: write([]) }),
  // Each assignment adds to what is there.
  besides(value, unit) {
    const rest = value.filter((bit) => !unit.includes(bit));
    return rest.length === 0 ? undefined : rest;
  },
  ignores: (words) => words.filter((word) => !known.has(word)),
  assignments: (value) => [write(value)],
});

function write(words: readonly string[]): Assignment {
  return { key: 'SecureBits', words: [...words], style: 'plain' };
}

/** Without a capability nobody may set the bits again, locked or not. */
function refusal(bits: readonly string[], behaviour: Behaviour): string | undefined {
  if (behaviour.kind === 'privileged' && behaviour.what === 'PR_SET_SECUREBITS')
    return bits.includes('noroot') || bits.some((bit) => bit.endsWith('-locked')) ? 'EPERM' : undefined;
  if (behaviour.kind !== 'capability' || !bits.includes('noroot')) return undefined;
  const { as } = behaviour.evidence;
  return as === undefined || as.some((label) => /^0(?: |$)/.test(label)) ? 'EPERM' : undefined;
}
