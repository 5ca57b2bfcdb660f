import { readFile } from 'node:fs/promises';
import { createFile, replaceFile } from '../emit/replace-file.ts';
import { mergeProfiles } from '../profile/merge.ts';
import { type Profile, profileSchema } from '../profile/profile.ts';
import { Failure } from './failure.ts';

/** Reads a saved profile. Throws a Failure where the file can't be read or holds something else. */
export async function loadProfile(path: string): Promise<Profile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Failure(`${path} cannot be read (${codeOf(error)}).`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Failure(
      `${path} begins like a profile, but is no JSON: give a strace log or a file that --profile wrote.`,
    );
  }
  const parsed = profileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Failure(
    `${path} is not a profile of this version (at ${JSON.stringify(where)}): make it anew with --profile.`,
  );
}

/** Writes a profile for its owner alone, or adds to the one that is there. Returns what the file holds now. */
export async function saveProfile(path: string, profile: Profile): Promise<Profile> {
  const write = (content: Profile) => ({ path, mode: 0o600, content: `${JSON.stringify(content)}\n` });
  try {
    await createFile(write(profile));
    return profile;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw new Failure(`${path} cannot be written (${codeOf(error)}).`);
  }
  const merged = mergeProfiles([await loadProfile(path), profile]);
  await replaceFile(write(merged));
  return merged;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
