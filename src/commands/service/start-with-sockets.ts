import type { SocketUnit } from '../../systemd/socket-units.ts';
import { systemctl, type UnitHost } from './unit-host.ts';

/** How a service was brought up. */
export interface BroughtUp {
  /** Why not, in one sentence; undefined where it is up. */
  why: string | undefined;
  /** Sockets that were started before it. */
  sockets: string[];
}

/**
 * Starts a service as a boot would: the sockets that are enabled come first. Those that are not come where it does not start
 * without. Where each connection is handed to an instance of its own, the sockets are all there is to start.
 * @param start starts the service itself, and says why it failed
 */
export async function startWithSockets(
  host: UnitHost,
  sockets: readonly SocketUnit[],
  start: () => Promise<string | undefined>,
): Promise<BroughtUp> {
  const enabled = sockets.filter(({ isEnabled }) => isEnabled);
  const others = sockets.filter(({ isEnabled }) => !isEnabled);
  if (sockets.some(({ accepts }) => accepts)) {
    const chosen = namesOf(enabled.length > 0 ? enabled : others);
    return { why: await startSockets(host, chosen), sockets: chosen };
  }
  const first = namesOf(enabled);
  await startSockets(host, first);
  const why = await start();
  if (why === undefined || others.length === 0) return { why, sockets: first };
  const all = [...first, ...namesOf(others)];
  await startSockets(host, all);
  return { why: await start(), sockets: all };
}

/** @returns why one of them did not start; undefined where all did */
export async function startSockets(host: UnitHost, names: readonly string[]): Promise<string | undefined> {
  let failed: string | undefined;
  for (const name of names) {
    const { exitCode, stderr } = await systemctl(host, 'start', '--', name);
    if (exitCode !== 0) failed ??= `${name} did not start: ${stderr.trim().split('\n')[0] ?? ''}`;
  }
  return failed;
}

function namesOf(sockets: readonly SocketUnit[]): string[] {
  return sockets.map(({ name }) => name);
}
