import { setTimeout as delay } from 'node:timers/promises';
import { bootMachine, type Machine } from '../../src/systemd/machine.ts';

/** A daemon as its package ships it, and what is asked of it. All texts are bash, run as root in a machine. */
export interface Packaged {
  /** `nginx.service` */
  unit: string;
  /** `balanced` unless the daemon runs other people's programs. */
  level?: 'balanced' | 'relaxed';
  /** Quick enough for each run of the tests; the others take `npm run daemons`. */
  isQuick?: boolean;
  /** Programs that must be installed for it, the daemon's own first. */
  programs: readonly string[];
  /** What an administrator sets up before the first start. */
  prepare?: string;
  /** The one request that is traced. */
  request: string;
  /** What logrotate is called with, and the log that must have lines after a request. */
  rotation?: { rules: string; log: string };
  /** What was not traced, by the name of the check. */
  checks?: Readonly<Record<string, string>>;
}

export interface Outcome {
  /** By the name of the check, why it failed; `''` where it passed. */
  checks: Readonly<Record<string, string>>;
  /** `systemd-analyze security`, without the drop-in and with it. */
  exposure: readonly string[];
  /** What the unit logged, where a check failed. */
  journal: string;
}

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const log = '/var/tmp/trace/log';

/** Takes away from a unit what it denies by itself: the trace shows what the daemon does when it may. */
const unconfined = `SystemCallFilter=
ProtectSystem=no
ProtectHome=no
ProtectProc=default
PrivateTmp=no
PrivateDevices=no
PrivateUsers=no
NoNewPrivileges=no
MemoryDenyWriteExecute=no
CapabilityBoundingSet=~
RestrictAddressFamilies=
RestrictNamespaces=no
RestrictSUIDSGID=no
NoExecPaths=
ExecPaths=
`;

/**
 * Traces the package's own unit, in its own context, from its start to its first request, and lets the program conclude.
 * @returns the drop-in
 * @throws when the daemon does not serve under strace, or nothing can be concluded.
 */
export async function dropInOf(daemon: Packaged): Promise<string> {
  const machine = await prepared(daemon);
  try {
    const { User: user } = await show(machine, daemon.unit, ['User']);
    const command = await shell(
      machine,
      `systemctl cat ${daemon.unit} | sed -n 's/^ExecStart=//p' | tail -n 1`,
    );
    const [, prefix = '', words = ''] = /^([-@:+!]*)(.*)$/.exec(command.stdout) ?? [];
    await must(machine, 'mkdir -m 1777 /var/tmp/trace');
    await machine.writeFile(
      `/etc/systemd/system/${daemon.unit}.d/99-trace.conf`,
      `[Service]\n${unconfined}ExecStart=\nExecStart=${prefix}/usr/bin/strace -D -f -yy -o ${log} -- ${words}\n`,
    );
    await must(machine, `systemctl daemon-reload; systemctl start ${daemon.unit}`);
    await until(machine, daemon.request);
    await quiet(machine);
    const uid = user === '' || user === undefined ? '' : `--uid "$(id -u ${user})"`;
    // While it runs: what it made below /run is gone when it has stopped.
    const replayed = await shell(
      machine,
      `cp ${log} ${log}.copy; rm /etc/systemd/system/${daemon.unit}.d/99-trace.conf
      cd /; ${process.execPath} ${cli} replay ${log}.copy --root / --level ${daemon.level ?? 'balanced'} ${uid}`,
    );
    if (replayed.exitCode !== 0) throw new Error(`replay of ${daemon.unit}: ${replayed.stderr}`);
    return replayed.stdout;
  } finally {
    await machine.stop();
  }
}

