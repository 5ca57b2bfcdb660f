import { describe, expect, test } from 'vitest';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { exposure } from '../../src/systemd/exposure.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';

const host = await hostSystemd();
const version = host?.version ?? 0;
const bare = minimalUnit(['/usr/bin/true']);

/** The block that the measured scores share: everything that costs a daemon nothing unusual. */
const hardened = `[Service]
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
PrivateMounts=yes
PrivateIPC=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
KeyringMode=private
UMask=0077
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
DynamicUser=yes
CapabilityBoundingSet=
`;

describe.skipIf(version < 250)(
  `exposure (skipped below systemd 250; here: ${version || 'no systemd'})`,
  () => {
    test('a bare unit and a hardened network daemon score what was measured', async () => {
      expect(await exposure(bare)).toMatchObject({ exposure: version >= 257 ? 9.4 : 9.6, level: 'UNSAFE' });
      const dropIn = `${hardened}RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n`;
      expect(await exposure(bare, dropIn)).toMatchObject({ exposure: 1.1, level: 'OK' });
    });

    test('a daemon without network scores 0.2, and says what still loses points', async () => {
      const score = await exposure(
        bare,
        `${hardened}RestrictAddressFamilies=AF_UNIX\nPrivateNetwork=yes\nIPAddressDeny=any\n`,
      );
      expect(score).toMatchObject({ exposure: 0.2, level: 'SAFE' });
      expect(score?.losing.map((row) => row.field).sort()).toEqual([
        'DeviceAllow',
        'RestrictAddressFamilies_AF_UNIX',
        'RootDirectoryOrRootImage',
      ]);
    });

    test('a unit that cannot be loaded is an error in one sentence', async () => {
      const error = await exposure('[Service]\n', '[Service]\n').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(/^systemd-analyze security cannot score the unit: .*\.$/);
      expect((error as Error).message).not.toContain('/tmp/');
    });
  },
);
