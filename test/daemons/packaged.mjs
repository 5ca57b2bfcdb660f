// @ts-check
import { readdirSync } from 'node:fs';

/** @typedef {import('./packaged-daemon.ts').Packaged} Packaged */

const names = readdirSync(new URL('./packaged/', import.meta.url))
  .map((file) => file.replace(/\.mjs$/, ''))
  .sort();

/**
 * Daemons as Debian ships them. A new one is one file in packaged/: nothing in src/ knows any of them. These files are JavaScript
 * because scripts/setup.mjs, which installs what they need, runs on Node alone.
 * @type {readonly Packaged[]}
 */
export const packaged = await Promise.all(
  names.map(async (name) => (await import(`./packaged/${name}.mjs`)).default),
);
