import type { Profile } from '../../profile/profile.ts';
import { apiFileSystems } from '../api-file-systems.ts';
import { type Behaviour, touching } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { isWhole } from '../whole-trace.ts';

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
    if (context.level !== 'minimal' || !isWhole(profile)) return undefined;
    // What those would look for is not known.
    if (Object.keys(profile.beside).length > 0) return undefined;
    if (plans.behaviours.some((behaviour) => refusal('pid', behaviour) !== undefined)) return undefined;
    if (triesOthers(profile)) return undefined;
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

/** What failed may be there on another day, or another machine. */
function triesOthers({ tried }: Profile): boolean {
  return Object.keys(tried).some(isGone);
}

function isGone(path: string): boolean {
  return path.startsWith('/proc/') && !stays.test(path);
}
