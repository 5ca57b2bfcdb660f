import { readFileSync } from 'node:fs';
import { nameOf } from '../paths/covering-tree.ts';

let known: ReadonlySet<string> | undefined;

/** Whether a program runs scripts, which it only reads: no mount flag stops that. A version may follow its name (`python3.11`). */
export function isInterpreter(path: string): boolean {
  known ??= names();
  const name = nameOf(path);
  return known.has(name) || known.has(name.replace(/[-.\d]+$/, ''));
}

function names(): Set<string> {
  const table: { names: string } = JSON.parse(
    readFileSync(new URL('./data/interpreters.json', import.meta.url), 'utf8'),
  );
  return new Set(table.names.split(' '));
}
