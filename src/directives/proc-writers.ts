import type { UnitValues } from './directive.ts';
import { booleanOf } from './unit-values.ts';

/** Labels of a security module go to /proc/self/attr: https://man7.org/linux/man-pages/man5/proc_pid_attr.5.html */
const labels = ['AppArmorProfile', 'SELinuxContext', 'SmackProcessLabel'];

/**
 * The ids of a user namespace, and the label of a security module, are written to /proc by systemd's own child when the file
 * system of the unit is put together already: with a read-only /proc the unit does not start (217/USER, 229 and their kin).
 * https://github.com/systemd/systemd/blob/v252/src/core/execute.c (exec_child, setup_private_users)
 */
export function writerOfProc(unit: UnitValues): string | undefined {
  const users = unit('PrivateUsers').at(-1)?.words[0];
  if (users !== undefined && booleanOf(users) !== false) return 'PrivateUsers';
  return labels.find((key) => (unit(key).at(-1)?.words[0] ?? '') !== '');
}
