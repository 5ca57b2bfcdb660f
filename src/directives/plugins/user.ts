import { advice } from '../advice.ts';
import { changeOfUser } from '../change-of-user.ts';
import type { Assignment } from '../directive.ts';
import { witness } from '../path-needs.ts';
import { isWhole } from '../whole-trace.ts';

/** Needed to become somebody else, and of no use to who is it already. */
const ofTheChange: ReadonlySet<string> = new Set(['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP']);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#User=
 *
 * Where root is left behind at once, systemd can do that before the start: then the daemon was never root. What it did as root
 * (files of its own, logs, keys that only root reads) is the new user's to do, so a person must look.
 */
export const user = advice({
  name: 'User',
  since: 187,
  about: {
    denies: 'Starting as root',
    when: 'Advice only: root becomes one other user for good before it starts anything else',
    rules: 'process-directives.md#advice',
  },
  advise(profile, context, plans) {
    if (context.level === 'relaxed' || !isWhole(profile) || plans.authenticates) return undefined;
    // Every command of the unit would be that user.
    const change = profile.sources.length === 1 ? changeOfUser(profile) : undefined;
    if (change === undefined) return undefined;
    const { uid, gid, evidence } = change;
    const line = (key: string, words: string[]): Assignment => ({ key, words, style: 'plain' });
    const lines = [line('User', [String(uid)])];
    if (gid !== undefined) lines.push(line('Group', [String(gid)]));
    const kept = plans.capabilities.filter(
      ({ value, witnesses }) => witnesses.length > 0 && !ofTheChange.has(value),
    );
    if (kept.length > 0)
      lines.push(
        line(
          'AmbientCapabilities',
          kept.map(({ value }) => value),
        ),
      );
    return {
      value: lines,
      reason: `It starts as root and becomes user ${uid} for good, before it starts anything else: systemd can do that for it, if that user may open what root opened.`,
      grants: [
        {
          value: String(uid),
          witnesses: [witness('', evidence)],
          reason: 'it becomes it',
          review: undefined,
        },
        ...kept,
      ],
    };
  },
});
