import { nameOf, parentOf } from '../paths/covering-tree.ts';
import { type Act, type Evidence, namingActs, type Profile } from '../profile/profile.ts';

/** One thing that the daemon did and that a sandbox could refuse. */
export type Behaviour =
  | { kind: 'call'; name: string; evidence: Evidence }
  | { kind: 'family'; family: string; evidence: Evidence }
  | { kind: 'abi'; abi: string; evidence: Evidence }
  | { kind: 'path'; act: Act; path: string; facts: PathFacts; evidence: Evidence }
  | { kind: 'move'; how: 'rename' | 'link'; from: string; to: string; evidence: Evidence };

/** Where the path leads, and what lies there; `real` is the path itself where nobody looked. */
export interface PathFacts {
  real: readonly string[];
  kind: readonly string[];
  needs: readonly string[];
}

/** Everything in a profile that a sandbox could refuse: what worked, never what failed without a sandbox already. */
export function* behavioursOf(profile: Profile): Generator<Behaviour> {
  for (const [name, { count, first }] of Object.entries(profile.syscalls)) {
    yield { kind: 'call', name, evidence: { call: name, first, count } };
  }
  for (const [family, evidence] of Object.entries(profile.families))
    yield { kind: 'family', family, evidence };
  for (const [abi, evidence] of Object.entries(profile.abis)) yield { kind: 'abi', abi, evidence };
  for (const [path, acts] of Object.entries(profile.paths)) {
    for (const [act, evidence] of Object.entries(acts) as [Act, Evidence][]) {
      yield { kind: 'path', act, path, facts: factsOfAct(profile, path, act), evidence };
    }
  }
  for (const { how, from, to, evidence } of profile.moves) yield { kind: 'move', how, from, to, evidence };
}

/** Facts of the place that an act is about: most acts that make or take away a name don't follow a link of that name. */
export function factsOfAct(profile: Profile, path: string, act: Act): PathFacts {
  const facts = factsOf(profile, path);
  if (act === 'create' || !namingActs.has(act) || path === '/') return facts;
  const parents = factsOf(profile, parentOf(path)).real;
  return { ...facts, real: parents.map((parent) => `${parent === '/' ? '' : parent}/${nameOf(path)}`) };
}

export function factsOf(profile: Profile, path: string): PathFacts {
  const known = Object.hasOwn(profile.files, path) ? profile.files[path] : undefined;
  return known === undefined
    ? { real: [path], kind: [], needs: [] }
    : { real: known.real.length === 0 ? [path] : known.real, kind: known.kind, needs: known.needs };
}
