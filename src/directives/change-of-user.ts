import type { Evidence, Profile, Transition } from '../profile/profile.ts';
import type { Context } from './context.ts';
import { notAtLevel } from './on-off.ts';
import type { Plans } from './plans.ts';
import { startUid } from './start-uid.ts';
import { unseenStart } from './whole-trace.ts';

/** A daemon that starts as root and becomes somebody else for good. */
export interface ChangeOfUser {
  uid: number;
  /** The group that it takes; undefined where none was seen, or several. */
  gid: number | undefined;
  evidence: Evidence;
}

const births = ['fork', 'vfork', 'clone', 'clone3'];
const toUser = /^set(?:re|res)?uid(?:32)?$/;
const toGroup = /^set(?:re|res)?gid(?:32)?$/;

/**
 * The user that the daemon's one process becomes before it starts any other, and stays. Undefined where a process that is root
 * may go on: where something was begun before, or was done by root first after the change. Of other commands of the unit, which
 * are root and end, nothing is asked; but where one stands before it in the order of names, what it did first hides what the
 * daemon did.
 */
export function changeOfUser(profile: Profile): ChangeOfUser | undefined {
  if (profile.sources.length === 0 || (startUid(profile) ?? 0) !== 0) return undefined;
  const users = profile.credentials.filter(({ call }) => toUser.test(call));
  const [change] = users;
  const uid = change === undefined ? undefined : wholeId(change);
  if (change === undefined || users.length !== 1 || uid === undefined || uid === 0) return undefined;
  const { source, line } = change.evidence.first;
  if (profile.sources.some(({ name }) => name < source)) return undefined;
  const isAfter = ({ first }: { first: Evidence['first'] }) => first.source === source && first.line > line;
  const isElsewhere = ({ first }: { first: Evidence['first'] }) => first.source !== source;
  const begun = births.flatMap((name) =>
    Object.hasOwn(profile.syscalls, name) ? (profile.syscalls[name] ?? []) : [],
  );
  if (!begun.every((each) => isAfter(each) || isElsewhere(each))) return undefined;
  if (allEvidence(profile).some((each) => each.as?.includes('0') === true && isAfter(each))) return undefined;
  const groups = new Set(
    profile.credentials.filter(({ call }) => toGroup.test(call)).map((group) => wholeId(group)),
  );
  const [gid] = groups;
  return { uid, gid: groups.size === 1 ? gid : undefined, evidence: change.evidence };
}

/** The same, where systemd may be told to start the daemon as that user; else why not. */
export function soleUser(profile: Profile, context: Context, plans: Plans): ChangeOfUser | string {
  const why = notAtLevel(context) ?? unseenStart(profile);
  if (why !== undefined) return why;
  if (plans.authenticates) return 'it logs people in, and becomes each of them';
  const uid = startUid(profile) ?? 0;
  if (uid !== 0) return `it starts as user ${uid} already`;
  if (profile.sources.length !== 1)
    return 'every command of the unit would be that user, and several were traced';
  return changeOfUser(profile) ?? 'it does not become one other user for good before it starts anything else';
}

/** Real, effective and saved id, where they are one. */
function wholeId({ to }: Transition): number | undefined {
  const ids = new Set(to.split(':'));
  const [id = ''] = ids;
  return ids.size === 1 && /^\d+$/.test(id) ? Number(id) : undefined;
}

function allEvidence(profile: Profile): Evidence[] {
  return [
    ...Object.values(profile.paths).flatMap((acts) => Object.values(acts)),
    ...Object.values(profile.families),
    ...[...profile.endpoints, ...profile.privileged].map(({ evidence }) => evidence),
  ];
}
