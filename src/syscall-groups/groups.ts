/**
 * systemd's @groups of system calls:
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallFilter=
 */
export interface SyscallGroups {
  /** For messages: `systemd 252`, `systemd 252, this host`. */
  readonly source: string;
  /** The version that was asked for, or the host's. */
  readonly version: number;
  /** `@aio`, `@basic-io`, … sorted. */
  names(): string[];
  /** Every call of a group, those of nested groups too; empty for a group that this version does not have. */
  members(group: string): ReadonlySet<string>;
  /** The groups named directly within a group. */
  nested(group: string): string[];
  /** Whether libseccomp can resolve the name; systemd skips others with a warning (in groups: silently). */
  known(name: string): boolean;
}

/** Makes groups of what each one lists, calls and groups mixed. A group that is listed but not there has no members. */
export function makeGroups(
  source: string,
  version: number,
  listed: ReadonlyMap<string, readonly string[]>,
  known: (name: string) => boolean,
): SyscallGroups {
  const expanded = new Map<string, ReadonlySet<string>>();
  const expand = (group: string, into: Set<string>, path: Set<string>): void => {
    if (path.has(group)) return;
    path.add(group);
    for (const entry of listed.get(group) ?? []) {
      if (entry.startsWith('@')) expand(entry, into, path);
      else into.add(entry);
    }
  };
  return {
    source,
    version,
    names: () => [...listed.keys()].sort(),
    members(group) {
      const done = expanded.get(group);
      if (done !== undefined) return done;
      const members = new Set<string>();
      expand(group, members, new Set());
      expanded.set(group, members);
      return members;
    },
    nested: (group) => (listed.get(group) ?? []).filter((entry) => entry.startsWith('@')),
    known,
  };
}
