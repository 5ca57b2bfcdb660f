import { readFileSync } from 'node:fs';
import { usualLinks } from '../paths/usual-links.ts';

/** A path of the usual Linux systems, and what an administrator should know of it. Each entry of data/*.json has its source. */
export interface KnownPlace {
  /** Absolute, without a slash at the end; what lies below it is meant too. */
  readonly path: string;
  /** A part of a sentence. */
  readonly reason: string;
  /** On most systems, or so bad that it counts though it was not there when somebody looked. */
  readonly common?: boolean;
  /** Programs that ask who somebody is use it, though a trace without a login does not show it. */
  readonly login?: boolean;
  /** A file, which others replace as a whole: a mount of it would go on showing the old one. */
  readonly file?: boolean;
  /** The only library that asks for it, without its version: `libnss_foo.so`. */
  readonly library?: string;
}

/** Sockets (and directories that hold nothing else) of services that do for others what the sandbox forbids them. */
export function controlSockets(): readonly KnownPlace[] {
  return places('control-sockets');
}

/** Files and directories that nobody but their owner should read. */
export function secrets(): readonly KnownPlace[] {
  return places('secrets');
}

/** What privileged programs obey when a file appears there, and is gone after a reboot. */
export function volatileConfiguration(): readonly KnownPlace[] {
  return places('volatile-configuration');
}

/** What libc, its look-ups, logging and readiness use, though a trace may not show it: must be seen through an empty /run or /var. */
export function alwaysVisible(): readonly KnownPlace[] {
  return places('always-visible');
}

/** Where logins are written down, by whoever lets people in. */
export function loginRecords(): readonly KnownPlace[] {
  return places('login-records');
}

/** Stores that programs of many packages write to, by the group to which the directory belongs. */
export function groupStores(): readonly KnownPlace[] {
  return places('group-stores');
}

/** Where a right to write is worth a break-in by itself. */
export function dangerousToWrite(): readonly KnownPlace[] {
  return places('dangerous-to-write');
}

/** Directories of others, or of the system, in those that hold far more than one daemon needs. */
export function directoriesOfOthers(): readonly KnownPlace[] {
  return [...places('others-directories'), ...dangerousToWrite().filter(({ file }) => file !== true)];
}

/** What should be looked at on the traced machine: a place that is not there need not be named. */
export function placesToLookAt(): string[] {
  const all = [
    controlSockets(),
    secrets(),
    volatileConfiguration(),
    alwaysVisible(),
    loginRecords(),
    groupStores(),
    directoriesOfOthers(),
  ];
  return [...new Set([...usualLinks, ...all.flat().map(({ path }) => path)])];
}

const tables = new Map<string, readonly KnownPlace[]>();

/** Read when it is first asked for. The shape is held against a schema in test/directives/known-places.test.ts. */
function places(name: string): readonly KnownPlace[] {
  const known = tables.get(name);
  if (known !== undefined) return known;
  const read: readonly KnownPlace[] = JSON.parse(
    readFileSync(new URL(`./data/${name}.json`, import.meta.url), 'utf8'),
  );
  tables.set(name, read);
  return read;
}
