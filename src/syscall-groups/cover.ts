import { callsOf, existsOn } from './architectures.ts';
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
  const universe = writableCalls(groups, architectures);
  const always = groups.members('@default');
  const isTarget = (name: string): boolean => !never.has(name) && (wanted.has(name) || always.has(name));
  const target = new Set([...universe].filter(isTarget));
  const candidates = usableGroups(groups, universe);
  const room: Room = {
    target,
    always: intersection(always, universe),
    allowable: candidates.filter(({ members }) => {
      const outside = [...members].filter((call) => !target.has(call)).length;
      return outside * 3 <= members.size;
    }),
    deniable: candidates.filter(({ members }) => [...members].every((call) => !target.has(call))),
  };

  const { allow, deny } = withoutNeedless(bestChoice(room), room);
  const listed = new Set(groups.names().flatMap((group) => [...groups.members(group)]));
  const isMissing = (name: string): boolean =>
    !universe.has(name) &&
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
  const universe = writableCalls(groups, typeof architecture === 'string' ? [architecture] : architecture);
  const excess = new Set([...refused].filter((name) => universe.has(name)));
  const deniable = usableGroups(groups, universe).filter(({ members }) =>
    [...members].every((call) => excess.has(call)),
  );
  const deny = new Map(takeAway(excess, deniable));
  for (const [token, members] of [...deny]) {
    const others = [...deny].filter(([each]) => each !== token);
    if ([...members].every((call) => others.some(([, each]) => each.has(call)))) deny.delete(token);
  }
  return inOrder([...deny.keys()]);
}

interface Group {
  name: string;
  members: ReadonlySet<string>;
}

interface Room {
  target: ReadonlySet<string>;
  always: ReadonlySet<string>;
  allowable: readonly Group[];
  deniable: readonly Group[];
}

/** Names and groups to write. */
interface Choice {
  allow: Map<string, ReadonlySet<string>>;
  deny: Map<string, ReadonlySet<string>>;
}

/** The calls that matter: those that the architectures have and whose names can be written. */
function writableCalls(groups: SyscallGroups, architectures: readonly string[]): Set<string> {
  const calls = new Set(architectures.flatMap((each) => [...callsOf(each)]));
  return new Set([...calls].filter((name) => groups.known(name)).sort());
}

/** The groups that may be written. @known is not one: what it lets through grows with every version. */
function usableGroups(groups: SyscallGroups, universe: ReadonlySet<string>): Group[] {
  return groups
    .names()
    .filter((name) => name !== '@default' && name !== '@known')
    .map((name) => ({ name, members: intersection(groups.members(name), universe) }))
    .filter(({ members }) => members.size > 0);
}

const intersection = (all: ReadonlySet<string>, some: ReadonlySet<string>): Set<string> =>
  new Set([...all].filter((name) => some.has(name)));

/** Everything that follows once the allowed groups are chosen: the names beside them, and what to take away. */
function complete(chosen: ReadonlySet<Group>, room: Room): Choice {
  const granted = new Set(room.always);
  const allow: Choice['allow'] = new Map();
  for (const { name, members } of chosen) {
    allow.set(name, members);
    for (const call of members) granted.add(call);
  }
  for (const call of room.target) if (!granted.has(call)) allow.set(call, new Set([call]));

  const excess = new Set([...granted].filter((call) => !room.target.has(call)));
  return { allow, deny: takeAway(excess, room.deniable) };
}

/** Groups and names that hold every call of `unwanted`: the group that takes most, again and again, then names. */
function takeAway(unwanted: ReadonlySet<string>, deniable: readonly Group[]): Choice['deny'] {
  const excess = new Set(unwanted);
  const deny: Choice['deny'] = new Map();
  while (excess.size > 0) {
    // A group that takes away one call says no more than its name would.
    let best: Group | undefined;
    let most = 1;
    for (const group of deniable) {
      const count = [...group.members].filter((call) => excess.has(call)).length;
      if (count > most) [best, most] = [group, count];
    }
    if (best === undefined) break;
    deny.set(best.name, best.members);
    for (const call of best.members) excess.delete(call);
  }
  for (const call of excess) deny.set(call, new Set([call]));
  return deny;
}

const size = ({ allow, deny }: Choice): number => allow.size + deny.size;

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
        if (size(choice) < size(current)) [next, current, better] = [neighbour, choice, true];
      }
      chosen = next;
    }
    if (size(current) < size(best)) best = current;
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

/** Takes out, one after the other, whatever may go without changing the meaning. */
function withoutNeedless(choice: Choice, room: Room): { allow: string[]; deny: string[] } {
  const { allow, deny } = choice;
  const means = (): boolean => {
    const result = new Set(room.always);
    for (const members of allow.values()) for (const call of members) result.add(call);
    for (const members of deny.values()) for (const call of members) result.delete(call);
    return result.size === room.target.size && [...result].every((call) => room.target.has(call));
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const list of [allow, deny]) {
      for (const [token, members] of [...list]) {
        list.delete(token);
        if (means()) changed = true;
        else list.set(token, members);
      }
    }
  }
  return { allow: allow.size > 0 ? [...allow.keys()] : ['@default'], deny: [...deny.keys()] };
}

function inOrder(tokens: string[]): string[] {
  const groups = tokens.filter((token) => token.startsWith('@')).sort();
  return [...groups, ...tokens.filter((token) => !token.startsWith('@')).sort()];
}

const isOn = (architectures: readonly string[], name: string): boolean =>
  architectures.some((architecture) => existsOn(architecture, name));

/** No architecture has it: a name that the table of calls is too old for, or none at all. */
const isNowhere = (name: string): boolean => !existsOn('', name);
