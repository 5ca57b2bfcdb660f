import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import { callsOf } from '../../src/syscall-groups/architectures.ts';
import { evaluateFilter } from '../../src/syscall-groups/evaluate.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { readingOf, sampleLog, settingsOf } from '../samples/sample-logs.ts';

/** `--on-deny log`: what the filter of a level would refuse is logged, and nothing else. */

const wordsOf = (key: string, settings: ReturnType<typeof settingsOf>['settings']) =>
  settings
    .flatMap(({ assignments }) => assignments)
    .filter((line) => line.key === key)
    .map(({ words }) => words.join(' '));

/** Groups name calls of other machines too. */
const callsHere = [...callsOf('x86-64')].filter((name) => groupsOfVersion(252).known(name));

describe.each(levels)('%s', (level) => {
  test('logs what its filter refuses', async () => {
    for (const log of ['nginx', 'vsftpd'].map(sampleLog)) {
      const { profile } = await readingOf(log);
      const groups = groupsOfVersion(252);
      const dry = settingsOf(profile, level, 252, { onDeny: 'log' }).settings;
      const filter = evaluateFilter(
        wordsOf('SystemCallFilter', settingsOf(profile, level, 252).settings),
        groups,
      );
      const words = wordsOf('SystemCallLog', dry).join(' ').trim().split(' ');
      const isInverted = words[0]?.startsWith('~') === true;
      const named = new Set(
        words
          .map((word) => word.replace('~', ''))
          .flatMap((word) => (word.startsWith('@') ? [...groups.members(word)] : [word])),
      );
      const isLogged = (name: string) => named.has(name) !== isInverted;
      const isRefused = (name: string) => !filter.allows(name) && groups.known(name);
      const wrong = callsHere.filter((name) => isLogged(name) !== isRefused(name));
      expect(wrong, log.name).toEqual([]);
      expect(wordsOf('SystemCallFilter', dry)).toEqual([]);
    }
  });
});

const missing =
  (await machineNeeds()) ?? ((await kernelLog()) === '' ? 'the kernel’s log can’t be read' : undefined);

async function kernelLog(): Promise<string> {
  const { stdout } = await execa('dmesg', [], { reject: false, stdin: 'ignore' });
  return stdout;
}

describe.skipIf(missing !== undefined)(`a real systemd (${missing ?? 'can be started here'})`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootMachine();
  });
  afterAll(async () => {
    await machine?.stop();
  });

  test('relaxed: a dangerous call is logged by the kernel and done, a harmless one is only done', async () => {
    const { profile } = await readingOf(sampleLog('nginx'));
    const { settings } = settingsOf(profile, 'relaxed', 252, { onDeny: 'log' });
    const lines = settings
      .filter(({ inForce }) => inForce)
      .flatMap(({ assignments }) => assignments.flatMap(renderAssignment));
    const name = `dry-${process.pid}`;
    const program = [
      '#!/usr/bin/python3 -IS',
      'import ctypes, os',
      'os.mkdir("/tmp/dry-run-directory")',
      'size = ctypes.CDLL(None).klogctl(10, None, 0)',
      'open("/run/dry-run", "w").write("read" if size > 0 else "refused")',
    ].join('\n');
    await machine.writeFile(`/opt/${name}`, program);
    await machine.run(['chmod', '755', `/opt/${name}`]);
    await machine.writeFile(
      '/run/systemd/system/dry-run.service',
      minimalUnit([`/opt/${name}`], ['Type=oneshot', ...lines]),
    );
    await machine.run(['systemctl', 'daemon-reload']);
    expect((await machine.run(['systemctl', 'start', 'dry-run.service'])).exitCode).toBe(0);
    expect((await machine.run(['cat', '/run/dry-run'])).stdout).toBe('read');
    expect((await machine.run(['ls', '-d', '/tmp/dry-run-directory'])).exitCode).toBe(0);
    const records = (await kernelLog()).split('\n').filter((line) => line.includes(`comm="${name}"`));
    const numbers = records.flatMap(
      (line) => / type=1326 .* syscall=(\d+) .*code=0x7ffc0000/.exec(line)?.[1] ?? [],
    );
    // syslog(2) on x86-64; mkdir would be 83.
    expect([...new Set(numbers)]).toEqual(['103']);
  });
});
