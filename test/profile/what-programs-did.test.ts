import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInputs } from '../../src/commands/read-inputs.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { isRoot, missing, Programs } from './compiled.ts';

/**
 * Programs that write down what they really do. The profile of their trace must say the same of everything below the directory
 * in which they work: what the loader and libc do lies elsewhere.
 */

const programs = new Programs();
beforeAll(() => chmodSync(programs.folder, 0o755));
afterAll(() => programs.remove());

interface Traced {
  home: string;
  profile: Profile;
  /** `act path`, with `!` where it failed, sorted. */
  said: string[];
  seen: string[];
}

/** What a program does and notes, under strace with these flags. */
async function traced(name: string, flags: string[]): Promise<Traced> {
  const built = await programs.build(name);
  const home = programs.fresh('home');
  const logs = programs.fresh('logs');
  const notes = join(programs.folder, 'notes');
  writeFileSync(notes, '');
  copyFileSync(built, join(home, 'one'));
  const command = [join(home, 'one'), notes, home];
  await execa('strace', [...flags, '-o', join(logs, 'log'), ...command], {
    cwd: home,
    env: { PATH: process.env.PATH ?? '' },
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const log = flags.includes('-ff') ? logs : join(logs, 'log');
  const { profile, unread } = await readInputs([log], {
    cwd: home,
    root: 'none',
    architecture: 'x86-64',
    uid: process.getuid?.() ?? 0,
  });
  expect(unread).toEqual([]);
  // Where it was started it is, without a call.
  const said = new Set([`execute ${home}/one`, `enter ${home}`]);
  for (const line of readFileSync(notes, 'utf8').trimEnd().split('\n')) said.add(line);
  return { home, profile, said: [...said].sort(), seen: seenBelow(profile, home) };
}

function seenBelow(profile: Profile, home: string): string[] {
  const lines: string[] = [];
  for (const [mark, table] of [
    ['', profile.paths],
    ['!', profile.tried],
  ] as const) {
    for (const [path, acts] of Object.entries(table)) {
      if (path !== home && !path.startsWith(`${home}/`)) continue;
      for (const act of Object.keys(acts)) lines.push(`${mark}${act} ${path}`);
    }
  }
  return lines.sort();
}

/** `apart`: what a set of files (-ff), which has no order between its files, can't tell of the program. */
const all: { name: string; needsRoot?: true; apart?: RegExp }[] = [
  { name: 'names' },
  { name: 'threads', apart: /Threads changed their working directory/ },
  { name: 'programs', apart: /Threads changed their working directory/ },
  { name: 'passing', apart: /descriptors/ },
  { name: 'roots', needsRoot: true },
  { name: 'children', needsRoot: true, apart: /Threads changed their working directory/ },
  { name: 'mounts', needsRoot: true },
  { name: 'sockets' },
  { name: 'credentials', needsRoot: true },
];

describe.skipIf(missing !== undefined)(
  `what a program says it did is what its profile says (${missing ?? 'all there'})`,
  () => {
    for (const { name, needsRoot, apart } of all) {
      const why = needsRoot && !isRoot ? ' (needs root)' : '';
      for (const flags of [['-f'], ['-f', '-tt', '-T', '-yy', '-v'], ['-f', '-qqq'], ['-ff']]) {
        if (flags.includes('-ff') && apart !== undefined) continue;
        test.skipIf(why !== '')(`${name} under ${flags.join(' ')}${why}`, async () => {
          const { said, seen, profile } = await traced(name, flags);
          expect(seen).toEqual(said);
          expect(profile.unresolved).toEqual({});
        });
      }
      if (apart === undefined) continue;
      test.skipIf(why !== '')(
        `${name} under -ff: nothing wrong, and a word about what is not known${why}`,
        async () => {
          const { said, seen, profile } = await traced(name, ['-ff']);
          expect(seen.filter((line) => !said.includes(line))).toEqual([]);
          expect(profile.limits.join('\n')).toMatch(apart);
        },
      );
    }
  },
);

describe.skipIf(missing !== undefined)('a log that was told to lose something', () => {
  const names = ['names', 'threads', 'programs', 'passing', 'sockets'];

  test.each([[['-f', '-X', 'raw']], [['-f', '-X', 'verbose', '-y']]])(
    '%j loses nothing that matters',
    async (flags) => {
      for (const name of names) {
        const { said, seen } = await traced(name, flags);
        expect(seen, name).toEqual(said);
      }
    },
  );

  test.each([
    [['-f', '-e', 'verbose=none']],
    [['-f', '-e', 'raw=all']],
    [['-f', '-z']],
    // Of what is sent only the first few descriptors are shown then: none.
    [['-f', '-s', '0', '-xx']],
    [['-f', '-y', '-e', 'trace=%file']],
    [['-y']],
  ])('%j says less, and nothing that is wrong', async (flags) => {
    for (const name of names) {
      const { said, seen } = await traced(name, flags);
      expect(
        seen.filter((line) => !said.includes(line)),
        name,
      ).toEqual([]);
    }
  });
});

describe.skipIf(missing !== undefined || !isRoot)('credentials (as root)', () => {
  test('each act names the user by whom it was done, and each step is a transition', async () => {
    const { home, profile } = await traced('credentials', ['-f']);
    const makers = Object.fromEntries(
      ['as-root', 'as-file-user', 'dropped', 'for-a-while', 'for-good'].map((name) => [
        name,
        profile.paths[`${home}/own/${name}`]?.create?.as,
      ]),
    );
    expect(makers['as-root']).toEqual(['0']);
    // Only the capabilities that are about files are gone.
    expect(makers['as-file-user']).toEqual([
      '65534 all but CHOWN,DAC_OVERRIDE,DAC_READ_SEARCH,FOWNER,FSETID,LINUX_IMMUTABLE,MKNOD,MAC_OVERRIDE',
    ]);
    expect(makers.dropped).toEqual(['65534']);
    expect(makers['for-a-while']).toEqual(['65534']);
    expect(makers['for-good']).toEqual(['65534']);
    expect(profile.credentials.map(({ call, from, to, evidence }) => [call, from, to, evidence.as])).toEqual([
      ['setfsuid', '0', '65534', ['0']],
      ['setfsuid', '65534', '0', [makers['as-file-user']?.[0]]],
      ['setgroups', '?', '65534', ['0']],
      ['setresgid', '?:?:?', '65534:65534:65534', ['0']],
      ['setresuid', '0:0:0', '0:65534:0', ['0']],
      ['setresuid', '0:0:0', '65534:65534:65534', ['0']],
      ['setresuid', '0:65534:0', '0:0:0', ['65534']],
      ['setuid', '0:0:0', '65534:65534:65534', ['0']],
    ]);
    expect(profile.privileged.map(({ call, what }) => `${call} ${what}`)).toContain(
      'chown another owner and group',
    );
  });
});

describe.skipIf(missing !== undefined || !isRoot)('a process that was attached to (as root)', () => {
  test('with -y everything is placed; without it what is not known is left out, with a word', async () => {
    const built = await programs.build('attached');
    for (const annotates of [true, false]) {
      const home = programs.fresh('home');
      const log = join(programs.fresh('logs'), 'log');
      const notes = join(programs.folder, 'notes');
      writeFileSync(notes, '');
      const daemon = execa(built, [notes, home], { cwd: home, stdin: 'pipe', stdout: 'pipe' });
      await new Promise((resolve) => daemon.stdout.once('data', resolve));
      const tracer = execa('strace', [
        '-f',
        ...(annotates ? ['-y'] : []),
        '-o',
        log,
        '-p',
        String(daemon.pid),
      ]);
      // strace says so on its standard error once it has attached.
      await new Promise((resolve) => tracer.stderr.once('data', resolve));
      daemon.stdin.end('go');
      await daemon;
      await tracer;
      const { profile } = await readInputs([log], { cwd: undefined, root: 'none', architecture: 'x86-64' });
      const said = readFileSync(notes, 'utf8').trimEnd().split('\n').sort();
      expect(profile.limits.join('\n')).toMatch(/began before the log/);
      if (annotates) {
        expect(seenBelow(profile, home)).toEqual(said);
        expect(profile.unresolved).toEqual({});
      } else {
        expect(seenBelow(profile, home)).toEqual([`create ${home}/absolute`, `write ${home}/absolute`]);
        expect(Object.keys(profile.unresolved)).toEqual(['relative', 'through']);
        expect(profile.limits.join('\n')).toMatch(/descriptors that were opened before/);
      }
    }
  });
});
