import { releaseAt, resolvedBy } from './architectures.ts';
import { makeGroups, type SyscallGroups } from './groups.ts';
import { table, words } from './table.ts';

interface GroupTable {
  versions: { version: number; date: string; source: string }[];
  /** Group → `245-` or `239-244` → members. */
  groups: Record<string, Record<string, string>>;
}

/** The versions of systemd whose groups were read from their source, ascending. */
export function knownVersions(): number[] {
  return table<GroupTable>('groups').versions.map(({ version }) => version);
}

/**
 * The groups of a version of systemd, as its first release had them: the newest known version that is not newer, 239's
 * for anything older. Stable updates and distributions add a call now and then: where the host can be asked,
 * `groupsOfHost` is exact. `known` assumes the libseccomp that was the newest when that version came out.
 */
export function groupsOfVersion(version: number): SyscallGroups {
  const { versions, groups } = table<GroupTable>('groups');
  const entry = versions.filter((each) => each.version <= version).at(-1) ?? versions[0];
  if (entry === undefined)
    throw new Error('The table of system call groups is empty: install sandbox-profile again.');
  const listed = new Map<string, string[]>();
  for (const [group, spans] of Object.entries(groups)) {
    const members = Object.entries(spans).flatMap(([span, names]) => {
      const [from = '', to = ''] = span.split('-');
      return Number(from) <= entry.version && (to === '' || entry.version <= Number(to)) ? words(names) : [];
    });
    if (members.length > 0) listed.set(group, members);
  }
  const source =
    entry.version === version ? `systemd ${version}` : `systemd ${version}, taken to be as ${entry.version}`;
  let resolved: Set<string> | undefined;
  return makeGroups(source, version, listed, (name) => {
    resolved ??= resolvedBy(releaseAt(entry.date));
    return resolved.has(name);
  });
}

/** The day on which the newest known version that is not newer than `version` was released. */
export function releaseDay(version: number): string {
  const { versions } = table<GroupTable>('groups');
  return (versions.filter((each) => each.version <= version).at(-1) ?? versions[0])?.date ?? '';
}
