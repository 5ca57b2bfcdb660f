#!/usr/bin/env node
import { toolVersion } from './commands/version.ts';

/** Exit statuses of all commands: 0 done and holds, 1 could not be done, 2 wrong usage, 3 judged and does not hold. */
const couldNotBeDone = 1;
const wrongUsage = 2;

const explainIsText = '--explain prints text; --format json has the evidence of all directives.';
const nameALog = 'Name a log that strace wrote, a profile, or - for standard input.';

const argv = process.argv.slice(2);
// What stands behind `--` is the program's own, options and all; behind that of replay, the names of logs.
const dashes = argv.indexOf('--');
const own = dashes < 0 ? argv : argv.slice(0, dashes);
const program = dashes < 0 ? [] : argv.slice(dashes + 1);
// A lone `-` is standard input; yargs keeps it as the value of an option, but drops it from the names of logs.
const standardInput = own.filter(
  (word, at) => word === '-' && !['-o', '--output'].includes(own[at - 1] ?? ''),
);

// A terminal that is gone, or a reader of our messages that is, must not cost the drop-in.
process.stderr.on('error', () => {});

/** What the command line asks for. */
class Chosen {
  readonly task: () => Promise<void>;
  constructor(task: () => Promise<void>) {
    this.task = task;
  }
}

/**
 * Throws what is to be done out of yargs: behind a handler that returns, it writes all of the help, in case that a later one fails, and
 * that takes longer than all the rest.
 */
function run(task: () => Promise<void>): never {
  throw new Chosen(task);
}

if (own.length === 1 && own[0] === '--version') {
  // Asked by scripts; reading a command line costs more time than all the rest of the answer.
  process.stdout.write(`${toolVersion()}\n`);
  process.exit(0);
}

const { durationOf, logOptions, observers, outputOptions, unitOption, versionOption } = await import(
  './commands/options.ts'
);
const { serviceCommand } = await import('./commands/service/wiring.ts');
const { usageMessage } = await import('./commands/usage-error.ts');
const { verifyArguments } = await import('./commands/verify/wiring.ts');

