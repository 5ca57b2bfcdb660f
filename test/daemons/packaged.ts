import { readdirSync } from 'node:fs';
import type { Packaged } from './second-run.ts';

const names = readdirSync(new URL('./packaged/', import.meta.url))
  .map((file) => file.replace(/\.ts$/, ''))
  .sort();

/** Daemons as Debian ships them. A new one is one file in packaged/: nothing in src/ knows any of them. */
export const packaged: readonly Packaged[] = await Promise.all(
  names.map(async (name) => {
    const { default: daemon }: { default: Packaged } = await import(`./packaged/${name}.ts`);
    return daemon;
  }),
);
