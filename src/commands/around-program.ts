import type { Profile } from '../profile/profile.ts';
import { packageDirectories } from './package-directories.ts';
import { packageFiles } from './package-files.ts';
import { preparedPaths } from './prepared-paths.ts';
import { rotatedDirectories } from './rotated-directories.ts';
import { unitCommands } from './unit-commands.ts';

type AroundProgram = Pick<Profile, 'beside' | 'shipped' | 'prepared' | 'rotated'>;

/** What this host's units and packages say of a traced program (path text), and no trace shows. */
export async function aroundProgram(program: string): Promise<AroundProgram> {
  if (program === '') return { beside: {}, shipped: {}, prepared: {}, rotated: {} };
  const files = await packageFiles(program);
  return {
    beside: unitCommands(program),
    shipped: packageDirectories(files),
    prepared: preparedPaths(files),
    rotated: rotatedDirectories(files),
  };
}
