import type { Profile } from '../../profile/profile.ts';
import { coverDenied } from '../../syscall-groups/cover.ts';
import type { Context } from '../context.ts';
import { type Assignment, directive } from '../directive.ts';
import type { Plans } from '../plans.ts';
import { appended } from '../unit-values.ts';
import { refusedCalls } from '../wanted-calls.ts';

/** The calls and groups that are logged, or, behind a `~`, all but which are. */
type Logged = string[];

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallLog=
 *
 * A dry run: nothing is refused, and each call that the filter would refuse is logged. The kernel limits how many such lines
 * it writes, so a busy daemon's log is not complete: https://docs.kernel.org/admin-guide/sysctl/kernel.html#printk-ratelimit
 */
export const systemCallLog = directive<Logged>({
  name: 'SystemCallLog',
  since: 247,
  about: {
    denies: 'Nothing: calls that the filter would refuse are logged',
    when: 'Only with --on-deny log, a dry run in which all other lines are comments',
    rules: 'levels.md',
  },
  observes: [],
  inDryRun: true,
  infer(profile, context, plans) {
    if (context.onDeny !== 'log') return 'only in a dry run (--on-deny log)';
    const isDenyList = context.level === 'relaxed';
    const unknown = isDenyList
      ? []
      : Object.keys(profile.syscalls).filter((name) => !context.groups.known(name));
    return {
      value: isDenyList ? refused(profile, context, plans) : allButAllowed(context, plans),
      reason: isDenyList
        ? 'A dry run: calls that would be refused are logged (SECCOMP records of the kernel), none is refused.'
        : 'A dry run: calls outside this list are logged (SECCOMP records of the kernel), none is refused.',
      grants: [],
      warnings: [
        'The kernel limits how many records of denied calls it logs: a call that is missing in the log may still have been made.',
        ...unknown.map(
          (name) =>
            `${context.groups.source} does not know the system call ${name}, which was seen: it will be logged.`,
        ),
      ],
    };
  },
  read: (unit) => appended(unit('SystemCallLog')),
  denies: () => undefined,
  remedy: () => ({ how: 'take out', assignment: line([]) }),
  besides: (value) => value,
  assignments: (value) => [line([]), line(value)],
});

function line(words: string[]): Assignment {
  return { key: 'SystemCallLog', words, style: 'plain' };
}

function refused(profile: Profile, context: Context, plans: Plans): Logged {
  return coverDenied(refusedCalls(profile, context, plans), context.groups, context.architecture);
}

function allButAllowed(context: Context, plans: Plans): Logged {
  const names = [...plans.calls.keys()].filter((name) => context.groups.known(name)).sort();
  const rest = names.filter((name) => !context.groups.members('@default').has(name));
  return ['~@default', ...rest];
}
