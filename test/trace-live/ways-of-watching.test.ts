import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../src/profile/profile.ts';
import { cli } from '../cli/start-cli.ts';
import { Programs } from '../profile/compiled.ts';
import { kernelMissing } from './kernel-here.ts';

/**
 * Programs that write down what they really do, watched without stopping them for every call. That must tell of them what a trace of
 * every call tells.
 */

const programs = new Programs();
beforeAll(() => chmodSync(programs.folder, 0o755));
afterAll(() => programs.remove());

interface Watched {
  said: string[];
  profile: Profile;
  home: string;
}

/** Each program is watched once in each way. */
const known = new Map<string, Promise<Watched>>();

function watched(name: string, args: string[]): Promise<Watched> {
  const key = JSON.stringify([name, args]);
  const found = known.get(key) ?? watch(name, args);
  known.set(key, found);
  return found;
}

async function watch(name: string, args: string[]): Promise<Watched> {
  const built = await programs.build(name);
  const home = programs.fresh('home');
  const out = programs.fresh('out');
  const notes = join(programs.folder, 'notes');
  writeFileSync(notes, '');
  copyFileSync(built, join(home, 'one'));
  const saved = join(out, 'profile.json');
  const output = ['-o', join(out, 'made.conf'), '--profile', saved];
  const command = [join(home, 'one'), notes, home];
  await execa(process.execPath, [cli, ...args, ...output, '--', ...command], {
    cwd: home,
    env: { PATH: process.env.PATH ?? '' },
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = new Set([`execute ${home}/one`]);
  for (const line of readFileSync(notes, 'utf8').trimEnd().split('\n')) said.add(line);
  return { said: [...said].sort(), profile: JSON.parse(readFileSync(saved, 'utf8')) as Profile, home };
}

function seenBelow(profile: Profile, home: string): string[] {
  const lines = [profile.paths, profile.tried].flatMap((table, isTried) =>
    Object.entries(table)
      .filter(([path]) => path === home || path.startsWith(`${home}/`))
      .flatMap(([path, acts]) => Object.keys(acts).map((act) => `${isTried ? '!' : ''}${act} ${path}`)),
  );
  return lines.sort();
}

const names = [
  'names',
  'threads',
  'programs',
  'passing',
  'roots',
  'children',
  'mounts',
  'sockets',
  'credentials',
];

/** A file that is named by a descriptor's number; a file tree of which the kernel does not tell where it is. */
const notKnown: Readonly<Record<string, { lines: string[]; limit: RegExp }>> = {
  names: { lines: ['chmod /z/named', 'utimes /z/named'], limit: /named a file by its descriptor/ },
  'mounts bpf': {
    lines: ['create /new/beside', 'create /new/inside', 'write /new/beside', 'write /new/inside'],
    limit: /ran in a file tree of its own/,
  },
};

describe.skipIf(kernelMissing !== undefined)(
  `what a program says it did is what is seen of it (${kernelMissing ?? 'all there'})`,
  () => {
    for (const observer of ['bpf', 'strace']) {
      test.each(names)(`%s, --observer ${observer}`, async (name) => {
        const { said, profile, home } = await watched(name, ['--observer', observer]);
        const seen = seenBelow(profile, home);
        // What is not known is said.
        const { lines, limit } = notKnown[`${name} ${observer}`] ??
          notKnown[name] ?? { lines: [], limit: /^/ };
        const missed = lines.map((line) => line.replace(' /', ` ${home}/`));
        expect(seen).toEqual(said.filter((line) => !missed.includes(line)));
        expect(profile.limits.join('\n')).toMatch(limit);
        expect(profile.unresolved).toEqual({});
        expect(profile.unwatched.length > 0).toBe(observer === 'strace');
      });
    }
  },
);

describe.skipIf(kernelMissing !== undefined)(
  `what else is known of it (${kernelMissing ?? 'all there'})`,
  () => {
    test.each(['children', 'sockets', 'credentials', 'passing', 'options'])(
      '%s: as whom, with whom, by which calls',
      async (name) => {
        const exact = (await watched(name, ['--exact'])).profile;
        const told = (await watched(name, ['--observer', 'bpf'])).profile;
        const kinds = (profile: Profile) => ({
          // Their order is by the numbers of processes, which differ in each run.
          endpoints: profile.endpoints
            .map(({ evidence: _evidence, port: _port, ...rest }) => JSON.stringify(rest))
            .sort(),
          families: Object.keys(profile.families),
          credentials: profile.credentials.map(({ call, from, to }) => [call, from, to]),
          privileged: profile.privileged.map(({ call, what }) => [call, what]),
          moves: profile.moves.map(({ how, from, to }) => [how, from, to]),
          calls: Object.keys(profile.syscalls),
        });
        expect(kinds(told)).toEqual(kinds(exact));
        const labels = (profile: Profile) =>
          Object.entries(profile.paths)
            .filter(([path]) => path.includes('/home/'))
            .flatMap(([path, acts]) => Object.entries(acts).map(([act, { as }]) => [act, path, as]));
        expect(labels(told)).toEqual(labels(exact));
      },
    );
  },
);
