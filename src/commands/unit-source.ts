import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { textOfBytes } from '../paths/byte-text.ts';
import { installedUnit } from '../systemd/installed-unit.ts';
import { readUnitName } from '../systemd/unit-name.ts';
import { readUnitText, type UnitLine } from '../systemd/unit-text.ts';
import { systemReason } from '../trace/log-error.ts';
import { Failure } from './failure.ts';

/** One unit, of as many files as were named: what stands in them, in the order in which systemd would read it. */
export interface UnitSource {
  /** `foo@bar.service`, where a name or a place tells it: specifiers mean something then. */
  name: string | undefined;
  lines: UnitLine[];
  /** What systemd would ignore: `file:line: why`. */
  warnings: string[];
  /** Where `.include` lines stand. */
  includes: { file: string; line: number }[];
}

/** A unit file is small; what is larger is something else. */
const mostBytes = 4 << 20;

/**
 * Reads unit files, drop-ins, and installed units by name (with their drop-ins); nothing is run.
 * Throws a Failure where one can't be read.
 */
export async function unitSource(names: readonly string[]): Promise<UnitSource> {
  const all: UnitSource = { name: undefined, lines: [], warnings: [], includes: [] };
  for (const name of names) {
    const one = await readOne(name);
    // A drop-in that is installed is among those of the unit: it is read once, in the place where it was named.
    const own = new Set(one.lines.map(({ file }) => resolve(file)));
    all.lines = [...all.lines.filter(({ file }) => !own.has(resolve(file))), ...one.lines];
    all.warnings = [...new Set([...all.warnings, ...one.warnings])];
    all.includes.push(...one.includes);
    all.name ??= one.name;
  }
  return all;
}

async function readOne(name: string): Promise<UnitSource> {
  const isUnitName = !name.includes('/') && readUnitName(name) !== undefined && !existsSync(name);
  if (isUnitName) {
    const unit = installedUnit(name);
    if (unit === undefined)
      throw new Failure(
        `There is no file and no unit ${name} here: give the path of a unit file or drop-in.`,
      );
    return { name: unit.name, ...unit.text, includes: [] };
  }
  const bytes = await readFile(name);
  const file = textOfBytes(Buffer.from(name).toString('latin1'));
  return { name: unitNameOf(name), ...readUnitText(bytes, file), includes: includesOf(bytes, file) };
}

async function readFile(name: string): Promise<Buffer> {
  const file = await open(name).catch((error: unknown) => {
    throw new Failure(`${name} cannot be read: ${systemReason(error)}.`);
  });
  try {
    const stat = await file.stat();
    if (stat.isDirectory())
      throw new Failure(`${name} is a directory: name the unit file, or a drop-in in it.`);
    const buffer = Buffer.alloc(mostBytes + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size < buffer.length; size += read)
      read = (await file.read(buffer, size, buffer.length - size)).bytesRead;
    if (size > mostBytes) throw new Failure(`${name} is over 4 MiB: that is no unit file.`);
    return buffer.subarray(0, size);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`${name} cannot be read: ${systemReason(error)}.`);
  } finally {
    await file.close();
  }
}

/** `…/foo.service`, or `…/foo.service.d/any.conf`. */
function unitNameOf(path: string): string | undefined {
  const file = basename(path);
  const directory = basename(dirname(resolve(path)));
  return [file, directory.endsWith('.d') ? directory.slice(0, -2) : ''].find(
    (name) => readUnitName(name) !== undefined,
  );
}

function includesOf(bytes: Buffer, file: string): UnitSource['includes'] {
  const lines = bytes.toString('latin1').split('\n');
  return lines.flatMap((line, at) => (/^\s*\.include\s/.test(line) ? [{ file, line: at + 1 }] : []));
}
