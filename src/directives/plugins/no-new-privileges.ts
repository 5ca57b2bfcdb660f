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
  about: {
    denies: 'Gaining rights by executing set-ID programs',
    when: 'No program with a set-ID bit was executed, and nobody logs in',
  },
  reason: 'No set-user-ID or set-group-ID program was executed.',
  levels: notForOthersPrograms,
  refuses: (behaviour) =>
    behaviour.kind === 'path' && behaviour.act === 'execute' && (behaviour.facts.owner ?? []).some(isSetId)
      ? 'the set-ID bit of the program does nothing'
      : undefined,
  // unix_chkpwd, by which PAM looks into /etc/shadow, is set-group-ID.
  forbids: (_profile, _context, plans) => (plans.authenticates ? 'the daemon can log people in' : undefined),
});

function isSetId(owner: string): boolean {
  return (Number.parseInt(owner.split(':')[2] ?? '0', 8) & 0o6000) !== 0;
}
