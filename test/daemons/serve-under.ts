import { setTimeout as delay } from 'node:timers/promises';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import type { Machine, RunResult } from '../../src/systemd/machine.ts';

/** A daemon as a test wants it started. */
export interface Daemon {
  /** The unit's name, without `.service`. */
  name: string;
  /** Exactly the command that was traced. */
  argv: readonly string[];
  /** Further lines of [Service]: `Type=forking`, `PIDFile=…`, `User=…`. */
  lines?: readonly string[];
  /** It counts as up when it listens here (and when systemd calls it active). */
  port: number;
  protocol?: 'tcp' | 'udp';
  /** Run in the machine when the daemon is up: its exit status says whether the daemon serves. */
  check: readonly string[];
  /** What the check must print, where its exit status is not enough. */
  prints?: RegExp;
}

/** How a daemon fared under a drop-in. */
export interface Served {
  /** It came up, passed the check, was still the same process then, and stopped as a healthy service does. */
  ok: boolean;
  /** The first thing that went wrong, in a few words; empty when nothing did. */
  why: string;
  check: RunResult | undefined;
  /** `ActiveState`, `SubState`, `Result`, `ExecMainCode`, `ExecMainStatus`, `NRestarts` … as after the check. */
  properties: Record<string, string>;
  /** `systemctl status`, as after the check. */
  status: string;
  /** All that the unit and systemd on its behalf have logged since this start. */
  journal: string;
}

const shown = 'ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,MainPID,NRestarts,StatusErrno';

/** What a unit in a machine must say after a clean stop. A daemon that the sandbox kills on its way out does not. */
const cleanResults = new Set(['success']);

/**
 * Starts a daemon in a machine under a drop-in, waits until it listens, checks it, and stops it.
 * @param dropIn the text of the drop-in; empty for none.
 * @param patience milliseconds that the daemon may take to come up
 */
export async function serveUnder(
  machine: Machine,
  daemon: Daemon,
  dropIn: string,
  patience = 15_000,
): Promise<Served> {
  const unit = `${daemon.name}.service`;
  const file = `/etc/systemd/system/${unit}`;
  const timeouts = [`TimeoutStartSec=${Math.ceil(patience / 1000)}`, 'TimeoutStopSec=10'];
  await machine.writeFile(file, minimalUnit(daemon.argv, [...timeouts, ...(daemon.lines ?? [])]));
  await machine.writeFile(`${file}.d/50-sandbox-profile.conf`, dropIn);
  await must(machine, ['systemctl', 'daemon-reload']);
  await machine.run(['systemctl', 'reset-failed', unit]);
  const begin = Date.now();

  let why = '';
  let check: RunResult | undefined;
  const start = await machine.run(['systemctl', 'start', unit], { timeout: patience + 10_000 });
  if (start.exitCode === 0) why = await waitUntilServing(machine, daemon, patience);
  else why = `did not start: ${start.stderr.split('\n')[0]}`;
  const pid = await property(machine, unit, 'MainPID');
  if (why === '') {
    check = await machine.run(daemon.check, { timeout: 20_000 });
    why = whatCheckSays(daemon, check);
  }
  const properties = await show(machine, unit);
  const status = (await machine.run(['systemctl', 'status', '--no-pager', '--full', '--lines=0', unit]))
    .stdout;
  if (why === '' && properties.ActiveState !== 'active') why = 'was not active any more after the check';
  if (why === '' && properties.MainPID !== pid) why = 'was restarted during the check';
  await machine.run(['systemctl', 'stop', unit], { timeout: 20_000 });
  const result = await property(machine, unit, 'Result');
  if (why === '' && !cleanResults.has(result)) why = `did not stop cleanly: Result=${result}`;
  return {
    ok: why === '',
    why,
    check,
    properties,
    status,
    journal: await journalSince(machine, unit, begin),
  };
}

/** One text with all that helps to see why a daemon failed: for the message of an assertion. */
export function explain(served: Served): string {
  const properties = Object.entries(served.properties).map(([key, value]) => `${key}=${value}`);
  const check = served.check
    ? `${served.check.exitCode}: ${served.check.stdout}\n${served.check.stderr}`
    : 'not run';
  return [
    `why: ${served.why || 'all went well'}`,
    properties.join(' '),
    served.status,
    `check: ${check}`,
    `journal:\n${served.journal}`,
  ].join('\n');
}

function whatCheckSays(daemon: Daemon, { exitCode, stdout, stderr, timedOut }: RunResult): string {
  if (timedOut) return 'the check did not end';
  if (exitCode !== 0) return `the check failed with ${exitCode}: ${stderr.split('\n').at(-1)}`;
  if (daemon.prints && !daemon.prints.test(stdout))
    return `the check printed ${JSON.stringify(stdout.slice(0, 200))}`;
  return '';
}

/** Looks until the port is open. @returns why it never was, or nothing. */
async function waitUntilServing(machine: Machine, daemon: Daemon, patience: number): Promise<string> {
  const protocol = daemon.protocol ?? 'tcp';
  const deadline = Date.now() + patience;
  for (;;) {
    const sockets = await machine.run(['cat', `/proc/net/${protocol}`, `/proc/net/${protocol}6`]);
    if (isOpen(sockets.stdout, protocol, daemon.port)) return '';
    const state = await property(machine, `${daemon.name}.service`, 'ActiveState');
    if (state !== 'active') return `is ${state} instead of listening`;
    if (Date.now() > deadline) return `does not listen on port ${daemon.port} after ${patience} ms`;
    await delay(20);
  }
}

/** https://docs.kernel.org/networking/proc_net_tcp.html: `sl local_address rem_address st …`, numbers in hexadecimal. */
export function isOpen(table: string, protocol: 'tcp' | 'udp', port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').some((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local?.endsWith(`:${wanted}`) === true && state === (protocol === 'tcp' ? '0A' : '07');
  });
}

async function show(machine: Machine, unit: string): Promise<Record<string, string>> {
  const { stdout } = await must(machine, ['systemctl', 'show', '-p', shown, unit]);
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

async function property(machine: Machine, unit: string, name: string): Promise<string> {
  return (await must(machine, ['systemctl', 'show', '-P', name, unit])).stdout;
}

/** Not by --after-cursor: with a filter it passes over one line too many. Nor by -u: that trusts UNIT= only from PID 1. */
async function journalSince(machine: Machine, unit: string, begin: number): Promise<string> {
  await machine.run(['journalctl', '--sync']);
  const which = [`--since=@${(begin / 1000).toFixed(3)}`, `_SYSTEMD_UNIT=${unit}`, '+', `UNIT=${unit}`];
  return (await machine.run(['journalctl', '--no-pager', '-o', 'short-monotonic', ...which])).stdout;
}

async function must(machine: Machine, argv: readonly string[]): Promise<RunResult> {
  const result = await machine.run(argv);
  if (result.exitCode !== 0) throw new Error(`${argv.join(' ')} failed in the machine: ${result.stderr}`);
  return result;
}
