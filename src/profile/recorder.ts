import { parentOf } from '../paths/covering-tree.ts';
import type { LineTally, Place } from '../trace/event.ts';
import { type Act, changingActs, namingActs } from './acts.ts';
import { emptyProfile } from './empty-profile.ts';
import { callerKey, endpointKey, linkKey, moveKey, privilegedKey, transitionKey } from './merge.ts';
import { mostNames, mostPaths, PathNamesKept } from './path-names-kept.ts';
import type {
  Caller,
  Endpoint,
  Evidence,
  Failure,
  Move,
  Privileged,
  Profile,
  SymbolicLink,
  Transition,
} from './profile.ts';
import { isThirtyTwoBitName } from './thirty-two-bit-names.ts';

/** What a piece of evidence needs to know of a call. */
export interface Cause {
  name: string;
  line: number;
}

type Listed = { evidence: Evidence };

/** How often a call was made, and where first. */
export interface Called {
  count: number;
  first: Place;
}

/** How many different peers and ports are kept: a busy server has millions, and memory must not grow with the log. */
export const mostEndpoints = 4096;
/** The same for whatever else a program may choose freely. */
const mostOthers = 4096;
/** Directories that the limits name; of the others they say that there are some. */
const mostNamedDirectories = 16;

/** Collects the facts of one log into maps (a traced program may choose any name, `__proto__` too), then into a `Profile`. */
export class Recorder {
  /** The file in which the line numbers of the moment count; an `-ff` set has several. */
  source: string;
  readonly #name: string;
  readonly #syscalls = new Map<string, Called>();
  readonly #abis = new Map<string, Evidence>();
  readonly #paths = new Map<string, Map<Act, Evidence>>();
  readonly #tried = new Map<string, Map<Act, Failure>>();
  readonly #pathNames = new PathNamesKept();
  readonly #triedNames = new PathNamesKept();
  readonly #folded = new Set<string>();
  readonly #moves = new Map<string, Move>();
  /** Moves by the directories between which they went. */
  readonly #moveRoutes = new Map<string, number>();
  readonly #links = new Map<string, SymbolicLink>();
  readonly #credentials = new Map<string, Transition>();
  readonly #privileged = new Map<string, Privileged>();
  readonly #families = new Map<string, Evidence>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #callers = new Map<string, Caller>();
  readonly #unresolved = new Map<string, Evidence>();
  readonly #limits = new Set<string>();
  #heard: Evidence[] | undefined;
  #isNews = false;
  /** The first program that was started, as path text. */
  program = '';
  calls = 0;

  constructor(name: string) {
    this.#name = name;
    this.source = name;
  }

  counts(): { calls: number; differentCalls: number; paths: number; sockets: number } {
    return {
      calls: this.calls,
      differentCalls: this.#syscalls.size,
      paths: this.#paths.size,
      sockets: this.#endpoints.size,
    };
  }

  /** Calls of one name, of which the first stands on that line. */
  called(name: string, line: number, times = 1): Called {
    this.calls += times;
    let known = this.#syscalls.get(name);
    if (known === undefined) {
      known = { count: 0, first: { source: this.source, line } };
      this.#syscalls.set(name, known);
    }
    known.count += times;
    // Line 0 is none.
    if (known.first.source === this.source && line < known.first.line && line > 0) known.first.line = line;
    return known;
  }

  /** Calls of one name, those that have been counted already among them. */
  countedInAll(name: string, times: number): void {
    const before = this.#syscalls.get(name)?.count ?? 0;
    if (times > before) this.called(name, 0, times - before);
  }

  /** From now on it is noted to what is added, until `heard`. */
  listen(): void {
    this.#heard = [];
    this.#isNews = false;
  }

