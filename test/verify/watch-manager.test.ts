import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { watchManager } from '../../src/commands/verify/watch-manager.ts';
import { bootMachine, machineNeeds } from '../../src/systemd/machine.ts';
import { noStrace } from '../trace-live/strace-here.ts';
import { vforkLoop } from '../trace-live/vfork-loop.ts';

const missing = noStrace ?? (await machineNeeds());

test.skipIf(missing !== undefined)(
  `a watch ends while a service waits for its child of vfork(2), and both live on (${missing ?? 'in a machine'})`,
  async () => {
    const machine = await bootMachine();
    try {
      const watch = await watchManager(machine, 1);
      await machine.writeFile('/usr/local/bin/waits', vforkLoop, 0o755);
      await machine.run(['systemd-run', '-q', '--unit=waits', 'perl', '/usr/local/bin/waits']);
      const log = () => (existsSync(watch.log) ? readFileSync(watch.log, 'latin1') : '');
      await expect
        .poll(() => /^\d+ +clone\(.*CLONE_VFORK.*unfinished/m.test(log()), { timeout: 30_000 })
        .toBe(true);
      await watch.end();
      const { stdout } = await machine.run([
        'sh',
        '-c',
        'systemctl is-active waits; grep -h TracerPid /proc/[0-9]*/status | sort -u',
      ]);
      expect(stdout).toBe('active\nTracerPid:\t0');
    } finally {
      await machine.stop();
    }
  },
);
