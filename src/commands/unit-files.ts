import type { UnitValues } from '../directives/directive.ts';
import { pathsNamedBy } from '../directives/unit-places.ts';
import { describeFile } from '../paths/program-facts.ts';
import { openRoot } from '../paths/root.ts';
import type { Profile } from '../profile/profile.ts';

/**
 * A profile that also knows where the paths lead that a unit names: systemd follows links in them. What is known already, from
 * the time of the trace, stays.
 * @param root the file system of the unit; undefined where it can't be looked at
 */
export function withFilesOf(unit: UnitValues, profile: Profile, root: string | undefined): Profile {
  if (root === undefined) return profile;
  const files = { ...profile.files };
  const opened = openRoot(root);
  for (const path of pathsNamedBy(unit)) {
    if (!Object.hasOwn(files, path) && !opened.lookUp(path).denied) files[path] = describeFile(opened, path);
  }
  return { ...profile, files };
}