  /** The evidence that was made, or grew, since `listen`; and whether any was made. */
  heard(): { evidence: readonly Evidence[]; isNews: boolean } {
    const evidence = this.#heard ?? [];
    this.#heard = undefined;
    return { evidence, isNews: this.#isNews };
  }

  abi(name: string, cause: Cause): void {
    this.#witness(this.#abis, name, cause);
  }

  /** `as`: the label of the credentials. */
  did(path: string, act: Act, cause: Cause, as: string | undefined): void {
    const known = this.#paths.get(path);
    if (known !== undefined) {
      this.#witness(known, act, cause, as);
      return;
    }
    const kept = this.#pathNames.keep(path);
    if (kept === path) {
      this.#paths.set(path, new Map([[act, this.#evidence(cause, as)]]));
      return;
    }
    this.#fold(kept);
    // What changes the names in a directory changes the directory.
    const inner = namingActs.has(act) || changingActs.has(act) ? 'write' : act;
    this.did(kept, inner, cause, as);
  }

  failed(path: string, act: Act, errno: string, cause: Cause, as: string | undefined): void {
    let acts = this.#tried.get(path);
    if (acts === undefined) {
      if (this.#triedNames.keep(path) !== path) {
        this.limit(
          `More than ${mostNames} names of one directory, or ${mostPaths} in all, were tried in vain: the others are not in the profile.`,
        );
        return;
      }
      acts = new Map();
      this.#tried.set(path, acts);
    }
    const known = acts.get(act);
    if (known === undefined) acts.set(act, Object.assign(this.#evidence(cause, as), { errno }));
    else this.#again(known, as);
  }

  moved(how: Move['how'], from: string, to: string, cause: Cause): void {
    const key = moveKey({ how, from, to });
    const known = this.#moves.get(key);
    if (known !== undefined) {
      known.evidence.count++;
      return;
    }
    // Which directories it goes between is what counts: further names on the same way say nothing new.
    const route = JSON.stringify([how, parentOf(from), parentOf(to)]);
    const taken = this.#moveRoutes.get(route) ?? 0;
    if (
      taken >= mostNames ||
      (taken > 0 && this.#moves.size >= mostPaths) ||
      this.#moves.size >= 2 * mostPaths
    ) {
      this.limit(
        `More than ${mostNames} files were moved or linked between two directories: not each of them is in the profile.`,
      );
      return;
    }
    this.#moveRoutes.set(route, taken + 1);
    this.#moves.set(key, { how, from, to, evidence: this.#evidence(cause) });
  }

  linked(path: string, target: string, cause: Cause): void {
    this.#list(this.#links, linkKey({ path, target }), { path, target }, cause, undefined);
  }

  transition(call: string, from: string, to: string, cause: Cause, as: string): void {
    this.#list(this.#credentials, transitionKey({ call, from, to }), { call, from, to }, cause, as);
  }

  privileged(what: string, cause: Cause, as: string): void {
    const call = cause.name;
    this.#list(this.#privileged, privilegedKey({ call, what }), { call, what }, cause, as);
  }

  family(name: string, cause: Cause, as: string): void {
    this.#witness(this.#families, name, cause, as);
  }

  endpoint(seen: Omit<Endpoint, 'evidence'>, cause: Cause, as: string): void {
    const key = endpointKey(seen);
    const known = this.#endpoints.get(key);
    if (known !== undefined) this.#again(known.evidence, as);
    else if (this.#endpoints.size < mostEndpoints)
      this.#endpoints.set(key, { ...seen, evidence: this.#evidence(cause, as) });
    else
      this.limit(
        `More than ${mostEndpoints} different addresses were seen; the others are not in the profile.`,
      );
  }

  caller(path: string, by: Caller['by'], cause: Cause, as: string): void {
    this.#list(this.#callers, callerKey({ path, by }), { path, by }, cause, as);
  }

  unresolved(path: string, cause: Cause): void {
    if (this.#unresolved.size < mostOthers || this.#unresolved.has(path))
      this.#witness(this.#unresolved, path, cause);
    else
      this.limit(
        `More than ${mostOthers} relative paths could not be placed; the others are not in the profile.`,
      );
  }

  limit(sentence: string): void {
    this.#limits.add(sentence);
  }

  profile(how: 'traced' | 'attached' | 'log', architecture: string, tally: LineTally): Profile {
    const lines = Object.values(tally).reduce((sum, count) => sum + count, 0);
    return {
      ...emptyProfile(),
      sources: [{ name: this.#name, how, program: this.program, architecture }],
      log: { lines, ...tally },
      syscalls: Object.fromEntries(sorted(this.#syscalls)),
      abis: Object.fromEntries(sorted(this.#abisSeen(architecture))),
      paths: nested(this.#paths),
      tried: nested(this.#tried),
      moves: listed(this.#moves),
      links: listed(this.#links),
      families: Object.fromEntries(sorted(this.#families)),
      endpoints: listed(this.#endpoints),
      callers: listed(this.#callers),
      credentials: listed(this.#credentials),
      privileged: listed(this.#privileged),
      unresolved: Object.fromEntries(sorted(this.#unresolved)),
      limits: [...this.#limits].sort(),
    };
  }

  /** Without a notice of strace's the names tell. */
  #abisSeen(architecture: string): Map<string, Evidence> {
    const abis = new Map(this.#abis);
    if (abis.has('32 bit')) return abis;
    for (const [name, { count, first }] of this.#syscalls) {
      if (!isThirtyTwoBitName(name, architecture)) continue;
      const known = abis.get('32 bit');
      if (known === undefined) abis.set('32 bit', { call: name, first, count });
      else known.count += count;
    }
    return abis;
  }

  #fold(directory: string): void {
    if (this.#folded.has(directory)) return;
    if (this.#folded.size >= mostNamedDirectories) {
      this.limit('Further directories hold more names than are kept: these count for the directory itself.');
      return;
    }
    this.#folded.add(directory);
    this.limit(
      `More names were used in ${JSON.stringify(directory)} than are kept (${mostNames}, ${mostPaths} in all): the others count for the directory itself.`,
    );
  }

  #witness<K>(map: Map<K, Evidence>, key: K, cause: Cause, as?: string): void {
    const known = map.get(key);
    if (known === undefined) map.set(key, this.#evidence(cause, as));
    else this.#again(known, as);
  }

  #list<T extends Listed>(
    map: Map<string, T>,
    key: string,
    item: Omit<T, 'evidence'>,
    cause: Cause,
    as: string | undefined,
  ): void {
    const known = map.get(key);
    if (known !== undefined) this.#again(known.evidence, as);
    else if (map.size < mostOthers) map.set(key, { ...item, evidence: this.#evidence(cause, as) } as T);
    else
      this.limit(
        `More than ${mostOthers} different facts of one kind (links, ids, sockets) were seen; the others are not in the profile.`,
      );
  }

  #again(evidence: Evidence, as: string | undefined): void {
    evidence.count++;
    if (as !== undefined && evidence.as?.includes(as) !== true)
      evidence.as = [...(evidence.as ?? []), as].sort();
    this.#heard?.push(evidence);
  }

  #evidence(cause: Cause, as?: string): Evidence {
    this.#isNews = true;
    const evidence: Evidence = {
      call: cause.name,
      first: { source: this.source, line: cause.line },
      count: 1,
    };
    if (as !== undefined) evidence.as = [as];
    this.#heard?.push(evidence);
    return evidence;
  }
}

function sorted<K extends string, V>(map: Map<K, V>): [K, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function nested<V>(map: Map<string, Map<Act, V>>): Record<string, Partial<Record<Act, V>>> {
  return Object.fromEntries(sorted(map).map(([path, acts]) => [path, Object.fromEntries(sorted(acts))]));
}

function listed<T>(map: Map<string, T>): T[] {
  return sorted(map).map(([, item]) => item);
}
