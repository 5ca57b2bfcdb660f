import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { placesToLookAt } from '../directives/known-places.ts';
import { bytesOfText } from '../paths/byte-text.ts';
import { openRoot } from '../paths/root.ts';
import { describeFiles } from '../profile/describe-files.ts';
import { mergeProfiles } from '../profile/merge.ts';
import type { Profile } from '../profile/profile.ts';
import { findLogs } from '../trace/log-files.ts';
import type { LogReading } from '../trace/open-log.ts';
import { aroundProgram } from './around-program.ts';
import { closedPlaces } from './closed-places.ts';
import { neighbours } from './neighbours.ts';
import { loadProfile } from './profile-file.ts';
import type { GivenOfLog } from './profile-of-log.ts';
import { readApart } from './read-apart.ts';

/** What a log doesn't tell, and the user may know. */
export interface Given extends GivenOfLog {
  /** The file system on which the log was taken: a directory, or `none`. By default this host's, where the program exists. */
  root: string | undefined;
}

export interface Reading {
  profile: Profile;
  unread: LogReading['unread'];
  /** Whether links, libraries and owners could be looked up. */
  hasFileFacts: boolean;
  /** The file system on which it was traced; undefined where that can't be looked at. */
  root: string | undefined;
}

/**
 * Reads logs and saved profiles, and makes one profile of them all.
 * Throws LogError or Failure where one can't be read.
 */
export async function readInputs(paths: string[], given: Given): Promise<Reading> {
  const profiles: Profile[] = [];
  const unread: LogReading['unread'] = [];
  const logs: string[] = [];
  for (const path of paths) {
    if (path !== '-' && (await isProfile(path))) profiles.push(await loadProfile(path));
    else logs.push(path);
  }
  let hasFileFacts = true;
  const underWay = logs.length === 0 ? [] : readApart(await findLogs(logs), given);
  const facts = underWay.map(({ program }) => program.then((name) => factsAround(name, given)));
  // Where a log can't be read nobody waits for these.
  for (const each of facts) each.catch(() => undefined);
  for (const [at, { done }] of underWay.entries()) {
    const { profile, reading } = await done;
    const { root, around } = (await facts[at]) ?? { root: undefined, around: {} };
    if (root === undefined) hasFileFacts = false;
    else Object.assign(profile, around, { files: describeFiles(profile, openRoot(root), placesToLookAt()) });
    profiles.push(profile);
    unread.push(...reading.unread);
  }
  const profile = mergeProfiles(profiles);
  return { profile, unread, hasFileFacts, root: rootOf(profile.sources[0]?.program ?? '', given) };
}

/** What the machine of the traced program says of it, while the log is still being read. */
async function factsAround(
  program: string,
  given: Given,
): Promise<{ root: string | undefined; around: Partial<Profile> }> {
  const root = rootOf(program, given);
  if (root === undefined) return { root, around: {} };
  // Units of this host say nothing of another one.
  const around = root === '/' ? await aroundProgram(program) : {};
  const others = { closed: closedPlaces(root), neighbours: neighbours(root, program) };
  return { root, around: { ...around, ...others } };
}

/** This host serves where the program of the log exists on it; on any other its links and libraries would be a guess. */
function rootOf(program: string, given: Given): string | undefined {
  if (given.root === 'none') return undefined;
  if (given.root !== undefined) return given.root;
  return program !== '' && existsSync(bytesOfText(program)) ? '/' : undefined;
}

/** A profile is JSON; no line of a trace begins with a brace. */
async function isProfile(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    if (!(await file.stat()).isFile()) return false;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, 0);
    return bytesRead === 1 && buffer.toString('latin1') === '{';
  } finally {
    await file.close();
  }
}
