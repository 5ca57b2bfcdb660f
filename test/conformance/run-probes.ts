import { readFile } from 'node:fs/promises';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import type { Machine } from '../../src/systemd/machine.ts';
import { straceVersion } from '../../src/trace/live/find-strace.ts';
import { straceArguments } from '../../src/trace/live/strace-arguments.ts';
import type { Probe } from './probe.ts';
import type { NumberedProbe } from './table.ts';

/** What became of an act: `ok`, `less`, an errno, a signal, or `not begun` and systemd's word for it. */
export type Outcome = string;

export interface ProbeRun {
  /** Without the lines, under strace. */
  free: Outcome;
  /** Under them. */
  confined: Outcome;
  /** The log of strace, on the host. */
  log: string;
}

const place = '/opt/conformance';
const python = '/usr/bin/python3';

/** The directory of a probe's own, in which it finds `f` and `g` (files), `d` (a directory), `prog` (a program). */
export const directoryOf = ({ number }: NumberedProbe) => `/var/lib/probe-${number}`;
/** `@` is the probe's directory, but for one that begins a name (`@system-service`); `#` its number. */
export const filledIn = (text: string, probe: NumberedProbe) =>
  text.replaceAll(/@(?![a-z])/g, directoryOf(probe)).replaceAll('#', String(probe.number));

const fixture = `
import json, os, shutil, stat, struct, sys
def fill(path):
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(f'{path}/d')
    for name, mode in (('f', 0o666), ('g', 0o666), ('d/f', 0o666)):
        with open(f'{path}/{name}', 'w') as file: file.write('data')
        os.chmod(f'{path}/{name}', mode)
    shutil.copy('/usr/bin/true', f'{path}/prog')
    for name in ('', '/d', '/prog'): os.chmod(path + name, 0o777)
os.umask(0)
for path, before in json.load(sys.stdin):
    fill(path)
    exec(before, globals())
`;

/** What all may need once: nodes that a machine lacks, sockets of others. */
const prepare = `
set -e
mknod -m 644 /dev/kmsg c 1 11
mknod -m 666 /dev/fuse c 10 229
mknod -m 660 /dev/rtc0 c 254 0
mkdir -p /home/probe /usr/lib/modules /run/user
chmod 777 /home/probe
echo data >/usr/lib/modules/probe
echo data >/home/probe/f
chmod 666 /home/probe/f
`;

const cut = `
import json, sys
for name, text in json.load(sys.stdin).items():
    with open(name, 'w') as file: file.write(text)
`;

const said = `
import json, os, sys
def text(name):
    path = '${place}/out/' + name
    return open(path, errors='replace').read() if os.path.exists(path) else ''
json.dump({name: text(name) for name in json.load(sys.stdin)}, sys.stdout)
`;

type Phase = 'trace' | 'probe';

/** So many units are started side by side: more would only wait for each other. */
const atOnce = 40;

