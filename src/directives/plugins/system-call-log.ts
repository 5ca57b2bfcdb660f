import { directive } from '../directive.ts';
import { appended } from '../unit-values.ts';

/** The calls and groups that are not logged. */
type Unlogged = string[];

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallLog=
 *
 * A dry run: nothing is refused, and each call that the filter would refuse is logged. The kernel limits how many such lines
 * it writes, so a busy daemon's log is not complete: https://docs.kernel.org/admin-guide/sysctl/kernel.html#printk-ratelimit
 */
export const systemCallLog = directive<Unlogged>({
  name: 'SystemCallLog',
  since: 247,
  about: {
    denies: 'Nothing: calls outside the list are logged',
    when: 'Only with --on-deny log, a dry run in which all other lines are comments',
    rules: 'levels.md',
  },
  observes: [],
  inDryRun: true,
  infer(profile, context, plans) {
    if (context.onDeny !== 'log') return 'only in a dry run (--on-deny log)';
    const names = [...plans.calls.keys()].filter((name) => context.groups.known(name)).sort();
    const unknown = Object.keys(profile.syscalls).filter((name) => !context.groups.known(name));
    return {
      value: ['@default', ...names.filter((name) => !context.groups.members('@default').has(name))],
      reason:
        'A dry run: calls outside this list are logged (SECCOMP records of the kernel), none is refused.',
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
  remedy: () => ({ how: 'take out', assignment: { key: 'SystemCallLog', words: [], style: 'plain' } }),
  besides: (value) => value,
  assignments: (value) => [
    { key: 'SystemCallLog', words: [], style: 'plain' },
    { key: 'SystemCallLog', words: value.map((word, at) => (at === 0 ? `~${word}` : word)), style: 'plain' },
  ],
});
