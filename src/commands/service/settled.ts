import { setTimeout as delay } from 'node:timers/promises';
import { journalOf, systemctl, type UnitHost } from './unit-host.ts';
import { unitState } from './unit-state.ts';

/** A daemon that fails does so at once, or a moment after systemd was told that it runs. */
const watched = 2000;
const lookEvery = 200;

/**
 * Starts a service, or starts it anew, and looks whether it stays. One that ends well, or that systemd starts again after it has
 * ended well, does what its unit means.
 * @returns undefined when it does; else why not, in one sentence
 */
export async function startsWell(
  host: UnitHost,
  unit: string,
  how: 'start' | 'restart',
): Promise<string | undefined> {
  // A unit that was not up may still count failures of before.
  await systemctl(host, 'reset-failed', '--', unit);
  const began = now();
  const { exitCode } = await systemctl(host, how, '--', unit);
  if (exitCode !== 0) return failureOf(host, unit);
  const { restarts } = await unitState(host, unit);
  for (let left = watched; left > 0; left -= lookEvery) {
    const state = await unitState(host, unit);
    if (state.active === 'failed' || state.result !== 'success') return failureOf(host, unit);
    if (state.restarts > restarts && (await failuresSince(host, unit, began)) > 0)
      return failureOf(host, unit);
    // A job that is done has nothing more to show.
    if (state.active === 'inactive') return undefined;
    await delay(lookEvery);
  }
  return undefined;
}

/** A point of time, as journalctl takes it. */
export function now(): string {
  return `@${(Date.now() / 1000).toFixed(3)}`;
}

/**
 * How often a unit has failed: once systemd has started it again, its result says nothing of that any more.
 * SD_MESSAGE_UNIT_FAILURE_RESULT in src/systemd/sd-messages.h.
 */
export async function failuresSince(host: UnitHost, unit: string, since: string): Promise<number> {
  const isFailure = 'MESSAGE_ID=d9b373ed55a64feb8242e02dbe79a49c';
  return (await journalOf(host, unit, '--since', since, isFailure)).length;
}

async function failureOf(host: UnitHost, unit: string): Promise<string> {
  const { result } = await unitState(host, unit);
  const lines = await journalOf(host, unit, '-n', '12');
  const own = lines.filter(
    (line) => !/^(?:Starting|Started|Stopping|Stopped|Failed to start|Finished) /.test(line),
  );
  const said = [...new Set(own.length > 0 ? own : lines)].slice(-3).map((line) => line.replace(/\.$/, ''));
  return `${unit} did not start (${result})${said.length === 0 ? '' : `: ${said.join(' / ')}`}`;
}
