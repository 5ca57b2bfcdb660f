import { covers } from '../paths/covering-tree.ts';
import { type Act, changingActs } from '../profile/acts.ts';
import type { Caller, Endpoint, Evidence, Profile } from '../profile/profile.ts';
import { type CapabilityUse, isEnough } from './capability-use.ts';
import { madePlaces, outermost } from './made-places.ts';
import { ownListeners } from './own-listeners.ts';
import { factsOfAct, type PathFacts, placesOfMove } from './path-facts.ts';
import { usedCapabilities } from './used-capabilities.ts';

/** One thing that the daemon did and that a sandbox could refuse. */
export type Behaviour =
  | CallBehaviour
  | { kind: 'family'; family: string; evidence: Evidence }
  | { kind: 'abi'; abi: string; evidence: Evidence }
  | CapabilityBehaviour
  | { kind: 'privileged'; call: string; what: string; evidence: Evidence }
  | PathBehaviour
  | MoveBehaviour
  | EndpointBehaviour
  | ({ kind: 'caller' } & Caller);

/** Something for which the kernel asks for a capability, or for one of others in its place; `errno` is what is met without any. */
export type CapabilityBehaviour = { kind: 'capability' } & Pick<
  CapabilityUse,
  'name' | 'instead' | 'errno' | 'evidence'
>;

/** An address or an abstract socket that was bound, or a peer that was met; `isOwn` where the daemon itself listens there. */
export type EndpointBehaviour = { kind: 'endpoint'; isOwn: boolean } & Endpoint;

export interface CallBehaviour {
  kind: 'call';
  name: string;
  /** The classes of its arguments, where that decides and they are known of each time that it was made. */
  classes?: readonly string[];
  evidence: Evidence;
}

/** Calls of which a sandbox refuses some, told apart by their arguments, while the others do no harm. */
const classified: ReadonlySet<string> = new Set(['keyctl', 'msgget', 'personality', 'semget', 'shmget']);

/** A rename, or a second name: `real` is where both names lie. Of several pairs one holds, and nobody knows which. */
export interface MoveBehaviour {
  kind: 'move';
  how: 'rename' | 'link';
  from: string;
  to: string;
  real: readonly { from: string; to: string }[];
  evidence: Evidence;
}

export interface PathBehaviour {
  kind: 'path';
  act: Act;
  path: string;
  facts: PathFacts;
  /** Real paths that the daemon made itself, and that are, or hold, what it is about: of each the outermost. */
  made?: readonly string[];
  evidence: Evidence;
}

/** Everything in a profile that a sandbox could refuse: what worked, never what failed without a sandbox already. */
export function* behavioursOf(profile: Profile): Generator<Behaviour> {
  for (const [name, { count, first }] of Object.entries(profile.syscalls)) {
    const classes = classified.has(name) ? classesOf(profile, name, count) : undefined;
    const evidence = { call: name, first, count };
    yield { kind: 'call', name, ...(classes === undefined ? {} : { classes }), evidence };
  }
  for (const [family, evidence] of Object.entries(profile.families))
    yield { kind: 'family', family, evidence };
  for (const [abi, evidence] of Object.entries(profile.abis)) yield { kind: 'abi', abi, evidence };
  const made = madePlaces(profile);
  for (const [path, acts] of Object.entries(profile.paths)) {
    for (const [act, evidence] of Object.entries(acts) as [Act, Evidence][]) {
      const facts = factsOfAct(profile, path, act);
      yield { kind: 'path', act, path, facts, made: outermost(made, facts.real), evidence };
    }
  }
  for (const { name, instead, errno, evidence } of usedCapabilities(profile))
    yield { kind: 'capability', name, instead, errno, evidence };
  for (const { call, what, evidence } of profile.privileged)
    yield { kind: 'privileged', call, what, evidence };
  for (const move of profile.moves) yield { kind: 'move', ...move, real: placesOfMove(profile, move) };
  const isOwn = ownListeners(profile.endpoints);
  for (const endpoint of profile.endpoints) yield { kind: 'endpoint', isOwn: isOwn(endpoint), ...endpoint };
  for (const caller of profile.callers) yield { kind: 'caller', ...caller };
}

/** Undefined where some of the calls have none: they failed, or the profile is older than the classes. */
function classesOf(profile: Profile, name: string, count: number): string[] | undefined {
  const known = profile.privileged.filter(({ call }) => call === name);
  const told = known.reduce((sum, { evidence }) => sum + evidence.count, 0);
  return told === count ? known.map(({ what }) => what) : undefined;
}

/** Whether a behaviour is one of these calls, whatever its arguments. */
export function isCall(behaviour: Behaviour, names: ReadonlySet<string>): boolean {
  return behaviour.kind === 'call' && names.has(behaviour.name);
}

/** Whether a behaviour is one of these calls, and was made otherwise than in these classes, or nobody knows how. */
export function isCallBeside(
  behaviour: Behaviour,
  names: ReadonlySet<string>,
  harmless: ReadonlySet<string>,
): boolean {
  if (behaviour.kind !== 'call' || !names.has(behaviour.name)) return false;
  return behaviour.classes?.every((each) => harmless.has(each)) !== true;
}

/** Whether a behaviour needs a capability for which nothing is left where these are gone. */
export function needsAny(behaviour: Behaviour, gone: readonly string[]): behaviour is CapabilityBehaviour {
  return behaviour.kind === 'capability' && !isEnough(behaviour, (name) => !gone.includes(name));
}

/** The behaviour, if it does something to what lies at one of these places or below. Without acts: anything at all. */
export function touching(
  behaviour: Behaviour,
  places: readonly string[],
  acts?: ReadonlySet<Act>,
): PathBehaviour | undefined {
  if (behaviour.kind !== 'path' || (acts !== undefined && !acts.has(behaviour.act))) return undefined;
  const named = [behaviour.path, ...behaviour.facts.real];
  const isThere = named.some((path) => places.some((place) => covers(place, path)));
  return isThere ? behaviour : undefined;
}

/** Data written to these doesn't touch the file system that they lie on. */
const throughMount: ReadonlySet<string> = new Set(['character', 'block', 'fifo', 'socket']);

/** Whether an act changes what lies on a mount, so that a read-only one refuses it: writing to a device or a pipe doesn't. */
export function changesMount(act: Act, { kind }: PathFacts): boolean {
  if (!changingActs.has(act)) return false;
  return act !== 'write' || kind.length === 0 || kind.some((each) => !throughMount.has(each));
}
