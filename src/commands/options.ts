import ms from 'ms';
import type { Argv } from 'yargs';
import { type Level, levels, type OnDeny, onDenyChoices } from '../directives/context.ts';

/** Who watches: strace alone, or the kernel too (BPF); `auto` asks the kernel where that is possible. */
export type Observer = 'auto' | 'strace' | 'bpf';
export const observers: readonly Observer[] = ['auto', 'strace', 'bpf'];

/** What every command that ends in a drop-in takes. */
export interface OutputOptions {
  output: string | undefined;
  force: boolean;
  format: 'drop-in' | 'json';
  profile: string | undefined;
  level: Level;
  systemd: number | undefined;
  onDeny: OnDeny;
  network: boolean;
  confine: boolean;
  acceptFailed: boolean;
  verbose: boolean;
  /** Files or names of the unit below the drop-in. */
  unit: string[];
  explain: string | undefined;
  comments: boolean;
}

export function outputOptions<T>(yargs: Argv<T>) {
  return versionOption(unitOption(yargs))
    .option('output', {
      alias: 'o',
      type: 'string',
      describe: 'Write to this file, apart from what the program prints',
      requiresArg: true,
    })
    .option('force', {
      type: 'boolean',
      default: false,
      describe: 'Replace the files of -o and --log if they exist',
    })
    .option('format', {
      choices: ['drop-in', 'json'] as const,
      default: 'drop-in' as const,
      describe: 'What to write',
    })
    .option('profile', {
      type: 'string',
      describe: 'Keep the profile in this file; merged with what it holds',
      requiresArg: true,
    })
    .option('level', {
      choices: levels,
      default: 'balanced' as Level,
      describe: 'How much more than seen is allowed',
    })
    .option('on-deny', {
      choices: onDenyChoices,
      default: 'errno' as OnDeny,
      describe: 'What a denied system call meets',
    })
    .option('confine', {
      type: 'boolean',
      default: false,
      describe: 'Show only what was needed of the file system',
    })
    .option('network', {
      type: 'boolean',
      default: false,
      describe: 'Let through only addresses and ports that were seen',
    })
    .option('accept-failed', {
      type: 'boolean',
      default: false,
      describe: 'Go on though nothing was read, or the target failed',
    })
    .option('explain', {
      type: 'string',
      requiresArg: true,
      describe: 'Print all the evidence of this directive instead of the drop-in',
    })
    .option('comments', {
      type: 'boolean',
      default: true,
      describe: 'Explain each setting (--no-comments: bare)',
    })
    .option('verbose', { type: 'boolean', default: false, describe: 'Show lines that could not be read' });
}

/** The unit that stands below a drop-in. */
export function unitOption<T>(yargs: Argv<T>) {
  return yargs.option('unit', {
    type: 'string',
    array: true,
    // Names of logs may follow.
    nargs: 1,
    describe: 'The unit below the drop-in: a file, or a name on this host',
  });
}

/** For which systemd; and what holds for the options of every command. */
export function versionOption<T>(yargs: Argv<T>) {
  return yargs
    .option('systemd', {
      type: 'number',
      describe: "For this version of systemd (default: the host's)",
      requiresArg: true,
    })
    .check((given) => {
      for (const [name, value] of Object.entries(given)) {
        // An alias stands here beside the name that it is for.
        if (name.length === 1) continue;
        if (Array.isArray(value) && !lists.has(name)) throw new Error(`--${name} can be given only once.`);
        if (value === '') throw new Error(`--${name} was given without a value.`);
      }
      const { systemd } = given;
      if (systemd !== undefined && !(Number.isInteger(systemd) && systemd > 0)) {
        throw new Error('--systemd takes a version number, such as 252.');
      }
      return true;
    });
}

/** What a log doesn't tell, and the user may know. */
export function logOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('cwd', {
      type: 'string',
      requiresArg: true,
      describe: 'Where the traced program was started',
    })
    .option('uid', {
      type: 'number',
      requiresArg: true,
      describe: 'The uid it was started with (default: 0)',
    })
    .option('root', {
      type: 'string',
      requiresArg: true,
      describe: 'The file system of the traced machine: a directory, or none',
    })
    .check(({ cwd, uid }) => {
      if (cwd !== undefined && !cwd.startsWith('/')) throw new Error('--cwd takes an absolute path.');
      if (uid !== undefined && !(Number.isInteger(uid) && uid >= 0)) throw new Error('--uid takes a number.');
      return true;
    });
}

/** Options and arguments that take several values. */
const lists = new Set(['pid', 'logs', 'unit']);

/** setTimeout() would take a longer time for none: https://nodejs.org/docs/latest-v20.x/api/timers.html */
const longest = 2 ** 31 - 1;

/** Milliseconds of `30s`, `5m`, `1h` or a bare number of seconds. Throws for anything else. */
export function durationOf(text: string): number {
  const bare = /^\d+(\.\d+)?$/.test(text);
  const milliseconds = bare ? Number(text) * 1000 : text === '' ? 0 : ms(text as ms.StringValue);
  if (milliseconds > longest) throw new Error('--duration takes at most 24d.');
  if (!(milliseconds > 0)) throw new Error(`--duration takes a time such as 30s, 5m or 1h, not "${text}".`);
  return milliseconds;
}
