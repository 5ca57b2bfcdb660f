import type { UnitLine } from '../../systemd/unit-text.ts';
import { liftSettings } from './lifted-settings.ts';
import { tellMainProcess } from './main-process.ts';
import { ownCommand } from './own-command.ts';
import { letStraceIn } from './strace-inside.ts';
import type { UnitState } from './unit-state.ts';
import { literalWord } from './unit-word.ts';
import { type Tracer, wrapCommands } from './wrapped-commands.ts';

/** Read after every other drop-in that is there, as its name says. */
export const traceDropInName = 'zz-sandbox-profile-trace.conf';

export interface TracePlan {
  unit: string;
  lines: readonly UnitLine[];
  state: UnitState;
  tracer: Tracer;
  keepSandbox: boolean;
  /** A user's own manager has no other users. */
  isUser: boolean;
  /** A unit that keeps an eye on the traces; undefined where nobody needs to. */
  companion: string | undefined;
}

export interface TraceDropIn {
  text: string;
  /** What is not as it would be without it: one sentence each. */
  warnings: string[];
  /** Settings of the unit that are lifted. */
  lifted: string[];
}

/**
 * The drop-in under which all commands of a unit run under strace, and else as they do without it.
 * `strace -D` makes the tracer a grandchild: process number, parent, readiness messages, sockets and end are the daemon's own.
 * https://man7.org/linux/man-pages/man1/strace.1.html
 */
export function traceDropIn(plan: TracePlan): TraceDropIn {
  const { unit, lines, state, tracer, keepSandbox } = plan;
  const guesses = state.type === 'forking' && state.pidFile === '' && state.guessesMainPid;
  const isDeaf = guesses && state.hears === 'none';
  const words = isDeaf ? [...tracer.words.slice(0, -1), '-E', 'NOTIFY_SOCKET', '-o'] : tracer.words;
  const { lines: commands, untraced } = wrapCommands(lines, { ...tracer, words });
  const lifted = keepSandbox ? [] : liftSettings(lines, unit);
  const programs = [tracer.words[0] ?? '', ...(tracer.bash === undefined ? [] : [tracer.bash])];
  // DynamicUser= brings a read-only file system of its own, which nothing lifts.
  const allowed =
    keepSandbox || state.isDynamicUser || state.root !== ''
      ? letStraceIn(keepSandbox ? lines : rootsOf(lines), programs, tracer.traces)
      : [];
  const service: [string, string][] = [
    ...lifted,
    ...allowed,
    ...timeouts(state),
    ...watchdog(lines),
    ...withOwn(commands, 'ExecStartPre', makeDirectory(plan), 'ExecCondition'),
  ];
  if (guesses) {
    if (isDeaf) service.push(['NotifyAccess', 'all']);
    const posts = service.findIndex(([key, text]) => key === 'ExecStartPost' && text === '');
    service.splice(posts < 0 ? service.length : posts + 1, 0, ['ExecStartPost', tellMainProcess()]);
  }
  const text = [
    `# Written by sandbox-profile: traces every command of this service. \`${ownCommand(plan, 'reset', unit)}\` takes it away.`,
    '[Unit]',
    'StartLimitIntervalSec=0',
    ...(plan.companion === undefined ? [] : [`Wants=${plan.companion}`]),
    '[Service]',
    ...service.map(([key, value]) => `${key}=${value}`),
    '',
  ].join('\n');
  const warnings = [...untraced];
  if (state.user !== '' && state.user !== 'root')
    warnings.push(
      `strace runs as ${state.user}, as the daemon does: set-user-ID programs that it starts get no other user's rights while it is traced.`,
    );
  return { text, warnings, lifted: [...new Set(lifted.map(([key]) => key))] };
}

function rootsOf(lines: readonly UnitLine[]): UnitLine[] {
  return lines.filter(({ key }) => key === 'RootDirectory' || key === 'RootImage');
}

/** Each run has a directory that only the user of the unit may enter. It is made by root, outside of the sandbox. */
function makeDirectory({ state, tracer, isUser }: TracePlan): string {
  const isRoot = !state.isDynamicUser && (state.user === '' || state.user === 'root');
  const owner = isUser || isRoot ? [] : ['-o', state.isDynamicUser ? `\${USER}` : literalWord(state.user)];
  const directory = `${literalWord(tracer.traces)}/\${INVOCATION_ID}`;
  return ['+/usr/bin/install', '-d', '-m', '0700', ...owner, directory].join(' ');
}

/** A command of ours before those of the unit. */
function withOwn(
  commands: readonly [string, string][],
  key: string,
  own: string,
  earlier: string,
): [string, string][] {
  const isThere = (name: string) => commands.some(([other]) => other === name);
  const first = isThere(earlier) ? earlier : key;
  if (!isThere(first)) return [[first, own], ...commands];
  const at = commands.findIndex(([name]) => name === first);
  return [...commands.slice(0, at + 1), [first, own], ...commands.slice(at + 1)];
}

/** Everything takes longer under strace. What waits for ever already goes on doing so. */
function timeouts({ startTimeout, stopTimeout }: UnitState): [string, string][] {
  const raised: [string, string][] = [];
  if (startTimeout !== 'infinity') raised.push(['TimeoutStartSec', '15min']);
  if (stopTimeout !== 'infinity') raised.push(['TimeoutStopSec', '5min']);
  return raised;
}

/** A daemon that sends signs of life goes on sending them; systemd waits longer for each. */
function watchdog(lines: readonly UnitLine[]): [string, string][] {
  const own = lines.filter(({ section, key }) => section === 'Service' && key === 'WatchdogSec').at(-1);
  return own === undefined || /^(?:0|infinity|)$/.test(own.text) ? [] : [['WatchdogSec', '5min']];
}
