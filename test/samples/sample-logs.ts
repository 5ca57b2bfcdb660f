import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Reading, readInputs } from '../../src/commands/read-inputs.ts';
import { type Context, type Level, levels } from '../../src/directives/context.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { inferSettings, type Settings } from '../../src/directives/settings.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { evaluateFilter, type SyscallFilter } from '../../src/syscall-groups/evaluate.ts';
import type { SyscallGroups } from '../../src/syscall-groups/groups.ts';
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
  const described = debian.get(profile) ?? withDebianFacts(profile);
  debian.set(profile, described);
  return [profile, described];
}

const debian = new WeakMap<Profile, Profile>();

/** The lines of a log's file by number, from 1; each character is one byte. */
export function linesOf(file: string): string[] {
  const text = gunzipSync(readFileSync(file)).toString('latin1');
  return ['', ...text.replace(/\n$/, '').split('\n')];
}

/** Every version of which the groups are known. */
export const versions: readonly number[] = knownVersions();

const groups = new Map<number, SyscallGroups>();

function groupsFor(systemd: number): SyscallGroups {
  const known = groups.get(systemd) ?? groupsOfVersion(systemd);
  groups.set(systemd, known);
  return known;
}

/** For what a drop-in is made: the data's groups, not the host's, so that a test says the same on any machine. */
export function contextFor(systemd: number, level: Level = 'minimal', asked: Partial<Context> = {}): Context {
  return {
    level,
    systemd,
    groups: groupsFor(systemd),
    architecture: 'x86-64',
    onDeny: 'errno',
    network: false,
    confine: false,
    bpf: undefined,
    ...asked,
  };
}

const concluded = new WeakMap<Profile, Map<string, Settings>>();

/** Each is inferred once: many laws look at the same. */
export function settingsOf(
  profile: Profile,
  level: Level,
  systemd: number,
  asked: Partial<Context> = {},
): Settings {
  const ofProfile = concluded.get(profile) ?? new Map<string, Settings>();
  concluded.set(profile, ofProfile);
  const key = JSON.stringify([level, systemd, asked]);
  const known = ofProfile.get(key) ?? inferSettings(profile, contextFor(systemd, level, asked));
  ofProfile.set(key, known);
  return known;
}

/** What may be asked for beside a level and a version. */
const ways: readonly Partial<Context>[] = [
  {},
  { confine: true },
  { network: true },
  {},
  { onDeny: 'log' },
  { onDeny: 'kill', bpf: false },
  { confine: true, network: true },
];

export interface Case {
  profile: Profile;
  level: Level;
  version: number;
  asked: Partial<Context>;
  /** For messages. */
  name: string;
}

/**
 * Every level and every version for a log, each with something else that may be asked for, and as read with and without the
 * machine's files, by turns: over all logs each version meets each of them.
 */
export async function casesOf(log: SampleLog): Promise<Case[]> {
  const read = await withAndWithoutFacts(log);
  const first = sampleLogs.indexOf(log);
  return levels.flatMap((level, atLevel) =>
    versions.flatMap((version, atVersion): Case[] => {
      const turn = first + atVersion + atLevel;
      const asked = ways[turn % ways.length] ?? {};
      const profile = read[turn % read.length];
      const facts = turn % read.length === 0 ? 'no facts' : 'facts';
      return profile === undefined
        ? []
        : [
            {
              profile,
              level,
              version,
              asked,
              name: `${level}, systemd ${version}, ${JSON.stringify(asked)}, ${facts}`,
            },
          ];
    }),
  );
}

/** What systemd makes of the lines of SystemCallFilter=, of which a word may be left out. */
export function filterOf(settings: readonly Setting[], systemd: number, without?: string): SyscallFilter {
  const lines = settings
    .filter(({ directive }) => directive === 'SystemCallFilter')
    .flatMap(({ assignments }) => assignments)
    .map(({ words }) => words.filter((word) => word !== without).join(' '));
  return evaluateFilter(lines, groupsFor(systemd));
}

/** What a dry run lets by without a line in the kernel's log: unlike a filter's, its list does not begin with @default. */
export function logOf(
  settings: readonly Setting[],
  systemd: number,
): Pick<SyscallFilter, 'skipped' | 'allows'> {
  const known = groupsFor(systemd);
  const words = settings
    .filter(({ directive }) => directive === 'SystemCallLog')
    .flatMap(({ assignments }) => assignments.flatMap((line) => line.words));
  const isInverted = words[0]?.startsWith('~') === true;
  const named = words.map((word) => word.replace(/^~/, ''));
  const listed = new Set(named.flatMap((word) => (word.startsWith('@') ? [...known.members(word)] : [word])));
  const isStrange = (word: string) =>
    word.startsWith('@') ? !known.names().includes(word) : !known.known(word);
  return {
    skipped: named.filter(isStrange).map((word) => ({ word, why: 'not known' })),
    allows: (name) => words.length === 0 || listed.has(name) === isInverted,
  };
}
