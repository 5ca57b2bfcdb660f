import type { Profile } from '../../profile/profile.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#NoNewPrivileges=
 *
 * Set-user-ID and set-group-ID programs run without what their bits give. Which of them was meant to, no call tells, so one that
 * was executed is enough.
 */
export const noNewPrivileges = onOff({
  name: 'NoNewPrivileges',
  since: 187,
  reason: 'No set-user-ID or set-group-ID program was executed.',
  levels: notForOthersPrograms,
  refuses: () => undefined,
  // unix_chkpwd, by which PAM looks into /etc/shadow, is set-group-ID.
  forbids: (profile, _context, plans) => runsSetId(profile) || plans.authenticates,
});

function runsSetId(profile: Profile): boolean {
  return Object.entries(profile.paths).some(([path, acts]) => {
    if (acts.execute === undefined) return false;
    const owners = Object.hasOwn(profile.files, path) ? (profile.files[path]?.owner ?? []) : [];
    return owners.some((owner) => (Number.parseInt(owner.split(':')[2] ?? '0', 8) & 0o6000) !== 0);
  });
}