/** Does every act twice: under strace, and under the probe's lines. All in units of one machine, many side by side. */
export async function runProbes(machine: Machine, probes: readonly NumberedProbe[]): Promise<ProbeRun[]> {
  const must = (argv: string[], input?: string) => runIn(machine, argv, input);
  await must(['sh', '-c', prepare]);
  await must(['mkdir', '-p', `${place}/out`]);
  await must(['chmod', '1777', `${place}/out`]);
  const version = straceVersion(await must(['strace', '--version']));
  if (version === undefined) throw new Error('The strace of the machine does not say its version.');
  const files: [string, string][] = [
    [`${place}/act.py`, await readFile(new URL('act.py', import.meta.url), 'utf8')],
  ];
  const phases: Phase[] = ['trace', 'probe'];
  for (const phase of phases)
    for (const probe of probes) {
      const act = [python, '-I', '-S', `${place}/act.py`, hexOf(filledIn(probe.act, probe))];
      const user = phase === 'trace' && needsRoot(probe) ? probe.user : undefined;
      const strace = straceArguments({ version, output: logOf(probe), user });
      const argv = phase === 'trace' ? ['/usr/bin/strace', ...strace, '--', ...act] : act;
      const { lines, unit } = { lines: probe.lines, unit: unitLines(probe, phase) };
      const text = minimalUnit(argv, [
        'Type=oneshot',
        `StandardOutput=truncate:${place}/out/${nameOf(phase, probe)}`,
        ...unit,
        ...(phase === 'probe' ? lines.map((line) => filledIn(line, probe)) : []),
      ]);
      files.push([`/run/systemd/system/${nameOf(phase, probe)}.service`, text]);
    }
  await must([python, '-c', cut], JSON.stringify(Object.fromEntries(files)));
  await must(['systemctl', 'daemon-reload']);
  const ready = JSON.stringify(
    probes.map((probe) => [directoryOf(probe), filledIn(probe.before ?? '', probe)]),
  );
  for (const phase of phases) {
    await must([python, '-c', fixture], ready);
    for (let at = 0; at < probes.length; at += atOnce) {
      const units = probes.slice(at, at + atOnce).map((probe) => `${nameOf(phase, probe)}.service`);
      // It fails where one of them does, which is what some are for.
      const { timedOut } = await machine.run(['systemctl', 'start', ...units], { timeout: 300_000 });
      if (timedOut) throw new Error(`These probes take too long, or this host has too much to do: ${units}.`);
    }
  }
  const ends = await endsOf(machine, probes);
  const endOf = (phase: Phase, probe: NumberedProbe) => {
    const end = ends.get(nameOf(phase, probe));
    if (end === undefined) throw new Error(`systemd does not say how ${nameOf(phase, probe)} ended.`);
    return end;
  };
  return probes.map((probe) => ({
    free: endOf('trace', probe),
    confined: endOf('probe', probe),
    log: `${machine.root}${logOf(probe)}`,
  }));
}

/** @throws when it fails, or has not ended after five minutes. */
async function runIn(machine: Machine, argv: string[], input = ''): Promise<string> {
  const { exitCode, stdout, stderr, timedOut } = await machine.run(argv, { input, timeout: 300_000 });
  if (exitCode === 0) return stdout;
  const why = timedOut ? 'it took too long' : stderr;
  throw new Error(`${argv[0]} ${argv[1]} failed in the machine: ${why}`);
}

const nameOf = (phase: Phase, { number }: NumberedProbe) => `${phase}-${number}`;
const hexOf = (text: string) => Buffer.from(text).toString('hex');
const logOf = ({ number }: NumberedProbe) => `${place}/out/${number}.strace`;

/**
 * strace has to stay root, so that set-user-ID programs are what they are; but it would lose ambient capabilities, and groups are
 * delegated to the unit's user alone.
 */
const needsRoot = ({ unit = [] }: Pick<Probe, 'unit'>) =>
  !unit.some((line) => /^(?:Ambient|Delegate)/.test(line));

function unitLines({ user, unit = [] }: Probe, phase: Phase): string[] {
  return user === undefined || (phase === 'trace' && needsRoot({ unit }))
    ? [...unit]
    : [`User=${user}`, ...unit];
}

async function endsOf(machine: Machine, probes: readonly NumberedProbe[]): Promise<Map<string, Outcome>> {
  const names = probes.flatMap((probe) => [nameOf('trace', probe), nameOf('probe', probe)]);
  const printed = await runIn(machine, [python, '-c', said], JSON.stringify(names));
  const texts: Record<string, string> = JSON.parse(printed);
  const properties = '--property=Id,ExecMainCode,ExecMainStatus';
  const blocks: string[] = [];
  for (let at = 0; at < names.length; at += atOnce) {
    const units = names.slice(at, at + atOnce).map((name) => `${name}.service`);
    blocks.push(...(await runIn(machine, ['systemctl', 'show', properties, ...units])).split('\n\n'));
  }
  const ends = new Map<string, Outcome>();
  for (const block of blocks) {
    const of = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? '';
    const name = of('Id').replace('.service', '');
    // A program that is run may say something too: the last word is the act's.
    const [begun, ...rest] = (texts[name] ?? '').split(/\s+/).filter(Boolean);
    const outcome = rest.at(-1);
    const wasKilled = of('ExecMainCode') !== '1';
    if (outcome !== undefined) ends.set(name, outcome);
    else if (begun === undefined) ends.set(name, `not begun: ${of('ExecMainStatus')}`);
    else if (wasKilled && of('ExecMainStatus') === '31') ends.set(name, 'SIGSYS');
    else ends.set(name, `${wasKilled ? 'killed by' : 'ended with'} ${of('ExecMainStatus')}`);
  }
  return ends;
}
