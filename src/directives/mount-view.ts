import { parentOf } from '../paths/covering-tree.ts';
import { namingActs } from '../profile/profile.ts';
import { type Behaviour, changesMount } from './behaviour.ts';

/** What one directive wants of one path in the unit's mount namespace. */
export type MountRule =
  | { flag: 'read-only' | 'read-write' | 'no-exec' | 'exec' | 'inaccessible'; path: string; by: string }
  /** RuntimeDirectory= and its kin: systemd makes it, and it is writable. */
  | { flag: 'own-directory'; path: string; by: string }
  | { flag: 'tmpfs'; path: string; readOnly: boolean; noExec: boolean; by: string }
  /** `path` is where `source` is mounted. */
  | { flag: 'bind'; path: string; source: string; readOnly: boolean; by: string };

interface Entry {
  readOnlyBy: string | undefined;
  noExecBy: string | undefined;
}

export interface Refusal {
  by: string;
  errno: string;
}

/**
 * The file system as a unit under mount directives sees it. systemd turns each path that any of them names into a mount of its
 * own, and a mount's flags are those that were asked for at that very path: what an outer path asked for does not reach into it.
 * So the deepest entry on the way to a file decides, for writing and for executing alike. That is why ExecPaths=X makes X
 * writable again under ProtectSystem=strict, and why NoExecPaths=/ leaves each writable path executable.
 * https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (make_read_only, make_noexec)
 */
export class MountView {
  readonly #entries = new Map<string, Entry>();

  constructor(rules: readonly MountRule[]) {
    for (const rule of rules) {
      const { path, flag, by } = rule;
      const entry = this.#entries.get(path) ?? { readOnlyBy: undefined, noExecBy: undefined };
      if (flag === 'read-only') entry.readOnlyBy ??= by;
      if (rule.flag === 'bind' && rule.readOnly) entry.readOnlyBy ??= by;
      if (flag === 'no-exec') entry.noExecBy ??= by;
      this.#entries.set(path, entry);
    }
    // At one path the stricter of read-only and read-write wins, but exec is asked for by name and lifts no-exec.
    for (const { path, flag } of rules) {
      const entry = this.#entries.get(path);
      if (flag === 'exec' && entry !== undefined) entry.noExecBy = undefined;
    }
  }

  /** Whether the sandbox refuses a behaviour because of a mount, which directive's mount it is, and with what errno. */
  refuses(behaviour: Behaviour): Refusal | undefined {
    if (behaviour.kind === 'move') return this.#refusesMove(behaviour.from, behaviour.to);
    if (behaviour.kind !== 'path') return undefined;
    const { act, facts } = behaviour;
    if (changesMount(act, facts)) {
      const places = namingActs.has(act) ? facts.real.map(parentOf) : facts.real;
      return this.#first(places, (entry) => entry.readOnlyBy, 'EROFS');
    }
    if (act === 'execute')
      return this.#first([...facts.real, ...facts.needs], (entry) => entry.noExecBy, 'EACCES');
    if (act === 'map') return this.#first(facts.real, (entry) => entry.noExecBy, 'EPERM');
    if (act === 'may-execute' && facts.kind.includes('file')) {
      return this.#first(facts.real, (entry) => entry.noExecBy, 'EACCES');
    }
    return undefined;
  }

  /** The path of the mount on which a path lies, `/` where no directive made one. */
  mountOf(path: string): string {
    for (let at = path; ; at = parentOf(at)) {
      if (this.#entries.has(at) || at === '/') return at;
    }
  }

  #first(
    places: readonly string[],
    blame: (entry: Entry) => string | undefined,
    errno: string,
  ): Refusal | undefined {
    for (const place of places) {
      const entry = this.#entries.get(this.mountOf(place));
      const by = entry === undefined ? undefined : blame(entry);
      if (by !== undefined) return { by, errno };
    }
    return undefined;
  }

  /** rename(2) and link(2) don't cross mounts, even on one file system: EXDEV. */
  #refusesMove(from: string, to: string): Refusal | undefined {
    if (this.mountOf(parentOf(from)) === this.mountOf(parentOf(to))) return undefined;
    return { by: 'ReadWritePaths', errno: 'EXDEV' };
  }
}
