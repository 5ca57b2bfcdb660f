import { apiFileSystems } from '../api-file-systems.ts';
import { type Behaviour, touching } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import { unseenStart } from '../whole-trace.ts';

/** What stays: the processes. `/proc/mounts` and `/proc/net` are links that go with the rest. */
const stays = /^\/proc(?:\/(?:self|thread-self|\d+|\[traced\])(?:\/.*)?)?$/s;

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProcSubset=
 *
 * Only for what does the same each time: libraries and runtimes read /proc/sys, /proc/cpuinfo, /proc/meminfo and their kin on paths
 * that one run need not take, and what they make of a missing one is their affair.
 */
export const procSubset = choice<'all' | 'pid'>({
  name: 'ProcSubset',
  since: 247,
  about: {
    denies: 'All of /proc but processes',
    when: 'Only at minimal, where nothing else there was used or looked for',
    rules: 'process-directives.md',
  },
  choices: ['all', 'pid'],
  infer(profile, context, plans) {
    const why = notAtLevel(context, ['minimal']) ?? unseenStart(profile);
    if (why !== undefined) return why;
    const [beside] = Object.keys(profile.beside);
    if (beside !== undefined) return `what ${beside} looks for, which the unit runs beside it, is not known`;
    const refused = firstRefused(plans.behaviours, (behaviour) => refusal('pid', behaviour));
    if (refused !== undefined) return refused;
    const tried = Object.keys(profile.tried).find(isGone);
    if (tried !== undefined)
      return `it looked for ${JSON.stringify(tried)}, which may be there on another day`;
    return { value: 'pid', reason: 'Nothing in /proc but processes was used or looked for.', grants: [] };
  },
  ownsMounts: (value) => value !== 'all',
  mounts: (value, context) => (value === 'all' ? [] : apiFileSystems('ProcSubset', context)),
  denies: refusal,
});

function refusal(value: 'all' | 'pid', behaviour: Behaviour): string | undefined {
  const use = value === 'pid' ? touching(behaviour, ['/proc']) : undefined;
  if (use === undefined) return undefined;
  return [use.path, ...use.facts.real].some(isGone) ? 'ENOENT' : undefined;
}

function isGone(path: string): boolean {
  return path.startsWith('/proc/') && !stays.test(path);
}
