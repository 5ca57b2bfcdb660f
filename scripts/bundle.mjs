#!/usr/bin/env node
/**
 * Puts the modules of the command, and of the packages that it uses, into a few files: hundreds of small ones cost more time to find than
 * to run. Reads what tsc wrote to dist/, writes what is started from there anew, and its parts to dist/parts/.
 */
import { rmSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
/** The command, and the thread that reads large logs. */
const entries = ['cli', 'commands/log-worker'];

/** What a module finds beside itself it goes on finding there: tables, the probe, package.json. */
const whereItWas = {
  name: 'where-it-was',
  transform(code, id) {
    if (!id.startsWith(`${dist}/`) || !code.includes('import.meta.url')) return undefined;
    if (entries.some((name) => id === `${dist}/${name}.js`))
      throw new Error(`${id} asks where it is: its parts lie elsewhere.`);
    const place = JSON.stringify(relative(`${dist}/parts`, id));
    return code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
  },
};

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((name) => [name, `${dist}/${name}.js`])),
  platform: 'node',
  plugins: [whereItWas],
  onLog(_level, log) {
    throw new Error(log.message);
  },
});
rmSync(`${dist}/parts`, { recursive: true, force: true });
await bundle.write({
  dir: dist,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'parts/[name].js',
  // What is not there need not be read when it is loaded.
  minify: true,
});
await bundle.close();