/** Runs the package's unit with its drop-in, as after a boot, and asks what the trace did not show. */
export async function secondRun(daemon: Packaged, dropIn: string): Promise<Outcome> {
  const machine = await prepared(daemon);
  const { unit, request } = daemon;
  const checks: Record<string, string> = {};
  const exposure: string[] = [];
  const check = async (name: string, script: string) => {
    const { exitCode, stdout, stderr } = await shell(machine, script);
    const active = (await show(machine, unit, ['ActiveState'])).ActiveState;
    const words = `${stdout.slice(-300)} ${stderr.slice(-300)}`.trim();
    const isWell = exitCode === 0 && (name === 'stop' || active === 'active');
    checks[name] = isWell ? '' : `${exitCode} ${active}: ${words}`;
  };
  try {
    exposure.push(await exposureOf(machine, unit));
    if (dropIn !== '')
      await machine.writeFile(`/etc/systemd/system/${unit}.d/50-sandbox-profile.conf`, dropIn);
    await must(machine, 'systemctl daemon-reload; rm -f /usr/sbin/policy-rc.d');
    exposure.push(await exposureOf(machine, unit));
    await check('start', `systemctl start ${unit}; ${repeated(request)}`);
    const { CanReload } = await show(machine, unit, ['CanReload']);
    if (CanReload === 'yes')
      await check('reload', `systemctl reload ${unit}; sleep 0.3; ${repeated(request)}`);
    if (daemon.rotation !== undefined) {
      const { rules, log: file } = daemon.rotation;
      await check(
        'rotation',
        `before=$(stat -c %i ${file}); logrotate -f ${rules}; sleep 0.3; ${repeated(request)}
        for i in $(seq 20); do test -s ${file} && break; sleep 0.2; done
        test -s ${file} || { ls -la $(dirname ${file}); exit 1; }; test "$before" != "$(stat -c %i ${file})"`,
      );
    }
    for (const [name, script] of Object.entries(daemon.checks ?? {})) await check(name, script);
    await check('restart', `systemctl restart ${unit}; ${repeated(request)}`);
    await check(
      'crash',
      `kill -KILL $(systemctl show -P MainPID ${unit}); sleep 0.5; systemctl kill -s KILL ${unit} 2>/dev/null || :
      sleep 0.2; systemctl reset-failed ${unit} || :; systemctl start ${unit}; ${repeated(request)}`,
    );
    await check('stop', `systemctl stop ${unit}; test $(systemctl show -P Result ${unit}) = success`);
    const isFailed = Object.values(checks).some((why) => why !== '');
    return { checks, exposure, journal: isFailed ? await journal(machine, unit) : '' };
  } finally {
    await machine.stop();
  }
}

async function prepared({ unit, prepare = '' }: Packaged): Promise<Machine> {
  const machine = await bootMachine();
  try {
    // What runs of this host's own daemons left, and the directories that a boot makes for this package.
    await must(machine, `systemd-tmpfiles --create 2>/dev/null || :; rm -f /run/nologin; ${prepare}`);
    await must(machine, `systemctl cat ${unit} >/dev/null`);
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

function shell(machine: Machine, script: string) {
  return machine.run(['bash', '-euc', script], { timeout: 60_000 });
}

async function must(machine: Machine, script: string): Promise<void> {
  const { exitCode, stdout, stderr } = await shell(machine, script);
  if (exitCode !== 0) {
    const last = await machine.run(['journalctl', '-n', '15', '--no-pager', '-o', 'cat']);
    throw new Error(`${script}: ${exitCode} ${stdout} ${stderr}\n${last.stdout}`);
  }
}

async function exposureOf(machine: Machine, unit: string): Promise<string> {
  const { stdout } = await machine.run(['systemd-analyze', 'security', '--no-pager', unit]);
  return /Overall exposure level for .*: (\d+\.\d)/.exec(stdout)?.[1] ?? '?';
}

/** A daemon that has just been started or told to reload may take a moment. */
function repeated(request: string): string {
  return `n=0; until ( set -e; ${request} ); do n=$((n+1)); test $n -lt 25 || exit 9; sleep 0.2; done`;
}

async function until(machine: Machine, request: string): Promise<void> {
  for (let left = 40; ; left--) {
    const { exitCode, stdout, stderr } = await shell(machine, request);
    if (exitCode === 0) return;
    if (left === 0)
      throw new Error(`It does not serve under strace: ${stdout} ${stderr}\n${await journal(machine, '*')}`);
    await delay(200);
  }
}

/** Under strace a helper that closes thousands of descriptors before it starts is still on its way when the request is answered. */
async function quiet(machine: Machine): Promise<void> {
  let before = '';
  for (let left = 30; left > 0; left--) {
    const { stdout } = await machine.run(['stat', '-c', '%s', log]);
    if (stdout === before) return;
    before = stdout;
    await delay(700);
  }
}

async function show(
  machine: Machine,
  unit: string,
  names: readonly string[],
): Promise<Record<string, string>> {
  const { stdout } = await machine.run(['systemctl', 'show', '-p', names.join(','), unit]);
  return Object.fromEntries(
    stdout.split('\n').map((line) => [line.split('=')[0], line.replace(/^[^=]*=/, '')]),
  );
}

async function journal(machine: Machine, unit: string): Promise<string> {
  return (await machine.run(['journalctl', '-u', unit, '-n', '60', '--no-pager', '-o', 'cat'])).stdout;
}
