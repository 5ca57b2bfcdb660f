import type { Gist } from '../../trace/gist.ts';
import { credentialCalls } from './credential-calls.ts';
import { descriptorCalls, tellingDescriptorCalls } from './descriptor-calls.ts';
import { directoryCalls } from './directory-calls.ts';
import { filteredCalls } from './filtered-calls.ts';
import { ipcCalls } from './ipc-calls.ts';
import type { Meaning, Meanings } from './meaning.ts';
import { memoryCalls } from './memory-calls.ts';
import { nameCalls } from './name-calls.ts';
import { openCalls } from './open-calls.ts';
import { pathCalls } from './path-calls.ts';
import { privilegedCalls } from './privileged-calls.ts';
import { processCalls } from './process-calls.ts';
import { passingCalls, socketCalls } from './socket-calls.ts';

/** Calls whose arguments tell a profile something. As whom something was done comes before what it changes. */
const tellingTables: readonly Meanings[] = [
  privilegedCalls,
  ipcCalls,
  filteredCalls,
  memoryCalls,
  pathCalls,
  nameCalls,
  directoryCalls,
  openCalls,
  tellingDescriptorCalls,
  processCalls,
  socketCalls,
  credentialCalls,
];

/** Calls that change what a descriptor's number stands for, and tell no more. */
const numberTables: readonly Meanings[] = [descriptorCalls, passingCalls];

/** Every call that means more to a profile than its name. All others are counted only, their arguments never read. */
export const meanings: ReadonlyMap<string, Meaning> = joined([...tellingTables, ...numberTables]);

/**
 * Calls that a tracer must show, arguments and all, for a profile that is as full as it can be where descriptors are annotated
 * (`strace -y`).
 */
export const tellingCalls: readonly string[] = tellingTables.flatMap((table) => Object.keys(table));

function joined(tables: readonly Meanings[]): Map<string, Meaning> {
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

/** Calls after which a number stands for another file than before: their meaning is what keeps the descriptor table. */
export const givesDescriptors: ReadonlySet<string> = new Set(
  [...numberTables, tellingDescriptorCalls, openCalls, socketCalls].flatMap((table) => Object.keys(table)),
);

/**
 * Calls that mean the same to a profile whenever the same task makes them in the same words, unless their meaning says that it looked at
 * more than words (`Observation.isByWordsAlone`). None of them changes what later calls mean, but for a descriptor that is opened
 * or closed, and for what memory is code: where that has changed since, they are read again.
 */
export const byWords: ReadonlySet<string> = new Set([
  ...Object.keys(pathCalls),
  ...Object.keys(openCalls),
  'close',
  'fcntl',
  'fcntl64',
  'ioctl',
  'connect',
  'bind',
  'sendto',
  'accept',
  'accept4',
  'setsockopt',
  'mmap',
  'mmap2',
  'mprotect',
  'pkey_mprotect',
]);

const descriptorsOnly: Gist = { ports: false, buffer: false };
const peersOfServers: Gist = { ports: true, buffer: false };

/** Of these the annotations of descriptors mean nothing, nor do ports that their meaning passes over. */
export const gists: ReadonlyMap<string, Gist> = new Map([
  ['close', descriptorsOnly],
  ['fcntl', descriptorsOnly],
  ['ioctl', descriptorsOnly],
  ['setsockopt', descriptorsOnly],
  ['connect', descriptorsOnly],
  ['bind', descriptorsOnly],
  ['accept', peersOfServers],
  ['accept4', peersOfServers],
  ['sendto', { ports: true, buffer: true }],
]);
