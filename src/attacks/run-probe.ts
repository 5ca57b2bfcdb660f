import { readFile } from 'node:fs/promises';
import { bytesOfText } from '../paths/byte-text.ts';
import { execStart } from '../systemd/exec-start.ts';
import type { Machine } from '../systemd/machine.ts';
import { placeDecoys, roomDirectory } from './decoys.ts';
import { type Prober, systemProber } from './prober.ts';
import { type AttackResult, readResults, resultsSize } from './result.ts';
import { type Target, targetOf } from './target.ts';

const bareUnit = 'sandbox-profile-bare.service';

/** What is known of a machine that was furnished for attacks. */
interface Room {
  decoys: string;
  /** What root can do there without any sandbox. */
  possible: Set<string>;
}

const rooms = new WeakMap<Machine, Promise<Room>>();

/**
 * Tries every attack from the place of a unit's daemon: the probe lies where its executable lay and runs as what its ExecStart=
 * starts, in the sandbox that its unit and drop-ins make, with its user and its prefixes. The unit's other Exec lines are left
 * out. The machine is furnished with decoys first, and is of no other use afterwards.
 * @param dropIn one more drop-in, which is read after all others, and gone afterwards
 * @param prober whose unit it is; the machine's own manager's unless given
 * @returns one result for each attack, in the order of the table
 * @throws when the unit cannot be started with the probe in it
 */
export async function runProbe(
  machine: Machine,
  unit: string,
  dropIn?: string,
  prober = systemProber(machine),
): Promise<AttackResult[]> {
  let room = rooms.get(machine);
  if (room === undefined) {
    room = openRoom(machine);
    rooms.set(machine, room);
  }
  const { decoys, possible } = await room;
  const directory = `${prober.units}/${unit}.d`;
  const extra = `${directory}/zzzy-sandbox-profile-tried.conf`;
  const own = `${directory}/zzzz-sandbox-profile-attacks.conf`;
  try {
    if (dropIn !== undefined) await machine.writeFile(extra, dropIn);
    const target = await targetOf(machine, prober, unit);
    await machine.writeFile(own, takingItsPlace(target, decoys));
    const results = await inItsPlace(machine, target, () => runToTheEnd(machine, prober, target.unit));
    return results.map((result) =>
      result.outcome === 'closed' && !possible.has(result.id)
        ? { ...result, outcome: 'not-applicable' }
        : result,
    );
  } finally {
    await machine.run(['rm', '-f', extra, own]);
    // As long as its failure is remembered, so are its drop-ins.
    await prober.systemctl(['reset-failed', unit]);
    // A unit that a socket refers to stays loaded.
    await prober.systemctl(['daemon-reload']);
  }
}

async function openRoom(machine: Machine): Promise<Room> {
  const decoys = await placeDecoys(machine);
  const bare = `[Unit]\nDefaultDependencies=no\n[Service]\n${commonLines(decoys, ['/var/lib/decoy'], '')}ExecStart=${roomDirectory}/probe\n`;
  await machine.writeFile(`/run/systemd/system/${bareUnit}`, bare);
  const results = await runToTheEnd(machine, systemProber(machine), bareUnit);
  return {
    decoys,
    possible: new Set(results.filter(({ outcome }) => outcome === 'open').map(({ id }) => id)),
  };
}

/** As the unit is started, but once, to its end, and with the results as its standard input and output. */
function takingItsPlace(target: Target, decoys: string): string {
  const others = ['Condition', 'StartPre', 'StartPost', 'Reload', 'Stop', 'StopPost', 'Start'];
  return [
    '[Unit]',
    'StartLimitIntervalSec=0',
    'OnFailure=',
    'OnSuccess=',
    '[Service]',
    ...others.map((name) => `Exec${name}=`),
    `ExecStart=${target.prefix}${execStart([target.program])}`,
    'Restart=no',
    'RemainAfterExit=no',
    'PIDFile=',
    'BusName=',
    'WatchdogSec=0',
    ...(target.real === undefined ? [bindOverIt(target)] : []),
    commonLines(decoys, target.places, target.fragment),
  ].join('\n');
}

/** In another file tree, which may be an image, the probe is mounted over the daemon's executable: wherever that lies in it. */
function bindOverIt({ program }: Target): string {
  return `BindPaths=${roomDirectory}/probe:${program}`;
}

