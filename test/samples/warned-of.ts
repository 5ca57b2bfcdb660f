import type { Behaviour } from '../../src/directives/behaviour.ts';
import type { Denial } from '../../src/directives/settings.ts';

/** Denials that no warning tells a person of. A warning tells of a path, a move or a call by naming it (a move by one of its ends). */
export function silentOnes(denials: readonly Denial[], warnings: readonly string[]): Denial[] {
  return denials.filter(({ behaviour }) => {
    const names = namesOf(behaviour);
    return !warnings.some((warning) => names.some((name) => warning.includes(name)));
  });
}

function namesOf(behaviour: Behaviour): string[] {
  if (behaviour.kind === 'call') return [` ${behaviour.name}`];
  if (behaviour.kind === 'privileged' && behaviour.what === 'seen by others') return [` ${behaviour.call}`];
  if (behaviour.kind === 'path') return [JSON.stringify(behaviour.path)];
  if (behaviour.kind === 'move') return [behaviour.from, behaviour.to].map((path) => JSON.stringify(path));
  return [];
}
