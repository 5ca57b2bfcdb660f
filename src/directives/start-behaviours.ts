import type { Profile } from '../profile/profile.ts';
import type { PathBehaviour } from './behaviour.ts';
import type { UnitValues } from './directive.ts';
import { factsOf } from './path-facts.ts';
import { startOf } from './unit-places.ts';

/**
 * What systemd itself does for a unit inside the sandbox, before the daemon begins, and must do: where it can't enter the working
 * directory, the unit does not start (200/CHDIR). With `-` it would begin in `/` instead.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#WorkingDirectory=
 */
export function startBehaviours(unit: UnitValues, profile: Profile): PathBehaviour[] {
  const user = unit('User').at(-1)?.words[0] ?? 'root';
  return startOf(unit)
    .filter(({ isOptional }) => !isOptional)
    .map(({ path, witness }) => ({
      kind: 'path',
      act: 'enter',
      path,
      facts: factsOf(profile, path),
      evidence: {
        call: 'chdir',
        first: witness.first,
        count: 1,
        as: [user === 'root' || user === '0' ? '0' : user],
      },
    }));
}
