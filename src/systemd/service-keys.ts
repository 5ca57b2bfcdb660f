import { readFileSync } from 'node:fs';

interface KeyTable {
  source: string;
  /** The first version of systemd that has them → keys. The oldest version that is told apart has all that are older, too. */
  since: Record<string, string>;
}

/** Every key that systemd takes in [Service], those too of which a later version says only that they are gone: the first version that has it. */
export function serviceKeys(): ReadonlyMap<string, number> {
  known ??= new Map(
    Object.entries(keyTable().since).flatMap(([version, keys]) =>
      keys.split(' ').map((key) => [key, Number(version)] as const),
    ),
  );
  return known;
}

let known: ReadonlyMap<string, number> | undefined;

function keyTable(): KeyTable {
  return JSON.parse(readFileSync(new URL('./data/service-keys.json', import.meta.url), 'utf8'));
}

/** Older names of keys that mean the same: systemd takes either, and merges what both say. */
export const olderNames: ReadonlyMap<string, string> = new Map([
  ['ReadWriteDirectories', 'ReadWritePaths'],
  ['ReadOnlyDirectories', 'ReadOnlyPaths'],
  ['InaccessibleDirectories', 'InaccessiblePaths'],
]);
