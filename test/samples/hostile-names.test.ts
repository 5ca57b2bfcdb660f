import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import type { Assignment, Setting } from '../../src/directives/directive.ts';
import { denialsOf } from '../../src/directives/settings.ts';
import { renderDropIn } from '../../src/emit/drop-in.ts';
import { renderSummary } from '../../src/emit/summary.ts';
import { bindOf } from '../../src/paths/bind-word.ts';
import { textOfBytes } from '../../src/paths/byte-text.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';
import { verifyDropIn } from '../../src/systemd/verify-unit.ts';
import { runs } from '../properties.ts';
import { readDropIn } from './as-systemd-reads.ts';
import { settingsOf } from './sample-logs.ts';
import { silentOnes } from './warned-of.ts';

/** Whatever a traced program puts into its names, the drop-in says what was meant and nothing else. */

/** Bytes, as a byte string: a traced program may choose any but NUL and slash. */
const dangerous = [
  '\n',
  '\r',
  '\r\n',
  '\t',
  ' ',
  '"',
  "'",
  '\\',
  '%',
  '%%',
  '%n',
  '%h',
  '$HOME',
  '#',
  ';',
  '=',
  ':',
  '-',
  '+',
  '~',
  '!',
  '@',
  ',',
  '\x01',
  '\x07',
  '\x1b[31m',
  '\x1b]0;owned\x07',
  '\x7f',
  '\x9b',
  '\xc2\x9b',
  '\xc2\x85',
  '\xff',
  '\xed\xb0\x80',
  '\xf4\x90\x80\x80',
  '\xe2\x80\xae',
  '\xe2\x80\xa8',
  '\xef\xbf\xbe',
  '\xef\xb7\x90',
  '\xef\xbb\xbf',
  '\xc3\xa9',
  '\xf0\x9f\x92\xbe',
  '[Service]',
  '\n[Service]\nExecStart=',
  '\rExecStartPre=+',
  '" ',
  "' ",
  '\\\n',
  '__proto__',
  'constructor',
  'toString',
  'a',
  'b',
  '.so',
];
const name = fc
  .array(fc.oneof(fc.constantFrom(...dangerous), fc.string({ unit: 'binary', maxLength: 3 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) =>
    Buffer.from(parts.join(''), 'latin1').toString('latin1').replaceAll('/', '').replaceAll('\0', ''),
  )
  .filter((bytes) => !['', '.', '..'].includes(bytes));
const top = fc.constantFrom(
  '/srv',
  '/srv/x',
  '/run',
  '/tmp',
  '/var/lib/x',
  '/etc',
  '/home/a',
  '/dev/shm',
  '',
);
const below = (start: string) =>
  fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => textOfBytes(`${start}/${names.join('/')}`));
const path = top.chain(below);
/** Inside one file system: between two of them the kernel refuses a rename without any sandbox. */
const move = top.chain((start) =>
  fc.record({ how: fc.constantFrom('rename', 'link'), from: below(start), to: below(start) }),
);
const act = fc.constantFrom(
  'write',
  'create',
  'make-directory',
  'make-node',
  'remove',
  'bind',
  'execute',
  'map',
  'connect',
  'chmod',
);
const kind = fc.constantFrom(undefined, 'file', 'directory', 'missing', 'socket');

interface Touch {
  path: string;
  act: 'write';
  kind: string | undefined;
  leads: string;
}

const profile = fc
  .record({
    touches: fc.array(fc.record({ path, act, kind, leads: path }), { minLength: 1, maxLength: 5 }),
    moves: fc.array(move, { maxLength: 2 }),
    relative: fc.array(name.map(textOfBytes), { maxLength: 2 }),
    source: name.map(textOfBytes),
  })
  .map(({ touches, moves, relative, source }) =>
    profileOf(touches as Touch[], moves as Profile['moves'], relative, source),
  );

function profileOf(touches: Touch[], moves: Profile['moves'], relative: string[], source: string): Profile {
  const evidence = { call: 'openat', first: { source, line: 1 }, count: 1 };
  const paths = new Map<string, Profile['paths'][string]>();
  const files = new Map<string, Profile['files'][string]>();
  for (const { path, act, kind, leads } of touches) {
    paths.set(path, { ...paths.get(path), [act]: evidence });
    if (kind === undefined) continue;
    const needs = kind === 'file' && act === ('execute' as string) ? [leads] : [];
    // No link leads out of a file system of the kernel here.
    const real = path.startsWith('/dev/') ? path : leads;
    files.set(path, { real: [real], kind: [kind], owner: [], needs, format: [] });
  }
  for (const { how, from, to } of moves) {
    paths.set(from, { ...paths.get(from), [how === 'rename' ? 'rename-from' : 'link']: evidence });
    paths.set(to, { ...paths.get(to), [how === 'rename' ? 'rename-to' : 'make-node']: evidence });
  }
  return {
    ...emptyProfile(),
    sources: [{ name: source, how: 'log', program: touches[0]?.path ?? '', architecture: 'x86-64' }],
    syscalls: { openat: { count: 1, first: evidence.first } },
    paths: Object.fromEntries(paths),
    tried: Object.fromEntries(
      [...paths].map(([path]) => [path, { 'make-directory': { ...evidence, errno: 'EEXIST' } }]),
    ),
    moves: moves.map((move) => ({ ...move, evidence })),
    unresolved: Object.fromEntries(relative.map((each) => [each, evidence])),
    files: Object.fromEntries(files),
  };
}

function written(profile: Profile, settings: readonly Setting[]): string {
  const sources = profile.sources.map(({ name, program }) => `the log ${name} of ${program}`);
  const warnings = Object.keys(profile.unresolved);
  const header = { tool: 'tool', date: new Date(0), systemd: 252, level: 'minimal', sources, warnings };
  return renderDropIn(header, settings);
}

/** Each word with its key, in order; an assignment that empties a list is a word of its own. */
function flat(assignments: readonly { key: string; words: string[] }[]): string[][] {
  return assignments.flatMap(({ key, words }) => {
    if (words.length === 0) return [[key, 'is emptied']];
    const sign = words[0]?.startsWith('~') ? '~' : '';
    return words.map((word) => [key, sign + word.replace(/^~/, '')]);
  });
}

/** What a path list that knows colons says, part by part. */
function asRead({ key, words, style }: Assignment): { key: string; words: string[] } {
  if (style !== 'binds') return { key, words };
  const parts = (word: string) => {
    const { source, destination, isOptional } = bindOf(word);
    const to = source === destination ? '' : `\0${destination}`;
    return `${isOptional ? '-' : ''}${source}${to}`;
  };
  return { key, words: words.map(parts) };
}

describe('hostile names', () => {
  test('systemd reads the words that were meant, and no other line', () => {
    fc.assert(
      fc.property(profile, fc.constantFrom(...levels), fc.boolean(), (profile, level, confine) => {
        const { settings } = settingsOf(profile, level, 252, { confine });
        const read = readDropIn(Buffer.from(written(profile, settings), 'utf8'));
        const meant = settings.filter(({ inForce }) => inForce).flatMap(({ assignments }) => assignments);
        expect(flat(read)).toEqual(flat(meant.map(asRead)));
      }),
      { numRuns: runs(400) },
    );
  });

  test('nothing that a terminal obeys gets into the drop-in or the summary', () => {
    fc.assert(
      fc.property(profile, fc.constantFrom(...levels), fc.boolean(), (profile, level, confine) => {
        const { settings, warnings } = settingsOf(profile, level, 252, { confine });
        const summary = renderSummary({
          profile,
          settings,
          watched: undefined,
          warnings,
          exposure: undefined,
          install: undefined,
        });
        for (const text of [written(profile, settings), summary]) {
          expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: runs(400) },
    );
  });

  test('what was done is let through, or a person is told', () => {
    fc.assert(
      fc.property(profile, fc.constantFrom(...levels), fc.boolean(), (profile, level, confine) => {
        const { settings, warnings } = settingsOf(profile, level, 252, { confine });
        expect(silentOnes(denialsOf(settings, profile), warnings)).toEqual([]);
      }),
      { numRuns: runs(400) },
    );
  });

  // Each of these was read as a line of its own, or made systemd drop the whole file.
  test.each(['\r', '\n', '\u2028', '\ufffe', '\ufdd0', '\u{1fffe}', '\udcff', '\ud800', '\u001b', '\u202e'])(
    'a name with %j is never written',
    (character) => {
      const path = `/srv/data/a${character}ExecStartPre=+/bin/touch owned${character}#`;
      const profile = profileOf([{ path, act: 'write', kind: undefined, leads: '' }], [], [], 'log');
      const { settings } = settingsOf(profile, 'minimal', 252);
      const text = written(profile, settings);
      expect(text).not.toContain(character === '\n' ? '\nExecStartPre' : character);
      expect(readDropIn(Buffer.from(text)).filter(({ key }) => key === 'ReadWritePaths')).toEqual([
        { key: 'ReadWritePaths', words: ['/srv/data'] },
      ]);
    },
  );
});

const host = await hostSystemd();

describe.skipIf(host === undefined)('hostile names and systemd itself (skipped without systemd)', () => {
  test('it has nothing to complain about', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(profile, { minLength: 20, maxLength: 20 }), async (profiles) => {
        const texts = profiles.map((profile) =>
          written(profile, settingsOf(profile, 'minimal', host?.version ?? 252).settings),
        );
        expect(await verifyDropIn(minimalUnit(['/usr/bin/true']), texts.join('\n'))).toEqual([]);
      }),
      { numRuns: runs(4) },
    );
  });
});
