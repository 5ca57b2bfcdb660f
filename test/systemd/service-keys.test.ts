import { execa } from 'execa';
import { expect, test } from 'vitest';
import { directives } from '../../src/directives/registry.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';
import { serviceKeys } from '../../src/systemd/service-keys.ts';

const host = await hostSystemd();
const manager = '/usr/lib/systemd/systemd';

test.skipIf(host === undefined)(
  'every key that the systemd of this host takes is in the table, and in time (skipped without systemd)',
  async () => {
    const { stdout } = await execa(manager, ['--dump-configuration-items']);
    const [, service = ''] = stdout.split('[Service]\n');
    const [own = ''] = service.split('\n[');
    const theirs = own.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
    expect(theirs.length).toBeGreaterThan(200);
    const version = host?.version ?? 0;
    expect(theirs.filter((key) => !((serviceKeys().get(key) ?? Number.NaN) <= version))).toEqual([]);
  },
);

test('a directive and the table of keys say the same version, from the oldest that the table tells apart', () => {
  const oldest = Math.min(...serviceKeys().values());
  for (const { name, since } of directives)
    expect([name, serviceKeys().get(name)]).toEqual([name, Math.max(since, oldest)]);
});
