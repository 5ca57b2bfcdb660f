import type { Profile } from '../../profile/profile.ts';
import type { Behaviour } from '../behaviour.ts';
import { choice } from '../choice.ts';
import type { Context } from '../context.ts';
import type { Against } from '../directive.ts';
import { notAtLevel } from '../on-off.ts';
import { witness } from '../path-needs.ts';
import type { Plans } from '../plans.ts';
import { unseenStart } from '../whole-trace.ts';

type Access = 'all' | 'exec' | 'main' | 'none';

/** Where systemd listens to what services say of themselves: https://man7.org/linux/man-pages/man3/sd_notify.3.html */
const notifySockets: ReadonlySet<string> = new Set(['/run/systemd/notify', '/var/run/systemd/notify']);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#NotifyAccess=
 *
 * Nobody is refused to speak; whom systemd does not listen to, it passes over. Type=notify and its kin listen to the main process at
 * the least. Where nobody spoke nothing is set: `main` would hand the socket to a daemon that has none.
 */
export const notifyAccess = choice<Access>({
  name: 'NotifyAccess',
  since: 187,
  about: {
    denies: 'Telling systemd that it is ready, or who its main process is',
    when: 'main, where the first process alone spoke to systemd',
    rules: 'process-directives.md',
  },
  choices: ['all', 'exec', 'main', 'none'],
  newer: { exec: { since: 233, before: 'all' } },
  observes: ['connect', 'sendto', 'sendmsg', 'sendmmsg'],
  infer(profile, context, plans) {
    const why = whyNot(profile, context, plans);
    if (why !== undefined) return why;
    const spoken = profile.callers.filter(({ path }) => notifySockets.has(path));
    const witnesses = spoken.map(({ path, evidence }) => witness(path, evidence));
    return {
      value: 'main',
      reason: 'Its first process alone spoke to systemd.',
      grants: [{ value: 'main', witnesses, reason: 'it speaks to systemd', review: undefined }],
    };
  },
  denies: refusal,
  remedy(behaviour) {
    const isFirst = behaviour.kind === 'caller' && behaviour.by === 'the first process';
    const words = [isFirst ? 'main' : 'all'];
    return { how: 'add', assignment: { key: 'NotifyAccess', words, style: 'plain' } };
  },
});

function refusal(value: Access, behaviour: Behaviour): string | undefined {
  if (value === 'all' || behaviour.kind !== 'caller' || !notifySockets.has(behaviour.path)) return undefined;
  return value === 'none' || behaviour.by === 'another process' ? 'unheard by systemd' : undefined;
}

function whyNot(profile: Profile, context: Context, plans: Plans): Against | undefined {
  const why = notAtLevel(context) ?? unseenStart(profile);
  if (why !== undefined) return why;
  const spoken = plans.behaviours.find((behaviour) => refusal('main', behaviour) !== undefined);
  if (spoken !== undefined) return { behaviour: spoken, errno: 'unheard by systemd under main' };
  // Run by a script, or by another line of the unit, it is not the main process.
  const others = [...Object.keys(profile.beside), ...executed(profile)];
  const teller = others.find((path) => path.endsWith('/systemd-notify'));
  if (teller !== undefined) return `${teller}, which speaks to systemd, is run too`;
  const isSilent = profile.callers.every(({ path }) => !notifySockets.has(path));
  return isSilent
    ? 'nothing was said to systemd, which hands over its socket only to units that need it'
    : undefined;
}

function executed({ paths }: Profile): string[] {
  return Object.entries(paths).flatMap(([path, { execute }]) => (execute === undefined ? [] : [path]));
}
