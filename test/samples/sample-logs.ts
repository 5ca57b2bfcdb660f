import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Reading, readInputs } from '../../src/commands/read-inputs.ts';
import type { Context, Level } from '../../src/directives/context.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { inferSettings, type Settings } from '../../src/directives/settings.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { evaluateFilter, type SyscallFilter } from '../../src/syscall-groups/evaluate.ts';
import { groupsOfVersion, knownVersions } from '../../src/syscall-groups/version-groups.ts';
import { withDebianFacts } from './file-facts-of.ts';

/** A recorded log: see test/strace-samples/README.md. */
export interface SampleLog {
  name: string;
  path: string;
  /** One, or those of an `-ff` set. */
  files: string[];
}

const folder = fileURLToPath(new URL('../strace-samples/', import.meta.url));

export const sampleLogs: readonly SampleLog[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() || entry.name.endsWith('.gz'))
  .map((entry) => {
    const path = join(folder, entry.name);
    const files = entry.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
    return { name: basename(entry.name, '.strace.gz'), path, files };
  });

export function sampleLog(name: string): SampleLog {
  const log = sampleLogs.find((each) => each.name === name);
  if (log === undefined) throw new Error(`There is no sample ${name}.`);
  return log;
}

/** Each log is read once; nothing of the machine that runs the tests goes into what is made of it. */
const readings = new Map<string, Promise<Reading>>();

export function readingOf({ path }: SampleLog): Promise<Reading> {
  const known = readings.get(path) ?? readPaths([path]);
  readings.set(path, known);
  return known;
}

export function readPaths(paths: string[]): Promise<Reading> {
  return readInputs(paths, { cwd: undefined, root: 'none', architecture: 'x86-64' });
}

/** As read where the traced machine's files can't be looked at, and as read on that machine. */
export async function withAndWithoutFacts(log: SampleLog): Promise<Profile[]> {
  const { profile } = await readingOf(log);
  return [profile, withDebianFacts(profile)];
}

/** The lines of a log's file by number, from 1; each character is one byte. */
export function linesOf(file: string): string[] {
  const text = gunzipSync(readFileSync(file)).toString('latin1');
  return ['', ...text.replace(/\n$/, '').split('\n')];
}

export const versions: readonly number[] = [239, 247, 252, 257, Math.max(...knownVersions())];

/** The data's groups, not the host's: a test says the same on any machine. */
export function settingsOf(
  profile: Profile,
  level: Level,
  systemd: number,
  asked: Partial<Context> = {},
): Settings {
  return inferSettings(profile, contextOf(level, systemd, asked));
}

export function contextOf(level: Level, systemd: number, asked: Partial<Context> = {}): Context {
  return {
    level,
    systemd,
    groups: groupsOfVersion(systemd),
    architecture: 'x86-64',
    onDeny: 'errno',
    network: false,
    confine: false,
    bpf: undefined,
    ...asked,
  };
}

/** What systemd makes of the lines of SystemCallFilter=, of which a word may be left out. */
export function filterOf(settings: readonly Setting[], systemd: number, without?: string): SyscallFilter {
  const lines = settings
    .filter(({ directive }) => directive === 'SystemCallFilter')
    .flatMap(({ assignments }) => assignments)
    .map(({ words }) => words.filter((word) => word !== without).join(' '));
  return evaluateFilter(lines, groupsOfVersion(systemd));
}
