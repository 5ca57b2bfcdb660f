import { labelHolds } from '../../profile/capability-label.ts';
import type { Profile } from '../../profile/profile.ts';
import { apiFileSystems } from '../api-file-systems.ts';
import { type Behaviour, type PathBehaviour, touching } from '../behaviour.ts';
import { choice } from '../choice.ts';
import { firstRefused } from '../first-refused.ts';
import { notAtLevel } from '../on-off.ts';
import { witness } from '../path-needs.ts';

type ProtectProcValue = 'default' | 'noaccess' | 'invisible' | 'ptraceable';

/** From the strictest to the loosest. */
const values: readonly ProtectProcValue[] = ['ptraceable', 'invisible', 'noaccess', 'default'];

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectProc=
 *
 * The kernel asks whether who looks may trace whom he looks at. `noaccess` and `invisible` don't ask members of group 0, so they
 * hide nothing from root; `ptraceable` asks everybody. Then root without CAP_SYS_PTRACE loses sight even of its own workers, once
 * these have become another user. https://docs.kernel.org/filesystems/proc.html#mount-options
 */
export const protectProc = choice<ProtectProcValue>({
  name: 'ProtectProc',
  since: 247,
  about: {
    denies: 'Seeing processes of others in /proc',
    when: 'ptraceable where no process was looked at, invisible where only root looked at its own',
    rules: 'process-directives.md',
  },
  choices: values.toReversed(),
  infer(profile, context, plans) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const looks = plans.behaviours.flatMap((behaviour) => lookAtOthers(behaviour) ?? []);
    const beside = looksBesides(profile);
    if (looks.length === 0 && beside === undefined)
      return { value: 'ptraceable', reason: 'No other process was looked at in /proc.', grants: [] };
    const onlyOwn = looks.every(({ path }) => path.startsWith(`${traced}/`) || path === traced);
    const inRootGroup = profile.sources.every(({ uid, gid }) => (uid ?? 0) === 0 && (gid ?? 0) === 0);
    if (!onlyOwn || !inRootGroup) {
      const refused = firstRefused(looks, (look) => refusal('ptraceable', look));
      return refused ?? `${beside}, which the unit runs beside the daemon, looks at other processes`;
    }
    const refused = firstRefused(looks, (look) => refusal('invisible', look));
    if (refused !== undefined) return refused;
    if (beside !== undefined && looks.length === 0)
      return {
        value: 'invisible',
        reason: `${beside}, which the unit runs beside the daemon, looks at processes as root: the others see none but their own.`,
        grants: [],
      };
    const witnesses = looks.map(({ path, evidence }) => witness(path, evidence));
    return {
      value: 'invisible',
      reason:
        'Only root looked at other processes, its own: this hides all others from those that are not root.',
      grants: [
        { value: 'invisible', witnesses, reason: 'root looks at its own processes', review: undefined },
      ],
    };
  },
  // What may be dropped is taken for dropped: beside `ptraceable` we write a CapabilityBoundingSet= without what was not used.
  against(_profile, _context, plans) {
    const behaviour = plans.behaviours.find((each) => hidden('ptraceable', each) !== undefined);
    const errno = behaviour === undefined ? undefined : hidden('ptraceable', behaviour);
    return behaviour === undefined || errno === undefined ? undefined : { behaviour, errno };
  },
  ownsMounts: (value) => value !== 'default',
  mounts: (value, context) => (value === 'default' ? [] : apiFileSystems('ProtectProc', context)),
  denies: refusal,
  remedy(behaviour) {
    const value = values.find((each) => hidden(each, behaviour) === undefined) ?? 'default';
    return { how: 'add', assignment: { key: 'ProtectProc', words: [value], style: 'plain' } };
  },
});

/** How a profile names the processes that were traced: src/profile/observation.ts */
const traced = '/proc/[traced]';

function refusal(value: ProtectProcValue, behaviour: Behaviour): string | undefined {
  const { as } = behaviour.evidence;
  return as?.every((label) => labelHolds(label, 'SYS_PTRACE')) === true
    ? undefined
    : hidden(value, behaviour);
}

/**
 * What somebody without CAP_SYS_PTRACE sees who looks at another process. Whom nobody knows, so it is taken for one that he may
 * not trace; and that root is in group 0.
 */
function hidden(value: ProtectProcValue, behaviour: Behaviour): string | undefined {
  if (value === 'default') return undefined;
  const look = lookAtOthers(behaviour);
  if (look === undefined || (value !== 'ptraceable' && isByRoot(look))) return undefined;
  if (look.act === 'list' && look.path === '/proc')
    return value === 'noaccess' ? undefined : 'processes unseen';
  if (value !== 'noaccess') return 'ENOENT';
  // The directory itself is still seen.
  return look.act === 'stat' && /^\/proc\/[^/]+$/.test(look.path) ? undefined : 'EPERM';
}

/** The behaviour, if it is about another process than oneself, or asks which there are. */
function lookAtOthers(behaviour: Behaviour): PathBehaviour | undefined {
  const use = touching(behaviour, ['/proc']);
  if (use === undefined) return undefined;
  if (use.act === 'list' && use.path === '/proc') return use;
  // By name alone: where /proc/self leads depends on who looks.
  return /^\/proc\/(?:\d+|\[traced\])(?:\/|$)/.test(use.path) ? use : undefined;
}

function isByRoot({ evidence }: PathBehaviour): boolean {
  return evidence.as?.every((label) => /^0(?: (?!userns)|$)/.test(label)) === true;
}

/** Programs whose work is to look for other processes: what one does that was traced is known, of the others it is not. */
const lookers = /\/(?:fuser|killall5?|lsof|pgrep|pidof|pkill|pmap|ps|start-stop-daemon)$/;

function looksBesides({ beside, sources }: Profile): string | undefined {
  const traced = new Set(sources.map(({ program }) => program));
  return Object.keys(beside).find((path) => lookers.test(path) && !traced.has(path));
}
