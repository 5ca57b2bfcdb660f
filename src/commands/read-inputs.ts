import { open } from 'node:fs/promises';
import type { Profile } from '../profile/profile.ts';
import { findLogs } from '../trace/log-files.ts';
import type { LogReading } from '../trace/open-log.ts';
import type { AroundProgram } from './machine-facts.ts';
import type { GivenOfLog } from './profile-of-log.ts';
import { readApart } from './read-apart.ts';

// The rest is loaded while threads read: that of large logs begins as soon as can be.
const loadFacts = () => import('./machine-facts.ts');
const loadMerge = () => import('../profile/merge.ts');
const loadProfiles = () => import('./profile-file.ts');

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
  const saved: string[] = [];
  const logs: string[] = [];
  for (const path of paths) (path !== '-' && (await isProfile(path)) ? saved : logs).push(path);
  const profiles: Profile[] = [];
  for (const path of saved) profiles.push(await (await loadProfiles()).loadProfile(path));
  const unread: LogReading['unread'] = [];
  let hasFileFacts = true;
  const underWay = logs.length === 0 ? [] : readApart(await findLogs(logs), given);
  // Logs of several days are of one program.
  const known = new Map<string, ReturnType<typeof factsOf>>();
  const factsOnce = (name: string) => {
    const found = known.get(name) ?? factsOf(name, given);
    known.set(name, found);
    return found;
  };
  const facts = underWay.map(({ program }) => program.then(factsOnce));
  // Where a log can't be read nobody waits for these.
  for (const each of facts) each.catch(() => undefined);
  for (const [at, { done }] of underWay.entries()) {
    const { profile, reading } = await done;
    const found = await facts[at];
    if (found === undefined) hasFileFacts = false;
    else (await loadFacts()).addFacts(profile, found.around, found.root);
    profiles.push(profile);
    unread.push(...reading.unread);
  }
  const profile = (await loadMerge()).mergeProfiles(profiles);
  const { rootOf } = await loadFacts();
  return { profile, unread, hasFileFacts, root: rootOf(profile.sources[0]?.program ?? '', given.root) };
}

/** What the machine of the traced program says of it, while the log is still being read; undefined where that can't be looked at. */
async function factsOf(
  program: string,
  given: Given,
): Promise<{ root: string; around: AroundProgram } | undefined> {
  const { factsAround, rootOf } = await loadFacts();
  const root = rootOf(program, given.root);
  return root === undefined ? undefined : { root, around: await factsAround(program, root) };
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
