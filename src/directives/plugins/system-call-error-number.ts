import { directive } from '../directive.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallErrorNumber=
 *
 * The empty value means what systemd does without it: the process is killed, and the kernel logs it.
 */
export const systemCallErrorNumber = directive<'EPERM' | ''>({
  name: 'SystemCallErrorNumber',
  since: 209,
  observes: [],
  infer(_profile, context) {
    if (context.onDeny === 'log') return undefined;
    return context.onDeny === 'kill'
      ? {
          value: '',
          reason: 'A system call outside the list kills the daemon, and the kernel logs it.',
          grants: [],
        }
      : {
          value: 'EPERM',
          reason: 'A system call outside the list fails like one without permission; nothing is logged.',
          grants: [],
        };
  },
  denies: () => undefined,
  assignments: (value) => [
    { key: 'SystemCallErrorNumber', words: value === '' ? [] : [value], style: 'plain' },
  ],
});
