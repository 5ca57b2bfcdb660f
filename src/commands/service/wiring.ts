import type { Argv } from 'yargs';
import { outputOptions } from '../options.ts';

type RunTask = (task: () => Promise<void>) => void;

const megabyte = 2 ** 20;
const largestByDefault = '1G';

/** `sandbox-profile service …`: what an administrator does with an installed unit. Each command is loaded when it is asked for. */
export function serviceCommand<T>(yargs: Argv<T>, run: RunTask) {
  return yargs
    .command(
      'start <service>',
      'Trace an installed service from now on, over restarts and reboots',
      (command) =>
        keepSandboxOption(restartOption(userOption(serviceArgument(command))))
          .option('max-size', {
            type: 'string',
            default: largestByDefault,
            requiresArg: true,
            describe: 'End the tracing where traces grow over this',
          })
          .check(({ maxSize }) => bytesOf(String(maxSize)) > 0)
          .example('$0 service start httpd', 'Restarts it under strace; use it for a while')
          .example('$0 service start --no-restart --max-size 4G httpd', 'From its next start on'),
      (given) =>
        run(async () => {
          const { startService } = await import('./start.ts');
          await startService({ ...given, maxSize: bytesOf(given.maxSize) });
        }),
    )
    .command(
      'finish <service>',
      'End the tracing, and write the drop-in',
      (command) =>
        restartOption(userOption(serviceArgument(outputOptions(command).hide('unit'))))
          .option('apply', {
            type: 'boolean',
            default: false,
            describe: 'Install the drop-in and restart; put all back where the unit fails',
          })
          .check(({ apply, explain, format, output }) => {
            if (apply && explain !== undefined) throw new Error('--apply and --explain exclude each other.');
            if (apply && format === 'json' && output === undefined)
              throw new Error('--format json with --apply takes -o FILE: the drop-in is installed.');
            return true;
          })
          .example('$0 service finish -o 50-sandbox-profile.conf httpd', 'Write the drop-in')
          .example('$0 service finish --apply httpd', 'Install it, and look whether the service starts'),
      (given) =>
        run(async () => {
          const { finishService } = await import('./finish.ts');
          await finishService({ ...given, ...outputOf(given) });
        }),
    )
    .command(
      'reset <service>',
      'Take away everything of ours: drop-ins and traces',
      (command) =>
        restartOption(userOption(serviceArgument(command))).example(
          '$0 service reset httpd',
          'As it was before',
        ),
      (given) =>
        run(async () => {
          const { resetService } = await import('./reset.ts');
          await resetService(given);
        }),
    )
    .command(
      'status [service]',
      'Tell what is traced, and what was seen so far',
      (command) =>
        userOption(command.positional('service', { type: 'string', describe: 'Only this one' }))
          .option('format', {
            choices: ['text', 'json'] as const,
            default: 'text' as const,
            describe: 'How to write it',
          })
          .example('$0 service status', 'All of them'),
      (given) =>
        run(async () => {
          const { serviceStatus } = await import('./status.ts');
          await serviceStatus({ ...given, service: given.service });
        }),
    )
    .command(
      'profile <service>',
      'Trace it in a throw-away machine; the live service is not touched',
      (command) =>
        keepSandboxOption(userOption(serviceArgument(outputOptions(command).hide('unit'))))
          .option('exercise', {
            type: 'string',
            demandOption: true,
            requiresArg: true,
            describe: 'Run this shell command in the machine once the service is up',
          })
          .option('reload', {
            type: 'boolean',
            default: true,
            describe: 'Also watch a reload (--no-reload leaves it out)',
          })
          .option('prepare', {
            type: 'string',
            requiresArg: true,
            describe: 'Run this shell command in the machine before it starts',
          })
          .example("$0 service profile --exercise 'curl -sf localhost' httpd", 'Needs root, and cgroup v2'),
      (given) =>
        run(async () => {
          const { profileService } = await import('./profile-service.ts');
          await profileService({ ...given, ...outputOf(given), prepare: given.prepare });
        }),
    )
    .command(
      'tend <service>',
      // What the companion unit runs.
      false,
      (command) => userOption(serviceArgument(command)),
      (given) =>
        run(async () => {
          const { tendService } = await import('./tend.ts');
          await tendService(given);
        }),
    )
    .demandCommand(1, 'Name what to do: start, finish, reset, status or profile.');
}

function outputOf<T extends { unit?: string[] | undefined }>(given: T & Partial<Outputs>) {
  const { output, profile, systemd, explain } = given;
  return { output, profile, systemd, explain, unit: given.unit ?? [] };
}

interface Outputs {
  output: string | undefined;
  profile: string | undefined;
  systemd: number | undefined;
  explain: string | undefined;
}

function serviceArgument<T>(yargs: Argv<T>) {
  return yargs.positional('service', {
    type: 'string',
    demandOption: true,
    describe: 'The name of an installed service',
  });
}

function userOption<T>(yargs: Argv<T>) {
  return yargs.option('user', {
    type: 'boolean',
    default: false,
    describe: 'A service of your own manager (systemctl --user)',
  });
}

function restartOption<T>(yargs: Argv<T>) {
  return yargs.option('restart', {
    type: 'boolean',
    default: true,
    describe: 'Restart the service now (--no-restart: leave that to others)',
  });
}

function keepSandboxOption<T>(yargs: Argv<T>) {
  return yargs.option('keep-sandbox', {
    type: 'boolean',
    default: false,
    describe: "Trace inside the unit's own sandbox, not without it",
  });
}

/** `500M`, `4G`. Throws for anything else. */
function bytesOf(text: string): number {
  const [, number, unit = 'M'] = /^(\d{1,6})([MGT])?i?B?$/.exec(text) ?? [];
  const factor = { M: 1, G: 1024, T: 1024 ** 2 }[unit] ?? 1;
  const bytes = Number(number) * factor * megabyte;
  if (!(bytes >= megabyte)) throw new Error(`--max-size takes a size such as 500M or 4G, not "${text}".`);
  return bytes;
}
