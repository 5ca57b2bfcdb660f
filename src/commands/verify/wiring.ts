import type { Argv } from 'yargs';

/** `sandbox-profile verify …`: its arguments; the command itself is loaded when it is asked for. */
export function verifyArguments<T>(yargs: Argv<T>) {
  return yargs
    .positional('service', {
      type: 'string',
      demandOption: true,
      describe: 'The name of an installed service',
    })
    .positional('drop-in', {
      type: 'string',
      describe: "The drop-in's file; without, the unit's own sandbox is judged",
    })
    .option('exercise', {
      type: 'string',
      requiresArg: true,
      describe: 'Run this shell command in the machine to use the service',
    })
    .option('prepare', {
      type: 'string',
      requiresArg: true,
      describe: 'Run this shell command in the machine before it starts',
    })
    .option('refine', {
      type: 'boolean',
      default: false,
      describe: 'Change the drop-in until it holds, and write it',
    })
    .option('attacks', {
      type: 'boolean',
      describe:
        'Try what an attacker inside can do; without --exercise only that (--no-attacks leaves it out)',
    })
    .option('user', {
      type: 'boolean',
      default: false,
      describe: 'A service of your own manager (systemctl --user)',
    })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'How to write it',
    })
    .option('output', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      describe: 'Write to this file; with --refine the drop-in',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file of -o if it exists' })
    .check(({ exercise, attacks, refine, dropIn }) => {
      if (exercise === undefined && attacks === false)
        throw new Error('--no-attacks leaves only --exercise COMMAND to verify: give one.');
      if (refine && exercise === undefined) throw new Error('--refine needs --exercise.');
      if (refine && dropIn === undefined) throw new Error('--refine changes a drop-in: name one.');
      return true;
    })
    .epilogue('Exit status: 0 it holds, 3 it does not, 1 it could not be tried, 2 wrong usage.')
    .example(
      "$0 verify httpd mine.conf --exercise 'curl -sf localhost'",
      'Does it work, and what could an attacker inside still do?',
    )
    .example(
      "$0 verify httpd mine.conf --refine -o better.conf --exercise 'curl -sf localhost'",
      'Until it works',
    )
    .example('$0 verify httpd mine.conf --attacks', 'Only what an attacker could do')
    .example('$0 verify httpd', "The same in the unit's own sandbox");
}
