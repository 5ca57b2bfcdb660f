import { descriptorCalls } from './descriptor-calls.ts';
import type { Meaning } from './meaning.ts';
import { openCalls } from './open-calls.ts';
import { pathCalls } from './path-calls.ts';
import { processCalls } from './process-calls.ts';
import { socketCalls } from './socket-calls.ts';

/** Every call that means more to a profile than its name. All others are counted only, their arguments never read. */
export const meanings: ReadonlyMap<string, Meaning> = new Map(
  [pathCalls, openCalls, descriptorCalls, processCalls, socketCalls].flatMap((table) =>
    Object.entries(table),
  ),
);
