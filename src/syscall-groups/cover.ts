import { callsOf, existsOn } from './architectures.ts';
import { CallNumbers, type CallSet, countOf, countShared, difference, isSame, union } from './call-set.ts';
import type { SyscallGroups } from './groups.ts';

/** Two lists for `SystemCallFilter=`: first `allow`, then `~deny`. Groups first, then names, each part sorted. */
export interface Cover {
  allow: string[];
  deny: string[];
  /** Calls that were wanted but cannot be written: systemd (its libseccomp) would skip the name with a warning. */
  unknown: string[];
}

/**
 * The shortest lists found that let through exactly `wanted` and @default, as far as calls of these architectures go
 * (`x86-64`; more than one for a daemon that runs 32-bit programs too). `never` is refused even where it is wanted or in
 * @default. A group is allowed when at most a third of its members are unwanted; those go to `deny`. @default is always
 * allowed and written only where `allow` would be empty, which would be no filter. Same input, same lists.
 */
export function coverCalls(
  wanted: ReadonlySet<string>,
  groups: SyscallGroups,
  architecture: string | readonly string[],
  never: ReadonlySet<string> = new Set(),
): Cover {
  const architectures = typeof architecture === 'string' ? [architecture] : architecture;
  const calls = new CallNumbers(writableCalls(groups, architectures));
  const always = groups.members('@default');
  const isTarget = (name: string): boolean => !never.has(name) && (wanted.has(name) || always.has(name));
  const target = calls.setOf(calls.names.filter(isTarget));
  const candidates = usableGroups(groups, calls);
  const room: Room = {
    calls,
    target,
    always: calls.setOf(always),
    allowable: candidates.filter(({ members }) => {
      const outside = countOf(members) - countShared(members, target);
      return outside * 3 <= countOf(members);
    }),
    deniable: candidates.filter(({ members }) => countShared(members, target) === 0),
  };

  const { allow, deny } = withoutNeedless(bestChoice(room), room);
  const listed = new Set(groups.names().flatMap((group) => [...groups.members(group)]));
  const isMissing = (name: string): boolean =>
    !calls.has(name) &&
    !never.has(name) &&
    // Groups hold a few names that are no call of any architecture: nobody misses those.
    (isOn(architectures, name) || (isNowhere(name) && !listed.has(name)));
  return { allow: inOrder(allow), deny: inOrder(deny), unknown: [...wanted].filter(isMissing).sort() };
}

/** The shortest list found for `SystemCallFilter=~…` without an allow list: it refuses exactly these calls. */
export function coverDenied(
  refused: Iterable<string>,
  groups: SyscallGroups,
  architecture: string | readonly string[],
): string[] {
  const calls = new CallNumbers(
    writableCalls(groups, typeof architecture === 'string' ? [architecture] : architecture),
  );
  const excess = calls.setOf(refused);
  const deniable = usableGroups(groups, calls).filter(
    ({ members }) => countShared(members, excess) === countOf(members),
  );
  const { groups: whole, rest } = takeAway(excess, deniable);
  const none = calls.setOf([]);
  const needed = new Set(whole);
  for (const group of whole) {
    needed.delete(group);
    const others = [...needed].reduce((all, { members }) => union(all, members), none);
    if (countShared(group.members, others) < countOf(group.members)) needed.add(group);
  }
  return inOrder([...[...needed].map(({ name }) => name), ...calls.namesOf(rest)]);
}

interface Group {
  name: string;
  members: CallSet;
}

interface Room {
  calls: CallNumbers;
  target: CallSet;
  always: CallSet;
  allowable: readonly Group[];
  deniable: readonly Group[];
}

/** Groups to write, and the calls beside them that are written by their names. */
interface Part {
  groups: readonly Group[];
  rest: CallSet;
}

interface Choice {
  allow: Part;
  deny: Part;
  /** Of both lists together. */
  words: number;
}

/** The calls that matter: those that the architectures have and whose names can be written. */
function writableCalls(groups: SyscallGroups, architectures: readonly string[]): Set<string> {
  const calls = new Set(architectures.flatMap((each) => [...callsOf(each)]));
  return new Set([...calls].filter((name) => groups.known(name)).sort());
}

