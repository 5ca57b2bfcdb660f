import { nameOf } from '../paths/covering-tree.ts';
import { isTemporaryName } from '../paths/temporary-name.ts';
import { type Behaviour, touching } from './behaviour.ts';
import type { Context } from './context.ts';

/** Of these a unit can have its own: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateTmp= */
export const temporaryPlaces: readonly string[] = ['/tmp', '/var/tmp'];

/** Whether the daemon gets temporary directories of its own: then nothing of the host's need be granted. */
export function hasOwnTemporary({ level }: Context, behaviours: readonly Behaviour[]): boolean {
  // Other people's programs leave there what others of them look for.
  return level !== 'relaxed' && behaviours.every((behaviour) => missedInOwn(behaviour) === undefined);
}

/** What a behaviour would meet in a /tmp of its own; undefined where it misses nothing. */
export function missedInOwn(behaviour: Behaviour): string | undefined {
  const use = touching(behaviour, temporaryPlaces);
  if (use === undefined) return undefined;
  const { act, path, facts, made = [] } = use;
  if (act === 'bind') return 'a socket unseen by others';
  if (act === 'connect') return 'ENOENT';
  const isItself = temporaryPlaces.some((place) => [path, ...facts.real].includes(place));
  if (isItself) return act === 'list' || act === 'watch' ? 'an empty directory' : undefined;
  // A name that is another one each time is nobody else's, though the trace may not show who made it.
  return made.length > 0 || isTemporaryName(nameOf(path)) ? undefined : 'ENOENT';
}
