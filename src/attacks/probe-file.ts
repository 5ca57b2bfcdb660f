import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** From dist/attacks/ the first is there, from src/attacks/ (tests) the second. */
const places = ['./probe', '../../dist/attacks/probe'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

/**
 * The probe's executable: scripts/build-probe.mjs makes it.
 * @throws when it was not built
 */
export function probeFile(): string {
  // src/attacks/probe is the folder of its source.
  const found = places.find((place) => existsSync(place) && !existsSync(`${place}/probe.h`));
  if (found === undefined)
    throw new Error(
      'The probe for attacks was not built, because there was no C compiler: install one (gcc and libc6-dev) and run `npm run build`.',
    );
  return found;
}
