import { existsSync } from 'node:fs';
import { placesToLookAt } from '../directives/known-places.ts';
import { bytesOfText } from '../paths/byte-text.ts';
import { openRoot } from '../paths/root.ts';
import { describeFiles } from '../profile/describe-files.ts';
import type { Profile } from '../profile/profile.ts';
import { aroundProgram } from './around-program.ts';
import { closedPlaces } from './closed-places.ts';
import { neighbours } from './neighbours.ts';

/** What a machine says of a program, beside the files that were used. */
export type AroundProgram = Partial<Profile>;

/**
 * What the machine of the traced program says of it: this needs no more than its name.
 * @param root the file system on which it was traced
 */
export async function factsAround(program: string, root: string): Promise<AroundProgram> {
  // Units of this host say nothing of another one.
  const around = root === '/' ? await aroundProgram(program) : {};
  return { ...around, closed: closedPlaces(root), neighbours: neighbours(root, program) };
}

/** Adds to a profile what was found around its program, and what the files are that it used. */
export function addFacts(profile: Profile, around: AroundProgram, root: string): void {
  Object.assign(profile, around, { files: describeFiles(profile, openRoot(root), placesToLookAt()) });
}

/**
 * The file system on which a program was traced: what the user says, else this host's where the program exists on it. On any other its
 * links and libraries would be a guess: then undefined, as for `none`.
 */
export function rootOf(program: string, asked: string | undefined): string | undefined {
  if (asked === 'none') return undefined;
  if (asked !== undefined) return asked;
  return program !== '' && existsSync(bytesOfText(program)) ? '/' : undefined;
}
