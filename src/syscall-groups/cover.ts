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
  const calls = [...new Set(architectures.flatMap((each) => [...callsOf(each)]))].filter(groups.known).sort();
  const always = groups.members('@default');
  const target = new Set(calls.filter((name) => !never.has(name) && (wanted.has(name) || always.has(name))));
  const universe = new Set(calls);

  const candidates = groups
    .names()
    .filter((name) => name !== '@default' && name !== '@known')
    .map((name) => ({
      name,
      members: new Set([...groups.members(name)].filter((call) => universe.has(call))),
    }))
    .filter(({ members }) => members.size > 0);
  const room: Room = {
    target,
    always: new Set([...always].filter((call) => universe.has(call))),
    allowable: candidates.filter(({ members }) => {
      const outside = [...members].filter((call) => !target.has(call)).length;
      return outside * 3 <= members.size;
    }),
    deniable: candidates.filter(({ members }) => [...members].every((call) => !target.has(call))),
  };

  const { allow, deny } = withoutNeedless(bestChoice(room), room);
  const missing = [...wanted].filter(
    (name) => !universe.has(name) && !never.has(name) && (isNowhere(name) || isOn(architectures, name)),
  );
  return { allow: inOrder(allow), deny: inOrder(deny), unknown: missing.sort() };
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
  const deny: Choice['deny'] = new Map();
  while (excess.size > 0) {
    // A group that takes away one call says no more than its name would.
    let best: Group | undefined;
    let most = 1;
    for (const group of room.deniable) {
      const size = [...group.members].filter((call) => excess.has(call)).length;
      if (size > most) [best, most] = [group, size];
    }
    if (best === undefined) break;
    deny.set(best.name, best.members);
    for (const call of best.members) excess.delete(call);
  }
  for (const call of excess) deny.set(call, new Set([call]));
  return { allow, deny };
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
