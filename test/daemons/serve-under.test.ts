import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { daemons, installed, programsOf } from './daemons.ts';
import { mayLack } from './required.ts';
import { explain, isOpen, serveUnder } from './serve-under.ts';

const missing = await machineNeeds();

const common = `[Service]
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
NoNewPrivileges=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
`;

/** Written by hand from each daemon's manual: what an administrator would grant. */
const byHand: Record<keyof typeof daemons, string> = {
  python: `${common}User=nobody\nCapabilityBoundingSet=\nMemoryDenyWriteExecute=yes\n`,
  nginx: `${common}ReadWritePaths=/var/log/nginx /var/lib/nginx /run
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_CHOWN CAP_DAC_OVERRIDE\n`,
  apache2: `${common}ReadWritePaths=/var/log/apache2 /run
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_KILL CAP_DAC_OVERRIDE\n`,
  redis: `${common}ReadWritePaths=/var/lib/redis /var/log/redis\nCapabilityBoundingSet=\nPrivateUsers=yes\n`,
  dnsmasq: `${common}RestrictAddressFamilies=AF_NETLINK\nReadWritePaths=/run /var/lib/misc
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_NET_ADMIN CAP_NET_RAW CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_CHOWN\n`,
};

describe.skipIf(mayLack(missing))(`serveUnder (${missing ?? 'can be tried here'})`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootMachine();
  });
  afterAll(async () => {
    await machine?.stop();
  });

  for (const [key, dropIn] of Object.entries(byHand)) {
    const daemon = daemons[key as keyof typeof daemons];
    const absent = programsOf(daemon).find((program) => !installed(program));
    const why = absent === undefined ? '' : ` (skipped: ${absent} is not installed)`;

    test.skipIf(mayLack(absent))(
      `${key} serves without a sandbox and in one made by hand${why}`,
      async () => {
        for (const text of ['', dropIn]) {
          const served = await serveUnder(machine, daemon, text);
          expect(served.ok, explain(served)).toBe(true);
        }
      },
    );
  }

  test('says why a daemon does not come up: a missing path', async () => {
    const served = await serveUnder(
      machine,
      daemons.python,
      '[Service]\nReadWritePaths=/no/such/path\n',
      5000,
    );
    expect(served.ok).toBe(false);
    expect(served.properties).toMatchObject({ Result: 'exit-code', ExecMainStatus: '226' });
    expect(served.journal).toContain('/no/such/path');
  });

  test('says why a daemon does not come up: a denied system call', async () => {
    const served = await serveUnder(machine, daemons.python, '[Service]\nSystemCallFilter=~listen\n', 5000);
    expect(served.ok).toBe(false);
    expect(served.why).toMatch(/instead of listening/);
    expect(served.properties).toMatchObject({ ExecMainStatus: '31' });
  });

  test('sees a daemon that is up but does not serve', async () => {
    const served = await serveUnder(
      machine,
      daemons.python,
      '[Service]\nSystemCallFilter=~accept4\nSystemCallErrorNumber=EPERM\n',
      5000,
    );
    expect(served.ok, explain(served)).toBe(false);
  });
});

test('reads the state of a port from the table of the kernel', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1`;
  expect(isOpen(table, 'tcp', 8080)).toBe(true);
  expect(isOpen(table, 'tcp', 80)).toBe(false);
  expect(isOpen(table, 'tcp', 50000)).toBe(false);
});
