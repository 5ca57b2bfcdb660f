import type { Value } from '../trace/event.ts';
import { hasFlag as reads } from '../trace/values.ts';

/** Programs use few combinations of flags; a hostile log may hold any number of them. */
const mostKept = 1024;

const answers = new Map<string, Map<string, boolean>>();

/** `hasFlag` of src/trace/values.ts, which remembers its answers: the same few flags stand on most lines of a log. */
export function hasFlag(value: Value | undefined, name: string): boolean {
  if (value?.kind !== 'text') return value !== undefined && reads(value, name);
  let known = answers.get(name);
  if (known === undefined) {
    known = new Map();
    answers.set(name, known);
  }
  const before = known.get(value.text);
  if (before !== undefined) return before;
  const answer = reads(value, name);
  if (known.size >= mostKept) known.clear();
  known.set(value.text, answer);
  return answer;
}
