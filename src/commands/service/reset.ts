import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import { withLock } from './lock.ts';
import { readNote } from './note.ts';
import { placesOf, serviceName, serviceText } from './places.ts';
import { removeState, undoAll } from './undo.ts';
import { thisHost } from './unit-host.ts';

/** `service reset UNIT`: nothing of ours is left, and the unit is as it was. */
export async function resetService(
  { service, user, restart }: { service: string; user: boolean; restart: boolean },
  host = thisHost(user),
): Promise<void> {
  const asked = serviceName(service);
  // A unit that is gone by now may still have traces.
  const unit = await serviceText(host, asked).then(
    ({ name }) => name,
    () => asked,
  );
  const places = placesOf(host, unit);
  if (!existsSync(host.state)) throw new Failure(`${unit} is not traced, and nothing of it is kept.`);
  await withLock(places, async () => {
    const note = await readNote(places);
    if (note === undefined) {
      const isThere = existsSync(places.state);
      await removeState(host, places);
      if (!isThere) throw new Failure(`${unit} is not traced, and nothing of it is kept.`);
      process.stderr.write(`What was left in ${places.state} is gone.\n`);
      return;
    }
    for (const line of await undoAll(host, places, note, restart)) process.stderr.write(`${line}\n`);
    process.stderr.write(`${unit} is as it was: drop-ins and traces of sandbox-profile are gone.\n`);
  });
  // Where it was the last one.
  await rmdir(host.state).catch(() => undefined);
}