/** The groups that may be written. @known is not one: what it lets through grows with every version. */
function usableGroups(groups: SyscallGroups, calls: CallNumbers): Group[] {
  return groups
    .names()
    .filter((name) => name !== '@default' && name !== '@known')
    .map((name) => ({ name, members: calls.setOf(groups.members(name)) }))
    .filter(({ members }) => countOf(members) > 0);
}

/** Everything that follows once the allowed groups are chosen: the names beside them, and what to take away. */
function complete(chosen: ReadonlySet<Group>, room: Room): Choice {
  let granted = room.always;
  for (const { members } of chosen) granted = union(granted, members);
  const allow = { groups: [...chosen], rest: difference(room.target, granted) };
  const deny = takeAway(difference(granted, room.target), room.deniable);
  return { allow, deny, words: wordsOf(allow) + wordsOf(deny) };
}

const wordsOf = ({ groups, rest }: Part): number => groups.length + countOf(rest);

/** Groups and names that hold every call of `unwanted`: the group that takes most, again and again, then names. */
function takeAway(unwanted: CallSet, deniable: readonly Group[]): Part {
  const groups: Group[] = [];
  let rest = unwanted;
  for (;;) {
    // A group that takes away one call says no more than its name would.
    let best: Group | undefined;
    let most = 1;
    for (const group of deniable) {
      const count = countShared(group.members, rest);
      if (count > most) [best, most] = [group, count];
    }
    if (best === undefined) return { groups, rest };
    groups.push(best);
    rest = difference(rest, best.members);
  }
}

/** Climbs from no group and from each single one: a group is put in, taken out or swapped while that shortens the lists. */
function bestChoice(room: Room): Choice {
  let best = complete(new Set(), room);
  for (const start of [undefined, ...room.allowable]) {
    let chosen = new Set(start === undefined ? [] : [start]);
    let current = complete(chosen, room);
    for (let better = true; better; ) {
      better = false;
      let next = chosen;
      for (const neighbour of neighbours(chosen, room.allowable)) {
        const choice = complete(neighbour, room);
        if (choice.words < current.words) [next, current, better] = [neighbour, choice, true];
      }
      chosen = next;
    }
    if (current.words < best.words) best = current;
  }
  return best;
}

function* neighbours(chosen: ReadonlySet<Group>, all: readonly Group[]): Generator<Set<Group>> {
  for (const group of all) {
    const other = new Set(chosen);
    if (!other.delete(group)) other.add(group);
    yield other;
  }
}

/**
 * Takes out, one after the other, whatever may go without changing the meaning. A name that is allowed beside the groups is in none
 * of them, so all of these stay.
 */
function withoutNeedless({ allow, deny }: Choice, room: Room): { allow: string[]; deny: string[] } {
  const tokens = (groups: readonly Group[], calls: readonly string[]) =>
    new Map<string, CallSet>([
      ...groups.map(({ name, members }) => [name, members] as const),
      ...calls.map((call) => [call, room.calls.setOf([call])] as const),
    ]);
  const named = room.calls.namesOf(allow.rest);
  const allowed = tokens(allow.groups, []);
  const denied = tokens(deny.groups, room.calls.namesOf(deny.rest));
  const means = (): boolean => {
    let result = union(room.always, allow.rest);
    for (const members of allowed.values()) result = union(result, members);
    for (const members of denied.values()) result = difference(result, members);
    return isSame(result, room.target);
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const list of [allowed, denied]) {
      for (const [token, members] of [...list]) {
        list.delete(token);
        if (means()) changed = true;
        else list.set(token, members);
      }
    }
  }
  const all = [...allowed.keys(), ...named];
  return { allow: all.length > 0 ? all : ['@default'], deny: [...denied.keys()] };
}

function inOrder(tokens: string[]): string[] {
  const groups = tokens.filter((token) => token.startsWith('@')).sort();
  return [...groups, ...tokens.filter((token) => !token.startsWith('@')).sort()];
}

const isOn = (architectures: readonly string[], name: string): boolean =>
  architectures.some((architecture) => existsOn(architecture, name));

/** No architecture has it: a name that the table of calls is too old for, or none at all. */
const isNowhere = (name: string): boolean => !existsOn('', name);
