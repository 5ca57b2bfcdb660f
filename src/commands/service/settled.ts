import { setTimeout as delay } from 'node:timers/promises';
import { systemctl, type UnitHost } from './unit-host.ts';
import { unitState } from './unit-state.ts';

/** A daemon that fails does so at once, or a moment after systemd was told that it runs. */
const watched = 2000;
const lookEvery = 200;

/**
 * Starts a service, or starts it anew, and looks whether it stays.
 * @returns undefined when it does; else why not, in one sentence
 */
export async function startsWell(
  host: UnitHost,
  unit: string,
  how: 'start' | 'restart',
): Promise<string | undefined> {
  // A unit that was not up may still count failures of before.
  await systemctl(host, 'reset-failed', '--', unit);
  const { exitCode } = await systemctl(host, how, '--', unit);
  if (exitCode !== 0) return failureOf(host, unit);
  const { restarts } = await unitState(host, unit);
  for (let left = watched; left > 0; left -= lookEvery) {
    const state = await unitState(host, unit);
    if (state.active === 'failed' || state.restarts > restarts || state.result !== 'success')
      return failureOf(host, unit);
    // A job that is done has nothing more to show.
    if (state.active === 'inactive') return undefined;
    await delay(lookEvery);
  }
  return undefined;
}

async function failureOf(host: UnitHost, unit: string): Promise<string> {
  const { result } = await unitState(host, unit);
  const journal = ['journalctl', ...(host.isUser ? ['--user'] : []), '-u', unit, '-n', '12', '-o', 'cat'];
  const { stdout } = await host.run([...journal, '--no-pager', '-q']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const own = lines.filter(
    (line) => !/^(?:Starting|Started|Stopping|Stopped|Failed to start|Finished) /.test(line),
  );
  const said = [...new Set(own.length > 0 ? own : lines)].slice(-3).map((line) => line.replace(/\.$/, ''));
  return `${unit} did not start (${result})${said.length === 0 ? '' : `: ${said.join(' / ')}`}`;
}
