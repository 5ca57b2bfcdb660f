import { ancestorsOf, isBelow } from '../paths/covering-tree.ts';
import type { MountRule } from './mount-rules.ts';

/** One mount of the unit's namespace, made of all rules for its path. */
export interface MountEntry {
  path: string;
  flag: MountRule['flag'];
  /** The directive that made it a mount. */
  by: string;
  /** What of the host is seen at the path; undefined where it is what lies there without this mount. */
  source: string | undefined;
  readOnlyBy: string | undefined;
  noExecBy: string | undefined;
  /** What covers the host's files, where they are not what is seen. */
  cover: Cover | undefined;
}

export type Cover =
  /** An empty place; the mode of its root decides who may look and who may write. */
  | { kind: 'empty'; mode: number }
  /** Mode 000, read-only, empty. */
  | { kind: 'inaccessible' };

/** The mode of a directory that is made so that a mount has a place. */
export const madeOnTheWay = 0o755;

/** Which rule makes the mount where several name one path, strongest first. */
const strength: readonly MountRule['flag'][] = [
  'inaccessible',
  'bind',
  'own-directory',
  'private-tmp',
  'read-only',
  'read-write',
  'no-exec',
  'exec',
  'tmpfs',
  'left-writable',
];

/** Of one kind with the nearest mount above, these are no mounts. */
const repeatable: ReadonlySet<MountRule['flag']> = new Set(['read-only', 'read-write', 'left-writable']);

/** These mount what is there already; the others bring something, and make the mount point where it is missing. */
const needsPath: ReadonlySet<MountRule['flag']> = new Set([...repeatable, 'no-exec', 'exec', 'inaccessible']);

/**
 * The mounts that systemd makes of all rules of a unit, by path: rules for one path are merged, and what the rules above make
 * pointless is left out. Rules for own directories alone make no mount: such a unit has no namespace of its own.
 * https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (drop_duplicates, drop_inaccessible, drop_nop, apply_mounts)
 */
export function mountEntries(rules: readonly MountRule[]): Map<string, MountEntry> {
  if (rules.every(({ flag }) => flag === 'own-directory')) return new Map();
  const listed = listedEntries(outermostOwn(rules));
  const mounts = new Map<string, MountEntry>();
  const absent: MountEntry[] = [];
  for (const entry of listed.values()) {
    const isGone = nearestAbove(mounts, entry.path)?.cover?.kind === 'empty' && needsPath.has(entry.flag);
    if (isGone) absent.push(entry);
    else mounts.set(entry.path, entry);
  }
  addLateMounts(mounts, absent);
  return mounts;
}

/** What is left of the rules before anything is mounted, the outer ones first. */
function listedEntries(rules: readonly MountRule[]): Map<string, MountEntry> {
  const byPath = new Map<string, MountRule[]>();
  for (const rule of rules) {
    const same = byPath.get(rule.path);
    if (same === undefined) byPath.set(rule.path, [rule]);
    else same.push(rule);
  }
  const entries = new Map<string, MountEntry>();
  // What holds a path is shorter than the path, so it comes first.
  for (const path of [...byPath.keys()].sort((a, b) => a.length - b.length)) {
    const entry = merged(byPath.get(path) ?? []);
    if (entry === undefined) continue;
    const above = nearestAbove(entries, path);
    const isPointless = above?.flag === entry.flag && repeatable.has(entry.flag);
    if (above?.flag !== 'inaccessible' && !isPointless) entries.set(path, entry);
  }
  return entries;
}

/** Of own directories inside each other (StateDirectory=a a/b), the inner ones are made, but not mounted. */
function outermostOwn(rules: readonly MountRule[]): MountRule[] {
  const own = rules.filter(({ flag }) => flag === 'own-directory');
  return rules.filter(
    (rule) =>
      rule.flag !== 'own-directory' ||
      !own.some((other) => other.by === rule.by && isBelow(rule.path, other.path)),
  );
}

/**
 * A rule for a path that a tmpfs above it has emptied: with a `-` systemd passes over it, without one the unit does not start.
 * But where a deeper mount has made its path a directory again, a rule that sets a flag makes a mount of that directory.
 */
function addLateMounts(mounts: Map<string, MountEntry>, absent: readonly MountEntry[]): void {
  const deep = [...mounts.keys()];
  for (const entry of absent) {
    const setsFlag = entry.readOnlyBy !== undefined || entry.noExecBy !== undefined || entry.flag === 'exec';
    if (!setsFlag || !deep.some((path) => isBelow(path, entry.path))) continue;
    // It is a copy of the mount that it lies on, flags and all.
    const readOnlyBy = entry.readOnlyBy ?? nearestAbove(mounts, entry.path)?.readOnlyBy;
    mounts.set(entry.path, { ...entry, readOnlyBy, cover: { kind: 'empty', mode: madeOnTheWay } });
  }
}

/** The mount that holds a path and is not at that very path. */
export function nearestAbove(entries: ReadonlyMap<string, MountEntry>, path: string): MountEntry | undefined {
  for (const ancestor of ancestorsOf(path)) {
    const entry = entries.get(ancestor);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/**
 * The strongest rule makes the mount; of the others, nothing is left but read-only and no-exec. Exec does not lift a no-exec for
 * the same path, whichever came first.
 */
function merged(rules: readonly MountRule[]): MountEntry | undefined {
  const sorted = [...rules].sort((a, b) => strength.indexOf(a.flag) - strength.indexOf(b.flag));
  const winner = sorted[0];
  if (winner === undefined) return undefined;
  return {
    path: winner.path,
    flag: winner.flag,
    by: winner.by,
    source: sourceOf(winner),
    readOnlyBy: sorted.find(isReadOnly)?.by,
    // The options of a tmpfs go with it where something stronger takes its place; `ro` alone is kept by systemd.
    noExecBy: sorted.find((rule) => isNoExec(rule) && (rule.flag !== 'tmpfs' || winner.flag === 'tmpfs'))?.by,
    cover: coverOf(winner),
  };
}

function isReadOnly(rule: MountRule): boolean {
  if (rule.flag === 'bind' || rule.flag === 'tmpfs' || rule.flag === 'own-directory')
    return rule.readOnly === true;
  return rule.flag === 'read-only' || rule.flag === 'inaccessible';
}

function isNoExec(rule: MountRule): boolean {
  return rule.flag === 'tmpfs' ? rule.noExec : rule.flag === 'no-exec' || rule.flag === 'inaccessible';
}

function coverOf(rule: MountRule): Cover | undefined {
  if (rule.flag === 'inaccessible') return { kind: 'inaccessible' };
  if (rule.flag === 'tmpfs') return { kind: 'empty', mode: rule.mode ?? 0o755 };
  return rule.flag === 'private-tmp' ? { kind: 'empty', mode: 0o1777 } : undefined;
}

function sourceOf(rule: MountRule): string | undefined {
  if (rule.flag === 'bind') return rule.source;
  return rule.flag === 'own-directory' ? rule.path : undefined;
}
