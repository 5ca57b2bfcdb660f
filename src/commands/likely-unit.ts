import { readFileSync, realpathSync } from 'node:fs';
import { bytesOfText } from '../paths/byte-text.ts';
import { type ExecCommand, execCommands } from '../systemd/exec-commands.ts';
import { type InstalledUnit, openUnits } from '../systemd/installed-unit.ts';
import { unitsOfHost } from './known-host.ts';

/** Where systemd looks for a program without a slash in its name: https://man7.org/linux/man-pages/man7/file-hierarchy.7.html */
const searched = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** A unit of this host. */
export interface UnitFile {
  /** `cron.service`, `getty@.service` */
  name: string;
  /** Of the unit and its drop-ins. */
  commands: ExecCommand[];
}

/** The service of this host whose ExecStart= starts this program (path text); undefined where none does, or several do. */
export function unitThatStarts(program: string, directories?: readonly string[]): string | undefined {
  // A template has no instance to restart.
  const found = unitFilesThatStart(program, directories).filter(({ name }) => !name.includes('@.'));
  return found.length === 1 ? found[0]?.name : undefined;
}

/** Every service of this host, templates too, whose ExecStart= starts this program (path text). */
export function unitFilesThatStart(program: string, directories?: readonly string[]): UnitFile[] {
  const units = directories === undefined ? unitsOfHost() : openUnits('/', directories);
  const starts = startsProgram(program);
  return units.names.flatMap((name) => {
    const unit = name.endsWith('.service') ? units.unit(name) : undefined;
    return unit !== undefined && starts(unit)
      ? [{ name, commands: execCommands(unit.text.lines, name) }]
      : [];
  });
}

/** Asks of a service whether its ExecStart= starts this program (path text). */
export function startsProgram(program: string): (unit: InstalledUnit) => boolean {
  const file = realPath(program);
  return ({ name, text }) =>
    file !== undefined &&
    execCommands(text.lines, name).some(
      ({ key, program: started }) => key === 'ExecStart' && programFile(started, realPath) === file,
    );
}

/** The first that `find` knows of the places where systemd looks for the program of a command. */
export function programFile<Found>(
  program: string,
  find: (path: string) => Found | undefined,
): Found | undefined {
  if (program.includes('/')) return program.startsWith('/') ? find(program) : undefined;
  for (const directory of searched) {
    const found = find(`${directory}/${program}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The service that a running process belongs to, as its control group says: `0::/system.slice/cron.service`. */
export function unitOfProcess(pid: number): string | undefined {
  const groups = read(`/proc/${pid}/cgroup`);
  return /^\S*:\/system\.slice\/(?:[^/\n]+\.slice\/)*([\w:.\\@-]+\.service)(?:\/|$)/m.exec(groups)?.[1];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function realPath(path: string): string | undefined {
  try {
    // The other one asks for each part of the path, and there are hundreds of units.
    return realpathSync.native(bytesOfText(path), 'latin1');
  } catch {
    return undefined;
  }
}
