import { join } from 'node:path';
import { openUnits } from '../../systemd/installed-unit.ts';
import { type SocketUnit, socketsOf } from '../../systemd/socket-units.ts';
import { kindOfName, readUnitName, writeUnitName } from '../../systemd/unit-name.ts';
import type { UnitLine } from '../../systemd/unit-text.ts';
import { Failure } from '../failure.ts';
import { traceDropInName } from './trace-drop-in.ts';
import { systemctl, type UnitHost } from './unit-host.ts';
import { anInstanceOf } from './unit-state.ts';

/** The drop-in that `--apply` installs, and that messages tell to install. */
export const appliedName = '50-sandbox-profile.conf';

/** Where everything of ours lies that belongs to one watched unit. */
export interface Places {
  /** Of this unit alone; others may pass through it, and see nothing. */
  state: string;
  /** A directory for each run, which belongs to the user of the unit. */
  traces: string;
  /** What runs that are over have shown. */
  profile: string;
  note: string;
  lock: string;
  /** Written by the companion where it ended the tracing. */
  ended: string;
  dropIns: string;
  traceDropIn: string;
  applied: string;
  companion: string;
  companionFile: string;
}

export function placesOf({ units, state }: Pick<UnitHost, 'units' | 'state'>, unit: string): Places {
  const own = join(state, unit);
  const dropIns = join(units, `${unit}.d`);
  const companion = `sandbox-profile-tend-${anInstanceOf(unit)}`;
  return {
    state: own,
    traces: join(own, 'traces'),
    profile: join(own, 'profile.json'),
    note: join(own, 'state.json'),
    lock: join(state, `.lock-${unit}`),
    ended: join(own, 'ended'),
    dropIns,
    traceDropIn: join(dropIns, traceDropInName),
    applied: join(dropIns, appliedName),
    companion,
    companionFile: join(units, companion),
  };
}

/** A service's full name. Throws a Failure for what can be none. */
export function serviceName(name: string): string {
  const full = /\.[a-z]+$/.test(name) && readUnitName(name) !== undefined ? name : `${name}.service`;
  const parts = readUnitName(full);
  if (parts === undefined) throw new Failure(`${JSON.stringify(name)} is no name of a unit.`);
  if (parts.type !== 'service')
    throw new Failure(`${full} runs no daemon itself: name the service that it starts.`);
  if (full.length > 220) throw new Failure(`The name ${full.slice(0, 40)}… is too long.`);
  return full;
}

export interface ServiceText {
  /** Its own name, where it was asked for by an alias; the template's, where each connection has its instance. */
  name: string;
  fragment: string;
  dropIns: string[];
  /** All assignments, without those of the drop-ins that were left out. */
  lines: UnitLine[];
  sockets: SocketUnit[];
}

/**
 * What unit files and drop-ins say of a service, as they are now.
 * @param without paths of drop-ins of ours
 */
export async function serviceText(
  host: UnitHost,
  unit: string,
  without: readonly string[] = [],
): Promise<ServiceText> {
  const units = openUnits('/', host.isUser ? (host.unitPath ?? (await userDirectories(host))) : undefined);
  const sockets = socketsOf(units, unit);
  const found = units.unit(traceableName(unit, sockets));
  if (found === undefined)
    throw new Failure(
      `There is no unit file for ${unit} here: \`systemctl list-unit-files\` shows which there are.`,
    );
  const lines = found.text.lines.filter(({ file }) => !without.includes(file));
  if (!lines.some(({ section, key, text }) => section === 'Service' && key === 'ExecStart' && text !== ''))
    throw new Failure(`${unit} has no ExecStart=, so there is no daemon to trace.`);
  return {
    name: found.name,
    fragment: found.fragment,
    dropIns: found.dropIns.filter((file) => !without.includes(file)),
    lines,
    sockets,
  };
}

/** Of a template one instance, but for that of a socket with Accept=yes: its instances come and go, and only the template stays. */
function traceableName(unit: string, sockets: readonly SocketUnit[]): string {
  const parts = readUnitName(unit);
  if (parts?.instance === undefined) return unit;
  if (sockets.some(({ accepts }) => accepts)) return writeUnitName({ ...parts, instance: '' });
  if (kindOfName(parts) === 'template')
    throw new Failure(`${unit} is a template: name one instance, such as ${unit.replace('@.', '@NAME.')}.`);
  return unit;
}

async function userDirectories(host: UnitHost): Promise<string[]> {
  const { stdout } = await systemctl(host, 'show', '-P', 'UnitPath');
  return stdout
    .trim()
    .split(' ')
    .filter((path) => path.startsWith('/'));
}
