import { lstat, readFile } from 'node:fs/promises';
import { createFile, replaceFile } from '../emit/replace-file.ts';
import { mergeProfiles } from '../profile/merge.ts';
import { type Profile, profileSchema } from '../profile/profile.ts';
import { codeOf, Failure } from './failure.ts';
import { checkDirectory } from './output-file.ts';

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
      `${path} is no profile, because it is no JSON: give a file that --profile wrote, or a new name.`,
    );
  }
  const parsed = profileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Failure(
    `${path} is not a profile of this version (at ${JSON.stringify(where)}): make it anew with --profile.`,
  );
}

/** Says before a long trace what would fail after it. Throws a Failure where the profile can't be kept in this file. */
export async function checkProfile(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  await checkDirectory(path);
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  if (exists) await loadProfile(path);
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
