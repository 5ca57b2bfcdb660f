import type { LineTally, Place } from '../trace/event.ts';
import { endpointKey, moveKey } from './merge.ts';
import {
  type Act,
  type Endpoint,
  type Evidence,
  emptyProfile,
  type Failure,
  type Move,
  type Profile,
} from './profile.ts';

/** What a piece of evidence needs to know of a call. */
export interface Cause {
  name: string;
  line: number;
}

/** How many different peers and ports are kept: a busy server has millions, and memory must not grow with the log. */
const mostEndpoints = 4096;

/** Collects the facts of one log into maps (a traced program may choose any name, `__proto__` too), then into a `Profile`. */
export class Recorder {
  /** The file in which the line numbers of the moment count; an `-ff` set has several. */
  source: string;
  readonly #name: string;
  readonly #syscalls = new Map<string, { count: number; first: Place }>();
  readonly #abis = new Map<string, Evidence>();
  readonly #paths = new Map<string, Map<Act, Evidence>>();
  readonly #tried = new Map<string, Map<Act, Failure>>();
  readonly #moves = new Map<string, Move>();
  readonly #families = new Map<string, Evidence>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #unresolved = new Map<string, Evidence>();
  readonly #limits = new Set<string>();
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

  called(name: string, line: number): void {
    this.calls++;
    const known = this.#syscalls.get(name);
    if (known === undefined) this.#syscalls.set(name, { count: 1, first: { source: this.source, line } });
    else known.count++;
  }

  abi(name: string, cause: Cause): void {
    this.#witness(this.#abis, name, cause);
  }

  did(path: string, act: Act, cause: Cause): void {
    this.#witness(inner(this.#paths, path), act, cause);
  }

  failed(path: string, act: Act, errno: string, cause: Cause): void {
    const acts = inner(this.#tried, path);
    const known = acts.get(act);
    if (known === undefined) acts.set(act, { ...this.#evidence(cause), errno });
    else known.count++;
  }

  moved(how: Move['how'], from: string, to: string, cause: Cause): void {
    const key = moveKey({ how, from, to });
    const known = this.#moves.get(key);
    if (known === undefined) this.#moves.set(key, { how, from, to, evidence: this.#evidence(cause) });
    else known.evidence.count++;
  }

  family(name: string, cause: Cause): void {
    this.#witness(this.#families, name, cause);
  }

  endpoint(seen: Omit<Endpoint, 'evidence'>, cause: Cause): void {
    const key = endpointKey(seen);
    const known = this.#endpoints.get(key);
    if (known !== undefined) known.evidence.count++;
    else if (this.#endpoints.size < mostEndpoints)
      this.#endpoints.set(key, { ...seen, evidence: this.#evidence(cause) });
    else
      this.limit(
        `More than ${mostEndpoints} different addresses were seen; the others are not in the profile.`,
      );
  }

  unresolved(path: string, cause: Cause): void {
    this.#witness(this.#unresolved, path, cause);
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
      abis: Object.fromEntries(sorted(this.#abis)),
      paths: nested(this.#paths),
      tried: nested(this.#tried),
      moves: sorted(this.#moves).map(([, move]) => move),
      families: Object.fromEntries(sorted(this.#families)),
      endpoints: sorted(this.#endpoints).map(([, endpoint]) => endpoint),
      unresolved: Object.fromEntries(sorted(this.#unresolved)),
      limits: [...this.#limits].sort(),
    };
  }

  #witness<K>(map: Map<K, Evidence>, key: K, cause: Cause): void {
    const known = map.get(key);
    if (known === undefined) map.set(key, this.#evidence(cause));
    else known.count++;
  }

  #evidence(cause: Cause): Evidence {
    return { call: cause.name, first: { source: this.source, line: cause.line }, count: 1 };
  }
}

function inner<K, V>(map: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const there = map.get(key);
  if (there !== undefined) return there;
  const fresh = new Map<K, V>();
  map.set(key, fresh);
  return fresh;
}

function sorted<K extends string, V>(map: Map<K, V>): [K, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function nested<V>(map: Map<string, Map<Act, V>>): Record<string, Partial<Record<Act, V>>> {
  return Object.fromEntries(sorted(map).map(([path, acts]) => [path, Object.fromEntries(sorted(acts))]));
}
