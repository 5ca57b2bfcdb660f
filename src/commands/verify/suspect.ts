import type { NotJudged } from '../../directives/unmodelled.ts';
import type { UnitSettings } from '../unit-settings.ts';
import type { Blamed } from './blame.ts';
import type { Refused } from './read-watch.ts';

/** Errors that a setting may stand for of which no model knows what it refuses: another user's rights, another file tree. */
const answersOf: Readonly<Record<'paths' | 'user', ReadonlySet<string>>> = {
  user: new Set(['EACCES', 'EPERM']),
  paths: new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ENXIO', 'ECONNREFUSED']),
};

/** What systemd says where it could not even start the program: EXEC and CHDIR, USER and GROUP. */
const statusesOf: Readonly<Record<'paths' | 'user', ReadonlySet<string>>> = {
  user: new Set(['216', '217']),
  paths: new Set(['200', '203']),
};

/**
 * Without a model a setting is suspected where it is the only one of its kind that came with the drop-in, and what failed is what
 * such settings answer.
 * @param status with which a process ended last
 */
export function suspect(
  failures: readonly Refused[],
  status: string | undefined,
  notJudged: readonly NotJudged[],
  unit: UnitSettings,
  without: UnitSettings,
): { suspected: Blamed[]; unexplained: Refused[] } {
  const added = notJudged.filter(({ key }) => textOf(without, key) !== textOf(unit, key));
  const seenOf = new Map<NotJudged, Refused[]>();
  const unexplained: Refused[] = [];
  for (const failure of failures) {
    const suspects = added.filter(
      ({ blurs }) =>
        failure.errno !== 'SIGSYS' && (blurs === undefined || answersOf[blurs].has(failure.errno)),
    );
    const [only] = suspects;
    if (only === undefined || suspects.length > 1) unexplained.push(failure);
    else seenOf.set(only, [...(seenOf.get(only) ?? []), failure]);
  }
  if (failures.length === 0 && status !== undefined) {
    const [only, ...others] = added.filter(
      ({ blurs }) => blurs !== undefined && statusesOf[blurs].has(status),
    );
    const errno = `status ${status}`;
    if (only !== undefined && others.length === 0)
      seenOf.set(only, [{ call: 'start', subject: '', errno, count: 1 }]);
  }
  const suspected = [...seenOf].map(([{ key, place }, seen]): Blamed => {
    const words = [...(unit.values(key).at(-1)?.words ?? [])];
    return {
      directive: key,
      errno: seen[0]?.errno ?? '',
      below: undefined,
      denials: [],
      remedy: { how: 'take out', assignments: [{ key, words, style: 'plain' }] },
      review: undefined,
      place,
      seen,
    };
  });
  return { suspected, unexplained };
}

function textOf(unit: UnitSettings, key: string): string | undefined {
  return unit.values(key).at(-1)?.words.join(' ');
}
