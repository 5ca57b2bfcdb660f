import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../src/profile/profile.ts';
import { lossless, lossy } from './flags.ts';
import { comparable, straceOfReleases } from './releases.ts';
import { facts, Workshop } from './workshop.ts';

/**
 * One program that does the same each time, traced by the strace of several Debian releases with many flags: the profile is the
 * same but for evidence; where flags leave something out, it is less, and says so.
 */

const releases = await straceOfReleases();
const shop = new Workshop();
let plain: Profile;

beforeAll(async () => {
  const first = releases.find(({ why }) => why === '');
  if (first === undefined) return;
  await shop.build();
  plain = await shop.traced(first.strace, ['-f']);
  expect(plain.limits).toEqual([]);
  expect(plain.unresolved).toEqual({});
  expect(Object.keys(plain.paths).length).toBeGreaterThan(20);
});
afterAll(() => shop.remove());

describe.each(releases)('$name', ({ strace, version, why }) => {
  const known = ({ since }: { since?: string }) => since === undefined || comparable(since) <= version;
  const can = (sets: typeof lossy) =>
    sets.filter(known).map((set) => ({ ...set, title: set.flags.join(' ') }));

  test.skipIf(why !== '').each([{ title: '-f', flags: ['-f'] }, ...can(lossless)])(
    '$title: the same profile',
    async ({ flags }) => {
      expect(facts(await shop.traced(strace, flags))).toEqual(facts(plain));
    },
  );

  test.skipIf(why !== '')('twice into one file (-A): the same profile', async () => {
    await shop.traced(strace, ['-f']);
    const once = readFileSync(shop.log, 'latin1');
    const profile = await shop.tracedAgain(strace, ['-f', '-A']);
    expect(readFileSync(shop.log, 'latin1').startsWith(once)).toBe(true);
    expect(facts(profile)).toEqual(facts(plain));
  });

  test
    .skipIf(why !== '')
    .each([{ flags: [] }, { flags: ['-D'] }, { flags: ['-DD'] }, { flags: ['-q', '-tt', '-yy'] }])(
    'to stderr with $flags: the same profile',
    async ({ flags }) => {
      expect(facts(await shop.tracedToStderr(strace, ['-f', ...flags]))).toEqual(facts(plain));
    },
  );

  // Without the times and annotations that they lack, files of their own say nothing of the order between threads.
  test.skipIf(why !== '').each(['-ff', '-ff -tt', '-ff -r -n -i', '-ff -X raw -yy', '-ff -ttt -yy -k'])(
    'a file for each process, %s: nothing that was not done',
    async (set) => {
      const flags = set.split(' ');
      const profile = await shop.traced(strace, flags);
      expect(beyond(profile, plain)).toEqual([]);
      expect(Object.keys(profile.syscalls)).toEqual(Object.keys(plain.syscalls));
      expect(Object.keys(profile.families)).toEqual(Object.keys(plain.families));
    },
  );

  test.skipIf(why !== '')(
    'on a terminal, where strace writes colours and each line ends with CR LF',
    async () => {
      expect(facts(await shop.tracedOnTerminal(strace, ['-f', '-yy', '-tt']))).toEqual(facts(plain));
      const log = readFileSync(shop.log, 'latin1');
      expect(log).toContain('\r\n');
      expect(log.includes('\x1b[')).toBe(version >= comparable('7.0'));
    },
  );

  test.skipIf(why !== '').each(can(lossy))(
    '$title: less, and nothing else unsaid',
    async ({ flags, says }) => {
      const profile = await shop.traced(strace, flags);
      const more = beyond(profile, plain);
      expect(more).toEqual([]);
      if (says !== undefined) expect(profile.limits.join('\n')).toMatch(says);
      if (Object.keys(profile.unresolved).length > 0) expect(profile.limits).not.toEqual([]);
    },
  );
});

/** What one profile has and the other has not: calls, acts on paths, failures, moves, families, endpoints. */
function beyond(profile: Profile, whole: Profile): string[] {
  const inWhole = new Set(named(whole));
  // Whom /proc/self means is not known where a process's begin is not.
  const isOwn = (name: string) => profile.limits.length > 0 && name.endsWith(' /proc/self/exe');
  return named(profile).filter((name) => !inWhole.has(name) && !isOwn(name));
}

function named(profile: Profile): string[] {
  const of = (table: Record<string, object>, mark: string) =>
    Object.entries(table).flatMap(([path, acts]) => Object.keys(acts).map((act) => `${mark}${act} ${path}`));
  return [
    ...Object.keys(profile.syscalls),
    ...Object.keys(profile.families),
    ...Object.keys(profile.abis),
    ...of(profile.paths, ''),
    ...of(profile.tried, '!'),
    ...profile.moves.map(({ how, from, to }) => JSON.stringify([how, from, to])),
    ...profile.endpoints.map(({ act, family, address, port }) =>
      JSON.stringify([act, family, address, port]),
    ),
    ...profile.links.map(({ path, target }) => JSON.stringify([path, target])),
    ...profile.privileged.map(({ call, what }) => JSON.stringify([call, what])),
    ...profile.credentials.map(({ call, from, to }) => JSON.stringify([call, from, to])),
  ];
}
