import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { placesToLookAt } from '../directives/known-places.ts';
import { bytesOfText, textOfBytes } from '../paths/byte-text.ts';
import { openRoot } from '../paths/root.ts';
import { describeFiles } from '../profile/describe-files.ts';
import { Gatherer } from '../profile/gather.ts';
import { mergeProfiles } from '../profile/merge.ts';
import type { Profile } from '../profile/profile.ts';
import { SharedMoves } from '../profile/shared-moves.ts';
import type { Inherited } from '../profile/task.ts';
import { findLogs, type LogSource } from '../trace/log-files.ts';
import { type LogReading, readLog } from '../trace/open-log.ts';
import { aroundProgram } from './around-program.ts';
import { closedConfiguration } from './closed-configuration.ts';
import { loadProfile } from './profile-file.ts';

/** What a log doesn't tell, and the user may know. */
export interface Given {
  cwd: string | undefined;
  /** The file system on which the log was taken: a directory, or `none`. By default this host's, where the program exists. */
  root: string | undefined;
  architecture: string;
  /** The user under whom the traced program was started; root where nobody says otherwise. */
  uid?: number | undefined;
}

export interface Reading {
  profile: Profile;
  unread: LogReading['unread'];
  /** Whether links, libraries and owners could be looked up. */
  hasFileFacts: boolean;
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
  for (const log of logs.length === 0 ? [] : await findLogs(logs)) {
    const { profile, reading } = await readOne(log, given);
    const root = rootOf(profile, given);
    if (root === undefined) hasFileFacts = false;
    else {
      // Units of this host say nothing of another one.
      if (root === '/') Object.assign(profile, await aroundProgram(profile.sources[0]?.program ?? ''));
      profile.closed = closedConfiguration(root);
      profile.files = describeFiles(profile, openRoot(root), placesToLookAt());
    }
    profiles.push(profile);
    unread.push(...reading.unread);
  }
  return { profile: mergeProfiles(profiles), unread, hasFileFacts };
}

async function readOne(log: LogSource, given: Given): Promise<{ profile: Profile; reading: LogReading }> {
  let isFirst = true;
  const inherited = (): Inherited | undefined => {
    // Only the first process of a log stands where the user says: what began elsewhere is not known.
    const current = isFirst ? given.cwd : undefined;
    isFirst = false;
    return { current, root: '/', descriptors: new Map() };
  };
  const name = log.name === '-' ? 'standard input' : textOfBytes(Buffer.from(log.name).toString('latin1'));
  const { architecture, uid } = given;
  const single = log.files.length === 1;
  const moves = new SharedMoves();
  if (!single) await readLog(log, (event) => moves.event(event));
  const movesUnordered = (pid: number) => moves.has(pid);
  const gatherer = new Gatherer({ source: name, how: 'log', architecture, uid, movesUnordered, inherited });
  const reading = await readLog(
    log,
    (event, file) => gatherer.event(event, single ? name : file),
    (file) => gatherer.skimming(single ? name : file),
  );
  return { profile: gatherer.finish(reading.tally), reading };
}

/** This host serves where the program of the log exists on it; on any other its links and libraries would be a guess. */
function rootOf(profile: Profile, given: Given): string | undefined {
  if (given.root === 'none') return undefined;
  if (given.root !== undefined) return given.root;
  const program = profile.sources[0]?.program ?? '';
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
