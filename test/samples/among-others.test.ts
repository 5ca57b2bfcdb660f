import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import { isBelow } from '../../src/paths/covering-tree.ts';
import { changingActs } from '../../src/profile/acts.ts';
import { runs } from '../properties.ts';
import { act, profileOf, silent } from './any-touches.ts';
import { merged } from './file-facts-of.ts';
import { settingsOf, versions } from './sample-logs.ts';

/**
 * Law 1 where a grant is broad: who makes a name in /var or /etc is granted all of it, and directories of others there are put back
 * read-only, or emptied; nothing of what was done may be refused by that.
 */
const directories = [
  '/var',
  '/var/lib',
  '/var/lib/foo',
  '/var/cache/foo',
  '/var/log',
  '/var/spool/cron',
  '/etc',
  '/etc/foo',
  '/etc/cron.d',
  '/etc/systemd/system',
  '/root',
  '/opt',
  '/run',
];
const path = fc
  .tuple(fc.constantFrom(...directories), fc.constantFrom('', '/x/y', '/f', '/f.pid'))
  .map((parts) => parts.join(''));
/** What holds the others stays where it is. */
const isThere = (path: string) => directories.includes(path);
const below = path.filter((path) => !isThere(path));
const touch = fc
  .record({ path, act })
  .filter(
    ({ path, act }) => !isThere(path) || !(changingActs.has(act) || act === 'map' || act === 'execute'),
  );
const move = fc
  .record({ how: fc.constantFrom('rename' as const, 'link' as const), from: below, to: below })
  .filter(({ from, to }) => from !== to && !isBelow(from, to) && !isBelow(to, from))
  // Another file system.
  .filter(({ from, to }) => from.startsWith('/run/') === to.startsWith('/run/'));

test('what is done beside a name right in /var or /etc is let through, or a person is told', () => {
  fc.assert(
    fc.property(
      fc.array(touch, { minLength: 1, maxLength: 6 }),
      fc.array(move, { maxLength: 2 }),
      fc.constantFrom('/var/own', '/etc/own'),
      fc.constantFrom(...levels),
      fc.constantFrom(...versions),
      fc.boolean(),
      (touches, moves, own, level, version, confine) => {
        const profile = profileOf([...touches, { path: own, act: 'create' }], moves);
        const settings = settingsOf(profile, level, version, { confine });
        expect(silent(profile, settings, merged)).toEqual([]);
      },
    ),
    {
      numRuns: runs(250),
      examples: [
        // A grant between the two ends stayed a mount of its own.
        [
          [],
          [
            { how: 'rename', from: '/root/f', to: '/var/cache/foo/f' },
            { how: 'rename', from: '/var/cache/foo/x/y', to: '/var/f.pid' },
          ],
          '/var/own',
          'minimal',
          239,
          false,
        ],
      ],
    },
  );
});
