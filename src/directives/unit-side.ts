import { bindOf } from '../paths/bind-word.ts';
import type { UnitValues } from './directive.ts';
import { unitDirectories } from './own-directory.ts';
import { withoutDash } from './path-needs.ts';
import { appended, booleanOf } from './unit-values.ts';

/** What the unit says itself, as far as the drop-in over it has to agree with it. */
export interface UnitSide {
  /** Directories that systemd makes for it, writable. */
  directories: readonly string[];
  /** What else it makes writable, as words of a path list. */
  writable: readonly string[];
  /** Its setting for whose sake systemd writes to /proc once the mounts are made; undefined where it has none. */
  writesToProc: string | undefined;
}

/** That of a drop-in which stands over nothing that is known. */
export const noUnit: UnitSide = { directories: [], writable: [], writesToProc: undefined };

/** Labels of a security module go to /proc/self/attr: https://man7.org/linux/man-pages/man5/proc_pid_attr.5.html */
const labels = ['AppArmorProfile', 'SELinuxContext', 'SmackProcessLabel'];

export function unitSideOf(unit: UnitValues): UnitSide {
  return {
    directories: unitDirectories(unit),
    writable: [
      ...(appended(unit('ReadWritePaths')) ?? []),
      ...(appended(unit('BindPaths')) ?? []).map(destinationOf),
    ],
    writesToProc: writesToProc(unit),
  };
}

function destinationOf(word: string): string {
  const { destination } = bindOf(withoutDash(word));
  return word.startsWith('-') ? `-${destination}` : destination;
}

/**
 * The ids of a user namespace, and the label of a security module, are written to /proc by systemd's own child when the file
 * system of the unit is put together already: with a read-only /proc the unit does not start (217/USER, 229 and their kin).
 * https://github.com/systemd/systemd/blob/v252/src/core/execute.c (exec_child, setup_private_users)
 */
function writesToProc(unit: UnitValues): string | undefined {
  const users = unit('PrivateUsers').at(-1)?.words[0];
  if (users !== undefined && booleanOf(users) !== false) return 'PrivateUsers';
  return labels.find((key) => (unit(key).at(-1)?.words[0] ?? '') !== '');
}
