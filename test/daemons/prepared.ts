import { bootMachine, type Machine } from '../../src/systemd/machine.ts';
import type { Packaged } from './packaged-daemon.ts';

/** Where an administrator's own unit stands. */
export const unitFile = (unit: string) => `/etc/systemd/system/${unit}`;

/** What runs of this host's own daemons left, and the directories that a boot makes for this package. */
export function preparation(prepare = ''): string {
  return `systemd-tmpfiles --create 2>/dev/null || :; rm -f /run/nologin; ${prepare}`;
}

/** A daemon that has just been started or told to reload may take a moment, under strace some more. */
export function repeated(request: string): string {
  return `n=0; until ( set -e; ${request} ); do n=$((n+1)); test $n -lt 40 || exit 9; sleep 0.2; done`;
}

/**
 * A machine in which the daemon can be started for the first time.
 * @throws when its package or what it is prepared with is not as it was expected.
 */
export async function prepared({ unit, unitText, prepare }: Packaged): Promise<Machine> {
  const machine = await bootMachine();
  try {
    if (unitText !== undefined) await machine.writeFile(unitFile(unit), unitText);
    await must(machine, `systemctl daemon-reload; ${preparation(prepare)}`);
    await must(machine, `systemctl cat ${unit} >/dev/null; rm -f /usr/sbin/policy-rc.d`);
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

export function shell(machine: Machine, script: string) {
  // cron looks once a minute for what it has to do.
  return machine.run(['bash', '-euc', script], { timeout: 100_000 });
}

/** @throws when the script fails. */
export async function must(machine: Machine, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await shell(machine, script);
  if (exitCode === 0) return stdout;
  const last = await machine.run(['journalctl', '-n', '15', '--no-pager', '-o', 'cat']);
  throw new Error(`${script}: ${exitCode} ${stdout} ${stderr}\n${last.stdout}`);
}
