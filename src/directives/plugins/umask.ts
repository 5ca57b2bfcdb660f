import { isBelow } from '../../paths/covering-tree.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Context } from '../context.ts';
import { type Assignment, directive } from '../directive.ts';
import { madePaths } from '../made-files.ts';
import { notAtLevel } from '../on-off.ts';
import type { Plans } from '../plans.ts';
import { lastOf } from '../unit-values.ts';
import { unseenStart } from '../whole-trace.ts';
import { privateTmp } from './private-tmp.ts';

/** What systemd sets unasked. */
const usual = 0o022;

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#UMask=
 *
 * A mask refuses its own process nothing: it takes bits from the modes of new files, and who may read these is the affair of
 * others. So it is tightened only where no new file was seen that others could see, and `denies` has nothing to say.
 */
export const umask = directive<number>({
  name: 'UMask',
  since: 187,
  about: {
    denies: 'Reading by others of what it makes',
    when: 'The whole trace made nothing outside of a private /tmp, and umask(2) was not called',
    rules: 'process-directives.md',
  },
  observes: ['umask', 'mq_open'],
  infer(profile, context, plans) {
    const why = whyNot(profile, context, plans);
    if (why !== undefined) return why;
    return {
      value: 0o077,
      reason: 'It made no file that anybody else could see, and set no mask itself.',
      grants: [],
    };
  },
  read: (unit) => lastOf(unit('UMask'), modeOf),
  denies: () => undefined,
  remedy: () => ({ how: 'add', assignment: write(usual) }),
  // A mask that takes less than the usual one was set for files that are shared.
  besides: (value, unit) => ((unit & usual) !== usual || (unit & value) === value ? undefined : value),
  ignores: (words) => (words.length === 1 && modeOf(words[0] ?? '') !== undefined ? [] : [...words]),
  assignments: (value) => [write(value)],
});

function write(value: number): Assignment {
  return { key: 'UMask', words: [value.toString(8).padStart(4, '0')], style: 'plain' };
}

/** Octal, and nothing else: https://github.com/systemd/systemd/blob/v252/src/basic/parse-util.c (parse_mode) */
function modeOf(word: string): number | undefined {
  return /^0*[0-7]{1,4}$/.test(word) ? Number.parseInt(word, 8) : undefined;
}

/** Things that make new files with a mask of their own, or whose modes depend on the unit's. */
function whyNot(profile: Profile, context: Context, plans: Plans): string | undefined {
  const why = notAtLevel(context) ?? unseenStart(profile);
  if (why !== undefined) return why;
  if (Object.hasOwn(profile.syscalls, 'umask')) return 'the daemon sets its mask itself';
  if (Object.hasOwn(profile.syscalls, 'mq_open')) return 'message queues have modes too';
  if (Object.keys(profile.beside).length > 0) return 'what other commands of the unit make is not known';
  if (Object.keys(profile.unresolved).length > 0) return 'some paths could not be placed';
  if (context.level !== 'minimal' && Object.keys(profile.shipped).length > 0)
    return 'its package ships directories in which it will make files';
  const hasOwnTmp = privateTmp.settle(profile, context, plans) !== undefined;
  const isHidden = (path: string) => hasOwnTmp && ['/tmp', '/var/tmp'].some((place) => isBelow(path, place));
  const seen = madePaths(profile).find((path) => !isHidden(path));
  return seen === undefined ? undefined : `others may see what it makes: ${JSON.stringify(seen)}`;
}
