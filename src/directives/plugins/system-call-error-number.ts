import { constants } from 'node:os';
import { directive } from '../directive.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallErrorNumber=
 *
 * The empty value means what systemd does without it: the process is killed, and the kernel logs it.
 */
export const systemCallErrorNumber = directive<string>({
  name: 'SystemCallErrorNumber',
  since: 209,
  about: {
    denies: 'Nothing by itself: what a refused call meets',
    when: 'With a filter: EPERM; with --on-deny kill the daemon is killed',
    rules: 'levels.md',
  },
  observes: [],
  infer(_profile, context) {
    if (context.onDeny === 'log') return 'in a dry run (--on-deny log) no call is refused';
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
  read(unit) {
    const last = unit('SystemCallErrorNumber').at(-1);
    const word = last?.words[0];
    return word === undefined || word === 'kill' ? undefined : word;
  },
  denies: () => undefined,
  remedy: () => ({
    how: 'take out',
    assignment: { key: 'SystemCallErrorNumber', words: [], style: 'plain' },
  }),
  besides: (value, unit) => (value === unit ? undefined : value),
  ignores: (words) => {
    const [word = 'kill', ...rest] = words;
    const isNumber = /^[1-9]\d{0,3}$/.test(word) && Number(word) <= 4095;
    return rest.length === 0 && (isNumber || word === 'kill' || Object.hasOwn(constants.errno, word))
      ? []
      : [...words];
  },
  assignments: (value) => [
    { key: 'SystemCallErrorNumber', words: value === '' ? [] : [value], style: 'plain' },
  ],
});
