import { credentialCalls } from './credential-calls.ts';
import { descriptorCalls } from './descriptor-calls.ts';
import { directoryCalls } from './directory-calls.ts';
import { filteredCalls } from './filtered-calls.ts';
import type { Meaning } from './meaning.ts';
import { nameCalls } from './name-calls.ts';
import { openCalls } from './open-calls.ts';
import { pathCalls } from './path-calls.ts';
import { privilegedCalls } from './privileged-calls.ts';
import { processCalls } from './process-calls.ts';
import { socketCalls } from './socket-calls.ts';

/** Every call that means more to a profile than its name. All others are counted only, their arguments never read. */
export const meanings: ReadonlyMap<string, Meaning> = joined([
  // As whom something was done comes before what it changes.
  privilegedCalls,
  filteredCalls,
  pathCalls,
  nameCalls,
  directoryCalls,
  openCalls,
  descriptorCalls,
  processCalls,
  socketCalls,
  credentialCalls,
]);

function joined(tables: readonly Readonly<Record<string, Meaning>>[]): Map<string, Meaning> {
  const all = new Map<string, Meaning>();
  for (const table of tables) {
    for (const [name, meaning] of Object.entries(table)) {
      const before = all.get(name);
      all.set(name, before === undefined ? meaning : both(before, meaning));
    }
  }
  return all;
}

function both(first: Meaning, second: Meaning): Meaning {
  return (call, task, observation) => {
    first(call, task, observation);
    second(call, task, observation);
  };
}
