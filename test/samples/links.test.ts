import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import { isBelow } from '../../src/paths/covering-tree.ts';
import { changingActs } from '../../src/profile/acts.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { runs } from '../properties.ts';
import { act, profileOf, silent } from './any-touches.ts';
import { merged, split } from './file-facts-of.ts';
import { readingOf, sampleLogs, settingsOf, versions } from './sample-logs.ts';

/**
 * Law 1 on the machine itself: a log was read where nobody could look at that machine, and says names that are links there. systemd
 * follows these in whatever a unit names, so what was written for the one name holds for the other.
 */

/** A log that says the other name of each place, where it has one. */
function renamed(profile: Profile): Profile {
  const other = (path: string) =>
    path
      .replace(/^\/run\/lock(?=\/|$)/, '/var/lock')
      .replace(/^\/run(?=\/|$)/, '/var/run')
      .replace(/^\/usr(?=\/(?:bin|sbin|lib|lib64)\/)/, '');
  const table = <T>(paths: Record<string, T>) =>
    Object.fromEntries(Object.entries(paths).map(([path, acts]) => [other(path), acts]));
  return {
    ...profile,
    paths: table(profile.paths),
    tried: table(profile.tried),
    moves: profile.moves.map((move) => ({ ...move, from: other(move.from), to: other(move.to) })),
  };
}

describe('a log that says /var/run, /lib, /bin …, read without the files of its machine', () => {
  test.each(sampleLogs.map((log) => [log.name, log] as const))(
    '%s: nothing of it is refused on that machine',
    async (_name, log) => {
      const profile = renamed((await readingOf(log)).profile);
      for (const level of levels) {
        for (const confine of level === 'relaxed' ? [false] : [false, true]) {
          const settings = settingsOf(profile, level, 252, { confine });
          expect(silent(profile, settings, merged), `${level} ${confine}`).toEqual([]);
        }
      }
    },
  );

  const directory = fc.constantFrom(
    '/var/run',
    '/run',
    '/var/lock',
    '/run/lock',
    '/bin',
    '/usr/bin',
    '/lib',
    '/usr/lib',
    '/lib64',
    '/sbin',
    '/srv',
  );
  const name = fc.constantFrom(
    '',
    '/x/y',
    '/x/y.d/a.so',
    '/x/f',
    '/z.pid',
    '/systemd/notify',
    '/lock/x',
    '/new\nline',
  );
  const path = fc.tuple(directory, name).map((parts) => parts.join(''));
  const below = path.filter((path) => !isFixed(path));
  const touch = fc
    .record({ path, act })
    .filter(
      ({ path, act }) => !isFixed(path) || !(changingActs.has(act) || act === 'map' || act === 'execute'),
    );
  const touches = fc.array(touch, { minLength: 1, maxLength: 6 });
  const moves = fc.array(
    fc.record({ how: fc.constantFrom('rename' as const, 'link' as const), from: below, to: below }),
    { maxLength: 2 },
  );

  test('whatever it does by which name: nothing is refused on that machine', () => {
    fc.assert(
      fc.property(
        touches,
        moves.map((all) => all.filter(isWithinOne)),
        fc.constantFrom(...levels),
        fc.constantFrom(...versions),
        fc.boolean(),
        (touches, moves, level, version, confine) => {
          const profile = profileOf(touches, moves);
          const settings = settingsOf(profile, level, version, { confine });
          for (const tree of [merged, split]) expect(silent(profile, settings, tree)).toEqual([]);
        },
      ),
      {
        numRuns: runs(250),
        examples: [
          // What is mapped by the other name of what is written had no mount, where no ExecPaths= names it.
          [
            [
              { path: '/usr/bin/x/y.d/a.so', act: 'bind' },
              { path: '/bin/x/y.d/a.so', act: 'map' },
            ],
            [],
            'minimal',
            239,
            true,
          ],
          // The other name of a place inside of what may be executed was marked NoExecPaths=.
          [
            [
              { path: '/var/lock/z.pid', act: 'map' },
              { path: '/var/run', act: 'read' },
            ],
            [{ how: 'rename', from: '/var/lock/z.pid', to: '/var/run/x/f' }],
            'minimal',
            256,
            true,
          ],
          // It takes away by one name what would have a mount of its own by the other (EBUSY).
          [
            [
              { path: '/usr/bin/x/y', act: 'remove' },
              { path: '/bin/x/y', act: 'execute' },
            ],
            [],
            'minimal',
            248,
            false,
          ],
          [
            [
              { path: '/lib/x/y.d/a.so', act: 'write' },
              { path: '/usr/lib/x/y.d/a.so', act: 'remove' },
            ],
            [],
            'minimal',
            239,
            false,
          ],
        ],
      },
    );
  });
});

/** /usr/lib itself, and what lies right in it, is nothing that a daemon changes; nor is /run itself. */
const isFixed = (path: string) =>
  /^\/(?:(?:usr\/)?(?:s?bin|lib|lib64)(?:\/[^/]+)?|(?:var\/)?run|\w+\/lock|srv)$/.test(path);

/** Between two file systems the kernel refuses a rename without any sandbox, and a directory can't be moved into itself. */
function isWithinOne({ from, to }: { from: string; to: string }): boolean {
  const top = (path: string) =>
    path
      .replace(/^\/usr|^\/var/, '')
      .replace(/^\/lock/, '/run')
      .split('/')[1];
  return top(from) === top(to) && from !== to && !isBelow(from, to) && !isBelow(to, from);
}
