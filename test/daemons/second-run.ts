import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { otherService } from '../../src/attacks/decoys.ts';
import { type Level, levels } from '../../src/directives/context.ts';
import { bootMachine, type Machine } from '../../src/systemd/machine.ts';
import { attacksUnder, type Explain, explanations, type UnderLevel } from './attacks-open.ts';

/** A daemon as its package ships it, and what is asked of it. All texts are bash, run as root in a machine. */
export interface Packaged {
  /** `nginx.service` */
  unit: string;
  /** `balanced` unless the daemon runs other people's programs. */
  level?: 'balanced' | 'relaxed';
  /** What `systemd-analyze security` may say under the drop-in at the most: what it said when the rules were last changed. */
  mostExposed: number;
  /** Quick enough for each run of the tests; the others take `npm run daemons`. */
  isQuick?: boolean;
  /** Programs that must be installed for it, the daemon's own first. */
  programs: readonly string[];
  /** The unit's text, where no package has it. */
  unitText?: string;
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
  /** `systemd-analyze security`, without a drop-in (`alone`) and with that of each level. */
  exposure: Readonly<Record<string, string>>;
  /** What the unit logged, where a check failed. */
  journal: string;
}

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;

/** What was concluded from one trace: the drop-in of each level, and what explains the attacks that it leaves open. */
export interface Concluded {
  dropIns: Readonly<Record<Level, string>>;
  explain: Readonly<Record<Level, Explain>>;
}

/**
 * Traces the package's own unit, in its own context, from its start to its first request, and its end, and lets the
 * program conclude.
 * @throws when the daemon does not serve under strace, or nothing can be concluded.
 */
export async function dropInsOf(daemon: Packaged): Promise<Concluded> {
  const { unit, unitText } = daemon;
  const directory = await mkdtemp(join(tmpdir(), 'second-run-'));
  const unitFile = `/etc/systemd/system/${unit}`;
  // Only for as long as the program looks for the unit: machines see the files of this host.
  if (unitText !== undefined) await writeFile(unitFile, unitText, { flag: 'wx' });
  try {
    const saved = join(directory, 'profile.json');
    const balanced = await profiled(daemon, saved);
    const [minimal, relaxed] = await Promise.all(
      ['minimal', 'relaxed'].map((level) => run(['replay', saved, '--level', level, '--unit', unit])),
    );
    const dropIns = { minimal: minimal ?? '', balanced, relaxed: relaxed ?? '' };
    return { dropIns, explain: await explanations(saved, unit) };
  } finally {
    await rm(directory, { recursive: true });
    if (unitText !== undefined) await rm(unitFile);
  }
}

async function profiled({ unit, request, prepare }: Packaged, saved: string): Promise<string> {
  const args = ['service', 'profile', unit, '--no-reload', '--profile', saved];
  const scripts = [
    '--prepare',
    inBash(preparation(prepare)),
    '--exercise',
    inBash(`n=0; until ( set -e; ${request} ); do n=$((n+1)); test $n -lt 40 || exit 9; sleep 0.2; done`),
  ];
  return await run([...args, ...scripts]);
}

async function run(args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
    cwd: '/',
    reject: false,
    stdin: 'ignore',
    timeout: 180_000,
  });
  if (exitCode !== 0) throw new Error(`${args.slice(0, 3).join(' ')}: ${stderr}`);
  return stdout;
}

function inBash(script: string): string {
  return `exec bash -euc '${script.replaceAll("'", "'\\''")}'`;
}

/** Runs the package's unit with its drop-in, as after a boot, and asks what the trace did not show. */
export async function secondRun(
  daemon: Packaged,
  dropIns: Readonly<Record<Level, string>>,
): Promise<Outcome> {
  const machine = await prepared(daemon);
  const { unit, request, level = 'balanced' } = daemon;
  const checks: Record<string, string> = {};
  const exposure: Record<string, string> = {};
  const check = async (name: string, script: string) => {
    const { exitCode, stdout, stderr } = await shell(machine, script);
    const active = (await show(machine, unit, ['ActiveState'])).ActiveState;
    const words = `${stdout.slice(-300)} ${stderr.slice(-300)}`.trim();
    const isWell = exitCode === 0 && (name === 'stop' || active === 'active');
    checks[name] = isWell ? '' : `${exitCode} ${active}: ${words}`;
  };
  try {
    exposure.alone = await exposureOf(machine, unit);
    const others = levels.filter((each) => each !== level);
    for (const each of [...others, level]) {
      await machine.writeFile(`/etc/systemd/system/${unit}.d/50-sandbox-profile.conf`, dropIns[each]);
      await must(machine, 'systemctl daemon-reload');
      exposure[each] = await exposureOf(machine, unit);
    }
    await must(machine, 'rm -f /usr/sbin/policy-rc.d');
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

/** What an attacker inside the daemon can still do, at each level, on a machine where another service is. */
export async function attacksOn(daemon: Packaged, { dropIns, explain }: Concluded): Promise<UnderLevel[]> {
  const machine = await prepared(daemon);
  try {
    return await attacksUnder(machine, daemon.unit, dropIns, explain);
  } finally {
    await machine.stop();
  }
}

/** What runs of this host's own daemons left, the directories that a boot makes for this package, and another service beside it. */
function preparation(prepare = ''): string {
  return `systemd-tmpfiles --create 2>/dev/null || :; rm -f /run/nologin; ${otherService}\n${prepare}`;
}

async function prepared({ unit, unitText, prepare }: Packaged): Promise<Machine> {
  const machine = await bootMachine();
  try {
    if (unitText !== undefined) {
      await machine.writeFile(`/etc/systemd/system/${unit}`, unitText);
      await must(machine, 'systemctl daemon-reload');
    }
    await must(machine, preparation(prepare));
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
