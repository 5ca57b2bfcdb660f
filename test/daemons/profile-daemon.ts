import { expect } from 'vitest';
import { bootMachine } from '../../src/systemd/machine.ts';
import { cli } from '../cli/start-cli.ts';
import type { daemons } from './daemons.ts';

/**
 * The drop-in of a daemon, which is watched in a machine of its own while it serves one request.
 * @param ways options of the command line
 */
export async function dropInOf(
  daemon: (typeof daemons)[keyof typeof daemons],
  ways: readonly string[],
): Promise<string> {
  const machine = await bootMachine();
  try {
    const environment = 'environment' in daemon ? ['/usr/bin/env', daemon.environment] : [];
    const user = 'user' in daemon ? ['--user', daemon.user] : [];
    const options = [...ways, ...user, '--exercise', daemon.check.join(' ')];
    const args = [...environment, process.execPath, cli, ...options, '--', ...daemon.argv];
    const { exitCode, stdout, stderr } = await machine.run(args, { timeout: 60_000 });
    expect(exitCode, stderr).toBe(0);
    return stdout;
  } finally {
    await machine.stop();
  }
}
