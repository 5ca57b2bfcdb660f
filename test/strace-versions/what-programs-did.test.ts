import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { readInputs } from '../../src/commands/read-inputs.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { isRoot, Programs } from '../profile/compiled.ts';
import { straceOfReleases } from './releases.ts';

/** Programs that write down what they really do: each strace's log must say the same of them. */

const programs = new Programs();
afterAll(() => programs.remove());

const releases = await straceOfReleases();
const anybody = ['names', 'threads', 'programs', 'passing', 'sockets'];
const rootOnly = ['roots', 'children', 'credentials'];
const cases = [...anybody, ...(isRoot ? rootOnly : [])].flatMap((name) =>
  [['-f'], ['-f', '-tt', '-yy', '-v', '-i']].map((flags) => ({ name, flags })),
);

describe.each(releases)(`$name${isRoot ? '' : ' (without those that need root)'}`, ({ strace, why }) => {
  test.skipIf(why !== '').each(cases)('$name under $flags', async ({ name, flags }) => {
    const built = await programs.build(name);
    const home = programs.fresh('home');
    const notes = join(programs.folder, 'notes');
    const log = join(programs.folder, 'log');
    writeFileSync(notes, '');
    copyFileSync(built, join(home, 'one'));
    await execa(strace, [...flags, '-o', log, join(home, 'one'), notes, home], {
      cwd: home,
      env: { PATH: process.env.PATH ?? '' },
      extendEnv: false,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const { profile, unread } = await readInputs([log], {
      cwd: home,
      root: 'none',
      architecture: 'x86-64',
      uid: process.getuid?.() ?? 0,
    });
    expect(unread).toEqual([]);
    // Where it was started it is, without a call.
    const itself = [`execute ${home}/one`, `enter ${home}`];
    const said = new Set([...itself, ...readFileSync(notes, 'utf8').trimEnd().split('\n')]);
    expect(seenBelow(profile, home)).toEqual([...said].sort());
    expect(profile.unresolved).toEqual({});
  });
});

/** `act path`, with `!` where it failed, of what lies in the program's own directory. */
function seenBelow(profile: Profile, home: string): string[] {
  const of = (table: Record<string, object>, mark: string) =>
    Object.entries(table)
      .filter(([path]) => path === home || path.startsWith(`${home}/`))
      .flatMap(([path, acts]) => Object.keys(acts).map((act) => `${mark}${act} ${path}`));
  return [...of(profile.paths, ''), ...of(profile.tried, '!')].sort();
}
