import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import { textOfBytes } from '../../src/paths/byte-text.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readPaths, settingsOf } from './sample-logs.ts';

/**
 * One program that does the same each time and writes down what it did (one-program.c): its profile and its settings must not
 * depend on how strace was asked to write, and must say what the program says.
 */

const folder = mkdtempSync(join(tmpdir(), 'one-program-'));
const program = join(folder, 'one-program');
const home = join(folder, 'home');
const notes = join(folder, 'notes');
const hasCompiler = await canRun('cc');
const hasTracer = await canRun('strace');

beforeAll(async () => {
  if (!hasCompiler || !hasTracer) return;
  const source = fileURLToPath(new URL('./one-program.c', import.meta.url));
  await execa('cc', ['-O1', '-pthread', '-o', program, source]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function canRun(name: string): Promise<boolean> {
  const { exitCode } = await execa(name, ['--version'], { reject: false });
  return exitCode === 0;
}

/** Runs the program under strace with these flags, each time in the same empty directory, and reads the log. */
async function profileWith(flags: string[], how = 'moving'): Promise<Profile> {
  rmSync(home, { recursive: true, force: true });
  rmSync(notes, { force: true });
  mkdirSync(home);
  const target = join(folder, flags.includes('-ff') ? 'set/trace' : 'log');
  rmSync(join(folder, 'set'), { recursive: true, force: true });
  mkdirSync(join(folder, 'set'));
  // Without address randomisation, so that an allocator asks as often each time.
  await execa('setarch', ['-R', 'strace', ...flags, '-o', target, program, home, notes, how], {
    stdio: 'ignore',
  });
  const { profile, unread } = await readPaths([flags.includes('-ff') ? join(folder, 'set') : target]);
  expect(unread).toEqual([]);
  // Whether a thread has to wait for another one, the scheduler decides, and without waiting there is no call.
  const { futex, ...syscalls } = profile.syscalls;
  return { ...profile, syscalls };
}

/** What is left when the evidence goes: names of sources, places, counts, the number of lines. */
function facts(profile: Profile): unknown {
  const dropped = ['count', 'first', 'log', 'sources'];
  return JSON.parse(JSON.stringify(profile, (key, value) => (dropped.includes(key) ? undefined : value)));
}

function values(profile: Profile): unknown {
  return levels.map((level) =>
    settingsOf(profile, level, 252).settings.map(({ directive, assignments }) => ({
      directive,
      assignments,
    })),
  );
}

describe.skipIf(!hasCompiler || !hasTracer)(
  'one program, many logs (skipped without a C compiler and strace)',
  () => {
    test('the profile says what the program says it did, and no more', async () => {
      const profile = await profileWith(['-f']);
      const said = readFileSync(notes, 'latin1')
        .trimEnd()
        .split('\n')
        .map((line) => textOfBytes(line.replace(/\/\.$/, '')));
      const seen = Object.entries(profile.paths)
        .filter(([path]) => path === home || path.startsWith(`${home}/`))
        .flatMap(([path, acts]) => Object.keys(acts).map((act) => `${act} ${path}`))
        // A file that is made is also written, a directory opened is also listed: the program speaks of the first.
        .filter((line) => !/^(?:write|read|list|stat) /.test(line));
      expect(seen.sort()).toEqual([...new Set(said)].sort());
      expect(profile.unresolved).toEqual({});
      expect(profile.moves.map(({ how, from, to }) => [how, from, to])).toEqual([
        ['link', `${home}/dir/b`, `${home}/second`],
        ['rename', `${home}/dir/a`, `${home}/dir/b`],
      ]);
      expect(Object.keys(profile.families)).toEqual(['AF_UNIX']);
      expect(existsSync(join(home, 'dir', 'after exec'))).toBe(true);
    });

    test.each([
      [['-f', '-tt', '-T', '-yy', '-v']],
      [['-f', '-x']],
      [['-f', '-xx']],
      [['-f', '-xx', '-yy', '-ttt']],
      [['-f', '-i']],
      [['-f', '-r']],
      [['-f', '-ttt', '-y']],
      [['-f', '-a', '0', '-s', '0', '-y']],
      [['-f', '-X', 'verbose']],
      [['-f', '--decode-pids=comm']],
      [['-f', '-e', 'read=all', '-e', 'write=all']],
    ])('%j gives the facts and settings of plain -f', async (flags) => {
      const plain = await profileWith(['-f']);
      const other = await profileWith(flags);
      expect(facts(other)).toEqual(facts(plain));
      expect(values(other)).toEqual(values(plain));
    });

    test('with stack frames, where strace was built with them', async ({ skip }) => {
      const { stderr } = await execa('strace', ['-k', '-e', 'trace=none', 'true'], { reject: false });
      if (/not (?:supported|implemented)|invalid option/.test(stderr))
        skip('this strace writes no stack frames');
      const plain = await profileWith(['-f']);
      expect(facts(await profileWith(['-f', '-k']))).toEqual(facts(plain));
    });

    // Files without annotations have no one order: where a thread stood may be lost, but it is said, and nothing is put elsewhere.
    test.each([[['-ff', '-ttt']], [['-ff']]])(
      'a file for each process, %j: nothing is lost unsaid or misplaced',
      async (flags) => {
        const plain = await profileWith(['-f'], 'still');
        const other = await profileWith(flags, 'still');
        const expected = Object.keys(plain.paths);
        expect(Object.keys(other.paths).filter((path) => !expected.includes(path))).toEqual([]);
        const lost = expected.filter((path) => !Object.hasOwn(other.paths, path));
        expect(Object.keys(other.unresolved)).toEqual(
          lost.map((path) => path.slice(path.lastIndexOf('/') + 1)),
        );
        expect(other.families).toEqual({ AF_UNIX: expect.anything() });
      },
    );

    test.each([['still'], ['moving']])(
      'a file for each process, with annotations, threads %s',
      async (how) => {
        const plain = await profileWith(['-f'], how);
        expect(values(await profileWith(['-ff', '-ttt', '-yy'], how))).toEqual(values(plain));
      },
    );
  },
);
