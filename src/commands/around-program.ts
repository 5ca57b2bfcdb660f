import type { Profile } from '../profile/profile.ts';
import { packageDirectories } from './package-directories.ts';
import { unitCommands } from './unit-commands.ts';

/** What this host's units and packages say of a traced program (path text), and no trace shows. */
export function aroundProgram(program: string): Pick<Profile, 'beside' | 'shipped'> {
  if (program === '') return { beside: {}, shipped: {} };
  return { beside: unitCommands(program), shipped: packageDirectories(program) };
}