const { default: yargs } = await import('yargs');
const commandLine = yargs(own)
  .scriptName('sandbox-profile')
  .usage('$0 [options] -- PROGRAM [ARGUMENTS]\n$0 replay [options] LOG...\n$0 check [options] DROP-IN LOG...')
  .version(toolVersion())
  .strict()
  .locale('en')
  .wrap(Math.min(100, process.stdout.columns || 100))
  .command(
    '$0',
    'Watch a daemon, write its systemd sandbox',
    (command) =>
      outputOptions(command)
        .option('exercise', {
          type: 'string',
          requiresArg: true,
          describe: 'Run this shell command once the target listens, then stop it',
        })
        .option('duration', {
          type: 'string',
          requiresArg: true,
          describe: 'Stop the target after 30s, 5m, 1h',
        })
        .option('pid', {
          type: 'number',
          array: true,
          requiresArg: true,
          describe: 'Attach to what already runs',
        })
        .option('user', { type: 'string', requiresArg: true, describe: 'Start the target as this user' })
        .option('log', { type: 'string', requiresArg: true, describe: 'Keep the trace in this file' })
        .option('observer', {
          choices: observers,
          default: 'auto' as const,
          describe: 'Who watches: strace alone, or the kernel too',
        })
        .option('exact', {
          type: 'boolean',
          default: false,
          describe: 'Watch every call, also harmless ones',
        })
        .check(({ duration, pid, user, explain, format }) => {
          if (explain !== undefined && format === 'json') throw new Error(explainIsText);
          if (typeof duration === 'string') durationOf(duration);
          const pids = pid ?? [];
          if (pids.length > 0 && program.length > 0)
            throw new Error('--pid and a program exclude each other.');
          if (pids.length > 0 && user !== undefined)
            throw new Error('--user is for a program to start, not for --pid.');
          if (pids.some((pid) => !Number.isSafeInteger(pid) || pid < 1))
            throw new Error('--pid takes the number of a process, such as 4711.');
          if (pids.length === 0 && program.length === 0) {
            throw new Error('Name a program behind --, a running process with --pid, or a log with replay.');
          }
          return true;
        })
        .example('$0 -- /usr/sbin/httpd', 'Watch it until Ctrl-C, while you use it')
        .example('$0 --exercise ./use-it.sh -- httpd', 'Let a command use it')
        .example('$0 --duration 30s -- httpd', 'Watch for half a minute')
        .example('$0 --pid 4711', 'Attach to what already runs')
        .example('$0 replay httpd.strace', 'Read what `strace -f -o httpd.strace …` wrote'),
    (options) =>
      run(async () => {
        const { observe } = await import('./commands/observe.ts');
        await observe({
          ...options,
          output: options.output,
          profile: options.profile,
          systemd: options.systemd,
          unit: options.unit ?? [],
          explain: options.explain,
          argv: program,
          pids: options.pid ?? [],
          user: options.user,
          log: options.log,
          exercise: options.exercise,
          duration: options.duration === undefined ? undefined : durationOf(options.duration),
        });
      }),
  )
  .command(
    'replay [logs..]',
    'Make a drop-in from saved logs (- is standard input)',
    (command) =>
      logOptions(
        outputOptions(
          command.positional('logs', {
            type: 'string',
            array: true,
            default: [] as string[],
            defaultDescription: 'none',
            describe: 'Logs or profiles',
          }),
        ),
      )
        .check(({ logs, explain, format }) => {
          if (explain !== undefined && format === 'json') throw new Error(explainIsText);
          if (logs.length + standardInput.length + program.length === 0) throw new Error(nameALog);
          return true;
        })
        .epilogue('Exit status: 0 done, 1 could not be done, 2 wrong usage.')
        .example('$0 replay httpd.strace', 'What `strace -f -o httpd.strace …` wrote, on any machine')
        .example('strace -f -o /dev/stdout true | $0 replay -', 'From a pipe')
        .example('$0 replay --explain ReadWritePaths httpd.strace', 'Which calls asked for it, and where')
        .example('$0 replay --unit httpd.service httpd.strace', 'Only what this unit does not have yet')
        .example('$0 replay --level minimal --no-comments httpd.strace', 'What was seen, and bare settings')
        .example('$0 replay --profile httpd.json monday.strace tuesday.strace', 'Several days, one profile'),
    (options) =>
      run(async () => {
        const { replay } = await import('./commands/replay.ts');
        await replay({
          ...options,
          logs: [...options.logs, ...standardInput, ...program],
          output: options.output,
          profile: options.profile,
          systemd: options.systemd,
          unit: options.unit ?? [],
          explain: options.explain,
          cwd: options.cwd,
          uid: options.uid,
          root: options.root,
        });
      }),
  )
  .command(
    'check <drop-in> [logs..]',
    'Tell what a drop-in would refuse of saved logs',
    (command) =>
      logOptions(
        versionOption(
          unitOption(
            command
              .positional('drop-in', {
                type: 'string',
                demandOption: true,
                describe: 'A unit file, a drop-in, or the name of an installed unit',
              })
              .positional('logs', {
                type: 'string',
                array: true,
                default: [] as string[],
                defaultDescription: 'none',
                describe: 'Logs or profiles',
              })
              .option('format', {
                choices: ['text', 'json'] as const,
                default: 'text' as const,
                describe: 'How to write it',
              }),
          ),
        ),
      )
        .check(({ logs }) => {
          if (logs.length + standardInput.length + program.length === 0) throw new Error(nameALog);
          return true;
        })
        .epilogue(
          'Exit status: 0 nothing would be refused, 3 something would, 1 it could not be judged, 2 wrong usage.',
        )
        .example('$0 check 50-sandbox-profile.conf httpd.strace', 'What would break under it?')
        .example('$0 check --unit httpd.service mine.conf httpd.json', 'A drop-in over the unit of this host')
        .example('$0 check httpd.service httpd.strace', 'An installed unit, with all its drop-ins')
        .example(
          '$0 check --systemd 239 --format json mine.conf httpd.strace',
          'For another machine, for a program',
        ),
    (options) =>
      run(async () => {
        const { check } = await import('./commands/check.ts');
        process.exitCode = await check({
          ...options,
          dropIn: options.dropIn,
          units: options.unit ?? [],
          logs: [...options.logs, ...standardInput, ...program],
          cwd: options.cwd,
          uid: options.uid,
          root: options.root,
          systemd: options.systemd,
        });
      }),
  )
  .command('service', 'Profile an installed service in its own context', (command) =>
    serviceCommand(command, run),
  )
  .command('verify <service> [drop-in]', 'Try a service under a drop-in', verifyArguments, (options) =>
    run(async () => {
      const { verify } = await import('./commands/verify/verify.ts');
      process.exitCode = await verify({
        ...options,
        dropIn: options.dropIn,
        exercise: options.exercise,
        prepare: options.prepare,
        attacks: options.attacks,
        output: options.output,
      });
    }),
  )
  .fail((message, error) => {
    if (error !== undefined && error !== null && message === null) throw error;
    const command = ['replay', 'check', 'service', 'verify'].find((name) => own.includes(name));
    const said = usageMessage(message, command !== undefined);
    process.stderr.write(
      `sandbox-profile: ${said}\nTry: sandbox-profile${command === undefined ? '' : ` ${command}`} --help\n`,
    );
    process.exit(wrongUsage);
  });

try {
  await (await chosen())?.task();
} catch (error) {
  const { explain } = await import('./commands/explain-error.ts');
  process.stderr.write(`sandbox-profile: ${explain(error)}\n`);
  process.exitCode = couldNotBeDone;
}

async function chosen(): Promise<Chosen | undefined> {
  try {
    await commandLine.parseAsync();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Chosen) return thrown;
    throw thrown;
  }
}
