import { execa } from 'execa';
import { expect, test } from 'vitest';
import { hostSystemd, readVersion } from '../../src/systemd/host-version.ts';

test('reads version and features from what systemctl prints', () => {
  const debian = readVersion(
    'systemd 252 (252.38-1~deb12u1)\n+PAM +SECCOMP -BPF_FRAMEWORK default-hierarchy=unified',
  );
  expect(debian).toEqual({
    version: 252,
    text: 'systemd 252 (252.38-1~deb12u1)',
    features: new Set(['PAM', 'SECCOMP']),
    bpfFramework: false,
  });
  const later = readVersion('systemd 258~rc1\n+BPF_FRAMEWORK');
  expect(later).toMatchObject({ features: new Set(['BPF_FRAMEWORK']), bpfFramework: true });
  expect(readVersion('runit 2.1')).toBeUndefined();
  expect(readVersion('')).toBeUndefined();
});

test('agrees with the installed systemd, or says that there is none', async () => {
  const asked = await execa('systemctl', ['--version'], { reject: false });
  const host = await hostSystemd();
  expect(host?.text).toBe(asked.exitCode === 0 ? asked.stdout.split('\n')[0] : undefined);
});
