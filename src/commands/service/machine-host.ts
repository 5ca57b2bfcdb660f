import { bootMachine, type Machine } from '../../systemd/machine.ts';
import { Failure } from '../failure.ts';
import type { Run, RunEnd, UnitHost } from './unit-host.ts';
import type { UnitOwner } from './unit-owner.ts';

/** After a boot /tmp may be empty, but for what tmpfiles.d makes, and people may log in; a machine shows the host's /tmp. */
const asAfterBoot = `
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /tmp
systemd-tmpfiles --create --boot --exclude-prefix=/dev --exclude-prefix=/sys --exclude-prefix=/proc 2>/dev/null || :
rm -f /run/nologin
`;

/** A throw-away machine as a boot would leave it. Throws a Failure where there can be none. */
export async function freshMachine(): Promise<Machine> {
  const machine = await bootMachine({ timeout: 60_000 }).catch((error: Error) => {
    throw new Failure(error.message);
  });
  try {
    await machine.run(['sh', '-c', asAfterBoot]);
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

const system = { units: '/etc/systemd/system', state: '/var/lib/sandbox-profile' };

/** Where what is said of a machine's service manager lies, before there is a machine: to look up units on the host. */
export function plannedHost(owner: UnitOwner | undefined): UnitHost {
  const run = async () => {
    throw new Error('nothing is run on this host');
  };
  if (owner === undefined) return { ...system, isUser: false, run };
  return { ...system, units: '/etc/systemd/user', unitPath: userUnitPath(owner), isUser: true, run };
}

/**
 * The service manager of a machine, or one of a user in it, which is started for that.
 * @param longest milliseconds that a command may take
 */
export async function managerIn(
  machine: Machine,
  owner: UnitOwner | undefined,
  longest: number,
): Promise<UnitHost> {
  const asRoot: Run = (argv) => machine.run(argv, { timeout: longest });
  const host = { ...plannedHost(owner), asRoot };
  if (owner === undefined) return { ...host, run: asRoot };
  await startManager(asRoot, owner);
  const runtime = `/run/user/${owner.uid}`;
  const environment = [
    `HOME=${owner.home}`,
    `XDG_RUNTIME_DIR=${runtime}`,
    `DBUS_SESSION_BUS_ADDRESS=unix:path=${runtime}/bus`,
  ];
  const asUser = ['runuser', '-u', owner.name];
  return {
    ...host,
    run: (argv) => asRoot([...asUser, '--', 'env', ...environment, ...argv]),
    // A journal that is kept in memory is not split by users.
    asReader: (argv) => asRoot([...asUser, '-g', 'systemd-journal', '--', ...argv]),
  };
}

/** What the user has enabled is not started, as nothing is that the host has enabled; but the bus is there. */
const startUserManager = `
for units in "$2/.config/systemd/user" "$2/.local/share/systemd/user" /etc/systemd/user /usr/local/lib/systemd/user /usr/lib/systemd/user; do
  rm -rf -- "$units"/*.wants "$units"/*.requires "$units"/*.upholds
done
systemctl start "user@$1.service"
`;

async function startManager(run: Run, { name, uid, home }: UnitOwner): Promise<void> {
  const { exitCode, stderr } = await run(['sh', '-euc', startUserManager, 'start', String(uid), home]);
  if (exitCode !== 0)
    throw new Failure(`The service manager of ${name} does not start in the machine: ${stderr.trim()}`);
  await run([
    'runuser',
    '-u',
    name,
    '--',
    'env',
    `XDG_RUNTIME_DIR=/run/user/${uid}`,
    'systemctl',
    '--user',
    'start',
    'dbus.socket',
  ]);
}

/** The process that starts a machine's units: its first one, or a user's manager. */
export async function managerPid({ asRoot }: UnitHost, owner: UnitOwner | undefined): Promise<number> {
  if (owner === undefined || asRoot === undefined) return 1;
  const { stdout } = await asRoot(['systemctl', 'show', '-P', 'MainPID', '--', `user@${owner.uid}.service`]);
  return Number(stdout.trim());
}

/**
 * Where a user's manager looks for units.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#User%20Unit%20Search%20Path
 */
function userUnitPath({ uid, home }: UnitOwner): string[] {
  return [
    `${home}/.config/systemd/user.control`,
    `/run/user/${uid}/systemd/user.control`,
    `${home}/.config/systemd/user`,
    '/etc/systemd/user',
    `/run/user/${uid}/systemd/user`,
    '/run/systemd/user',
    `${home}/.local/share/systemd/user`,
    '/usr/local/share/systemd/user',
    '/usr/share/systemd/user',
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
  ];
}

/** A command line of the user's own, in the directory where it was given, where the machine has that. */
export function shellIn(run: Run, command: string): Promise<RunEnd> {
  const text = 'cd -- "$1" 2>/dev/null || cd /; exec /bin/sh -c "$2"';
  return run(['/bin/sh', '-c', text, 'sh', process.cwd(), command]);
}
