import { readdirSync } from 'node:fs';
import type { Packaged } from './second-run.ts';

const files = readdirSync(new URL('./packaged/', import.meta.url)).sort();

/** Daemons as Debian ships them. A new one is one file in packaged/: nothing in src/ knows any of them. */
export const packaged: readonly Packaged[] = await Promise.all(
  files.map(async (file) => {
    const { default: daemon }: { default: Packaged } = await import(`./packaged/${file}`);
    return daemon;
  }),
);
