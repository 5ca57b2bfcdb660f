import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOfText, textOfBytes } from '../../src/paths/byte-text.ts';
import { normalPath, openRoot } from '../../src/paths/root.ts';

let place: string;
beforeAll(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'root-')));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const name = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.oneof({ weight: 4, arbitrary: name }, fc.constantFrom('..', '.', '', '..'));
const relative = fc.array(step, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/') || '.');
const item = fc.record({
  at: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  what: fc.oneof(
    fc.constant('directory' as const),
    fc.constant('file' as const),
    fc.record({ link: relative, absolute: fc.boolean() }),
  ),
});
const forest = fc.array(item, { minLength: 3, maxLength: 25 });
const asked = fc.array(relative, { minLength: 5, maxLength: 30 });

let planted = 0;
/** Makes the files; one that finds its place taken, or no directory to be in, is left out. Absolute links begin with `top`. */
function plant(items: readonly { at: string; what: unknown }[], top: (directory: string) => string): string {
  const directory = join(place, `forest${planted++}`);
  mkdirSync(directory);
  for (const { at, what } of items) {
    const path = join(directory, at);
    try {
      if (what === 'directory') mkdirSync(path, { recursive: true });
      else if (what === 'file') writeFileSync(path, '', { flag: 'wx' });
      else {
        const { link, absolute } = what as { link: string; absolute: boolean };
        symlinkSync(absolute ? `${top(directory)}/${link}` : link, path);
      }
    } catch {}
  }
  return directory;
}

test('links, `..` and missing tails lead where realpath -m says', () => {
  fc.assert(
    fc.property(forest, asked, (items, paths) => {
      const directory = plant(items, (top) => top);
      // Where links go in a circle there is no right answer but that nothing is there: chroot(2), below, is asked about that.
      fc.pre(!items.some(({ at }) => errorOf(`${directory}/${at}`) === 'ELOOP'));
      const full = paths.map((path) => `${directory}/${path}`);
      // Links that lead to each other through what is missing take realpath -m time without end; our answer has a bound.
      const oracle = execaSync('realpath', ['-m', '-z', '--', ...full], { timeout: 2000, reject: false });
      fc.pre(!oracle.timedOut);
      const answers = oracle.stdout.split('\0');
      const root = openRoot('/');
      full.forEach((path, i) => {
        expect([path, root.lookUp(path).real]).toEqual([path, answers[i]]);
      });
    }),
    { numRuns: 50 },
  );
});

function errorOf(path: string): string | undefined {
  try {
    statSync(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

const chrootProgram = `
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (chroot(argv[1]) || chdir("/")) return 1;
  for (int i = 2; i < argc; i++) {
    struct stat s;
    char *real = realpath(argv[i], NULL);
    if (stat(argv[i], &s) || !real) printf("missing\\n");
    else printf("%s %s\\n", S_ISDIR(s.st_mode) ? "directory" : "file", real);
  }
  return 0;
}`;

const canChroot =
  process.getuid?.() === 0 && execaSync('gcc', ['--version'], { reject: false }).exitCode === 0;

/** Only root may chroot, and the program that does so has to be built. */
describe.skipIf(!canChroot)('in a root of its own', () => {
  test('every path leads where it leads after chroot(2)', () => {
    const program = join(place, 'look');
    writeFileSync(`${program}.c`, chrootProgram);
    execaSync('gcc', ['-static', '-o', program, `${program}.c`]);
    fc.assert(
      fc.property(forest, asked, (items, paths) => {
        const directory = plant(items, () => '');
        const full = paths.map((path) => `/${path}`);
        const answers = execaSync(program, [directory, ...full]).stdout.split('\n');
        const root = openRoot(directory);
        full.forEach((path, i) => {
          const { real, kind } = root.lookUp(path);
          expect([path, kind === 'missing' ? kind : `${kind} ${real}`]).toEqual([path, answers[i]]);
        });
      }),
      { numRuns: 150 },
    );
  });
});

test('a file is read inside the root only, whatever its links say', () => {
  const outside = join(place, 'secret');
  writeFileSync(outside, 'outside');
  const top = join(place, 'inside');
  mkdirSync(join(top, 'd'), { recursive: true });
  writeFileSync(join(top, 'd/f'), 'within');
  symlinkSync('../../../../../../../../d/f', join(top, 'up'));
  symlinkSync('/d/f', join(top, 'absolute'));
  symlinkSync(outside, join(top, 'out'));
  symlinkSync('..', join(top, 'parent'));
  const root = openRoot(top);
  const read = (path: string) => root.withFile(path, (file) => file.read(0, 100).toString());
  expect([read('/d/f'), read('/up'), read('/absolute'), read('/parent/d/f')]).toEqual(
    Array(4).fill('within'),
  );
  expect([read('/out'), read('/parent/secret'), read('/d')]).toEqual([undefined, undefined, undefined]);
});

test('a directory that is swapped for a link after it was looked up does not lead out of the root', () => {
  const top = join(place, 'swapped');
  mkdirSync(join(top, 'd'), { recursive: true });
  writeFileSync(join(top, 'd/f'), 'within');
  mkdirSync(join(place, 'elsewhere'));
  writeFileSync(join(place, 'elsewhere/f'), 'outside');
  const root = openRoot(top);
  expect(root.lookUp('/d/f').kind).toBe('file');
  rmSync(join(top, 'd'), { recursive: true });
  symlinkSync(join(place, 'elsewhere'), join(top, 'd'));
  expect(root.withFile('/d/f', () => 'read')).toBeUndefined();
});

test('each kind of file is told, with its owner and mode, and only regular files are opened', async () => {
  const top = join(place, 'kinds');
  mkdirSync(top);
  execaSync('mkfifo', [join(top, 'fifo')]);
  writeFileSync(join(top, 'file'), '');
  chmodSync(join(top, 'file'), 0o4711);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(top, 'socket'), resolve));
  const root = openRoot(top);
  const kinds = ['/fifo', '/file', '/socket', '/', '/none', '/file/', '/file/..'].map(
    (path) => root.lookUp(path).kind,
  );
  server.close();
  expect(kinds).toEqual(['fifo', 'file', 'socket', 'directory', 'missing', 'missing', 'missing']);
  expect(root.lookUp('/file').owner).toBe(`${process.getuid?.()}:${process.getgid?.()}:4711`);
  expect(root.lookUp('/none').owner).toBeUndefined();
  expect(root.withFile('/fifo', () => 'opened')).toBeUndefined();
  expect(openRoot('/').lookUp('/dev/null').kind).toBe('character');
  expect(openRoot('/').withFile('/dev/zero', () => 'opened')).toBeUndefined();
});

test('names that are not UTF-8 are found, and come back as they are', () => {
  const top = join(place, 'bytes');
  mkdirSync(top);
  const odd = textOfBytes('\xff\xe9 caf\xc3\xa9');
  writeFileSync(Buffer.concat([Buffer.from(`${top}/`), bytesOfText(odd)]), 'x');
  symlinkSync(bytesOfText(odd), join(top, 'link'));
  const root = openRoot(top);
  expect(root.list('/')).toContain(odd);
  expect(root.lookUp('/link')).toMatchObject({ real: `/${odd}`, kind: 'file', links: ['/link'] });
  expect(root.withFile('/link', (file) => file.read(0, 9).toString())).toBe('x');
});

test('what differs for each process is not answered with ours', () => {
  const root = openRoot('/');
  expect(root.lookUp('/proc/mounts').real).toBe('/proc/self/mounts');
  expect(root.lookUp('/proc/self/exe')).toMatchObject({ real: '/proc/self/exe', kind: 'file' });
  expect(root.lookUp('/proc/self/cwd/x')).toMatchObject({ real: '/proc/self/cwd/x', kind: 'missing' });
  expect(root.lookUp('/proc/self/root/etc').real).toBe('/proc/self/root/etc');
  expect(root.lookUp('/proc/self/fd/0').real).toBe('/proc/self/fd/0');
});

test('no text makes a look-up throw', () => {
  const root = openRoot(place);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const { real } = root.lookUp(text);
      expect(real.startsWith('/')).toBe(true);
      if (root.lookUp(text).links.length === 0) expect(normalPath(real)).toBe(real);
    }),
  );
  expect(root.lookUp('').kind).toBe('missing');
  expect(root.lookUp('/a\0b').kind).toBe('missing');
  expect(root.lookUp(`/${'x/'.repeat(500_000)}`).kind).toBe('missing');
});

test('a root that is none says so in one sentence', () => {
  expect(() => openRoot(join(place, 'nowhere'))).toThrow(
    /^Cannot look files up in .*nowhere \(ENOENT\): name a directory/,
  );
  expect(() => openRoot('/dev/null')).toThrow(/it is no directory/);
});
