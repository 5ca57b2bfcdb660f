import { describe, expect, test } from 'vitest';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';
import { verifyDropIn } from '../../src/systemd/verify-unit.ts';

const host = await hostSystemd();
const bare = minimalUnit(['/usr/bin/true']);

describe.skipIf(host === undefined)('verifyDropIn (skipped without systemd)', () => {
  test('is silent on a drop-in that systemd understands', async () => {
    const dropIn = '[Service]\nProtectSystem=strict\nSystemCallFilter=\nSystemCallFilter=@system-service\n';
    expect(await verifyDropIn(bare, dropIn)).toEqual([]);
  });

  test('reports an unknown directive and an unknown system call with their lines', async () => {
    const warnings = await verifyDropIn(
      bare,
      '[Service]\nProtectEverything=yes\nSystemCallFilter=nosuchcall\n',
    );
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^50-sandbox-profile\.conf:2: Unknown key.* 'ProtectEverything'/);
    expect(warnings[1]).toMatch(/^50-sandbox-profile\.conf:3: .*nosuchcall/);
  });

  test('reports bytes that make systemd drop the rest of the file', async () => {
    const dropIn = Buffer.from('[Service]\nReadWritePaths=/\xff\nProtectSystem=strict\n', 'latin1');
    const warnings = await verifyDropIn(bare, dropIn);
    expect(warnings.join('\n')).toContain('50-sandbox-profile.conf');
  });

  test("leaves out the unit's own faults and the units that it names", async () => {
    const unit = `[Unit]\nRequires=no-such.service\nAfter=nothing.target\n${minimalUnit(['/no/such/program'], ['Nonsense=1'])}`;
    expect(await verifyDropIn(unit, '[Service]\nProtectHome=yes\n')).toEqual([]);
  });

  test('does not call a drop-in clean that was never read', async () => {
    const warnings = await verifyDropIn('[Unit\nnot a unit', '[Service]\nProtectHome=yes\n');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('was not checked');
  });
});
