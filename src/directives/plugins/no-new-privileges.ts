import { readOwner } from '../../paths/owner.ts';
import type { Directive } from '../directive.ts';
import { impliesNoNewPrivileges } from '../implied-no-new-privileges.ts';
import { notForOthersPrograms, onOff } from '../on-off.ts';
import { isSetId } from '../set-id-programs.ts';
import { lastBoolean } from '../unit-values.ts';

const written = onOff({
  name: 'NoNewPrivileges',
  since: 187,
  about: {
    denies: 'Gaining rights by executing set-ID programs',
    when: 'No program with a set-ID bit was executed, and nobody logs in',
  },
  reason: 'No set-user-ID or set-group-ID program was executed.',
  levels: notForOthersPrograms,
  refuses: (behaviour) =>
    behaviour.kind === 'path' &&
    behaviour.act === 'execute' &&
    (behaviour.facts.owner ?? []).map(readOwner).some(isSetId)
      ? 'the set-ID bit of the program does nothing'
      : undefined,
  // unix_chkpwd, by which PAM looks into /etc/shadow, is set-group-ID.
  forbids: (_profile, _context, plans) => (plans.authenticates ? 'the daemon can log people in' : undefined),
});

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#NoNewPrivileges=
 *
 * Set-user-ID and set-group-ID programs run without what their bits give. Which of them was meant to, no call tells, so one that
 * was executed is enough. Where other settings bring it with them, `NoNewPrivileges=no` changes nothing: those have to go.
 */
export const noNewPrivileges: Directive = {
  ...written,
  read(unit, context) {
    const present = written.read(unit, context);
    const implied = impliesNoNewPrivileges(unit, context);
    if (present === undefined || implied === undefined) return present;
    // The last one is the implied one itself.
    const saysIt = lastBoolean((key) => unit(key).slice(0, -1), 'NoNewPrivileges') === true;
    const { how, assignment, also = [] } = implied.remedy;
    const own = { key: 'NoNewPrivileges', words: ['no'], style: 'plain' as const };
    const remedy = { how, assignment, also: saysIt && how === 'add' ? [...also, own] : also };
    return { ...present, setting: { ...present.setting, remedy: () => remedy } };
  },
};