/** systemd opens one file for both, to be read and written, before it builds the sandbox: the probe maps it. */
function commonLines(decoys: string, places: readonly string[], fragment: string): string {
  const told = [
    'PROBE_MODE=attack',
    `PROBE_DECOYS=${decoys}`,
    `PROBE_PLACES=${places.filter((place) => !place.includes(':')).join(':')}`,
    `PROBE_UNIT_FILE=${fragment}`,
  ];
  return [
    'Type=oneshot',
    'TimeoutStartSec=90',
    'LimitCORE=0',
    `StandardInput=file:${roomDirectory}/results`,
    `StandardOutput=file:${roomDirectory}/results`,
    'StandardError=null',
    `Environment=${told.map(environmentWord).join(' ')}`,
    '',
  ].join('\n');
}

/** Environment= knows C escapes and specifiers. Bytes that a unit cannot hold are not told: that place is not tried. */
function environmentWord(text: string): string {
  const safe = bytesOfText(text)
    .toString('utf8')
    .replace(/[\p{Cc}\ufffd]/gu, '?');
  return `"${safe.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** The daemon's file is put aside only as long as the probe runs: it may be a shell that the machine needs. No shell is called. */
async function inItsPlace<T>(machine: Machine, { real }: Target, act: () => Promise<T>): Promise<T> {
  if (real === undefined) return await act();
  const kept = `${roomDirectory}/kept`;
  const copy = `${roomDirectory}/copy`;
  await must(machine, ['cp', '--', `${roomDirectory}/probe`, copy]);
  await must(machine, ['cp', '--attributes-only', '--preserve=mode,ownership,xattr', '--', real, copy]);
  await must(machine, ['cp', '-a', '--', real, kept]);
  await must(machine, ['mv', '-f', '--', copy, real]);
  try {
    return await act();
  } finally {
    await must(machine, ['mv', '-f', '--', kept, real]);
  }
}

/** Starts the unit until every attack has its result: a sandbox may kill the probe, or let it have no children. */
async function runToTheEnd(machine: Machine, prober: Prober, unit: string): Promise<AttackResult[]> {
  const path = `${roomDirectory}/results`;
  await prober.systemctl(['daemon-reload']);
  // A socket may have started the daemon itself a moment ago: while it runs, nothing else is started.
  await prober.systemctl(['stop', unit]);
  await must(machine, ['rm', '-f', path]);
  await must(machine, ['truncate', '-s', String(resultsSize), path]);
  if (prober.owner !== undefined) {
    // A user's manager opens the file as that user.
    await must(machine, ['chmod', '0711', roomDirectory]);
    await must(machine, ['chown', String(prober.owner), path]);
  }
  const all = await attackCount(machine);
  for (let before = '', stuck = 0; ; ) {
    await prober.systemctl(['reset-failed', unit]);
    const started = await prober.systemctl(['start', unit]);
    const file = await readFile(`${machine.root}${path}`);
    const { results, isInterrupted } = readResults(file);
    if (results.length === all && !isInterrupted) return results;
    const now = file.toString('latin1');
    stuck = now === before ? stuck + 1 : 0;
    before = now;
    if (stuck === 2) {
      const { stdout } = await prober.systemctl([
        'show',
        '-p',
        'Result,ExecMainStatus,ConditionResult',
        unit,
      ]);
      const shown = stdout.replaceAll('\n', ', ');
      throw new Error(
        `${unit} cannot be started with the probe in its daemon's place (${shown}): ${started.stderr}`,
      );
    }
  }
}

const counts = new WeakMap<Machine, Promise<number>>();

function attackCount(machine: Machine): Promise<number> {
  const known = counts.get(machine) ?? count(machine);
  counts.set(machine, known);
  return known;
}

async function count(machine: Machine): Promise<number> {
  const { stdout } = await machine.run(['env', 'PROBE_MODE=list', `${roomDirectory}/probe`]);
  return stdout.split('\n').length;
}

async function must(machine: Machine, argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await machine.run(argv);
  if (exitCode !== 0) throw new Error(`The attacks cannot be prepared: ${argv.join(' ')}: ${stderr}`);
}
