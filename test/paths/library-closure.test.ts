import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elfAt } from '../../src/paths/elf.ts';
import { libraryClosure } from '../../src/paths/library-closure.ts';
import { openRoot, type Root } from '../../src/paths/root.ts';

/** What ldd prints for each file: real paths of what is found, and the names of what is not. ldd is the oracle only. */
function ldd(files: string[]): Map<string, string[]> {
  const answers = new Map<string, string[]>();
  for (let at = 0; at < files.length; at += 100) {
    const batch = files.slice(at, at + 100);
    const { stdout } = execaSync('ldd', batch, { reject: false, env: { LC_ALL: 'C', LD_LIBRARY_PATH: '' } });
    // With one file ldd prints no name.
    let lines: string[] = [];
    if (batch.length === 1) answers.set(batch[0] as string, lines);
    for (const line of stdout.split('\n')) {
      if (/^\S.*:$/.test(line)) {
        lines = [];
        answers.set(line.slice(0, -1), lines);
        continue;
      }
      const missing = /^\s+(.*) => not found$/.exec(line)?.[1];
      const found = /^\s+(?:.* => )?(\/.*) \(0x[0-9a-f]+\)$/.exec(line)?.[1];
      if (missing !== undefined) lines.push(missing);
      else if (found !== undefined) lines.push(realpathSync(found));
    }
  }
  return answers;
}

function ours(root: Root, file: string): string[] {
  const closure = libraryClosure(root, file);
  if (closure === undefined) return [];
  const found = new Set<string>();
  if (closure.interpreter !== undefined && elfAt(root, file)?.interpreter !== undefined) {
    found.add(root.lookUp(closure.interpreter).real);
  }
  for (const [name, path] of closure.libraries) found.add(path === undefined ? name : root.lookUp(path).real);
  return [...found].sort();
}

/** ELF files of glibc that are dynamic; each real file once. */
function dynamicFiles(root: Root, directories: string[], wanted: (name: string) => boolean): string[] {
  const files = new Set<string>();
  for (const directory of directories) {
    for (const name of root.list(directory)) {
      const { real, kind } = root.lookUp(`${directory}/${name}`);
      if (kind !== 'file' || !wanted(name)) continue;
      const elf = elfAt(root, real);
      if (elf !== undefined && !elf.static && elf.interpreter?.includes('musl') !== true) files.add(real);
    }
  }
  return [...files];
}

test('every dynamic program of the system needs what ldd says', () => {
  const root = openRoot('/');
  const programs = dynamicFiles(root, ['/usr/bin', '/usr/sbin'], () => true);
  expect(programs.length).toBeGreaterThan(100);
  const expected = ldd(programs);
  const differing = programs.filter((file) => {
    const answer = [...new Set(expected.get(file))].sort();
    return JSON.stringify(ours(root, file)) !== JSON.stringify(answer);
  });
  expect(differing).toEqual([]);
}, 300_000);

test('every library of the system needs what ldd says', () => {
  const root = openRoot('/');
  const home = dirname(root.lookUp(libraryClosure(root, '/bin/sh')?.libraries.get('libc.so.6') ?? '').real);
  const libraries = dynamicFiles(root, [home, `${home}/security`], (name) => /\.so(\.|$)/.test(name));
  expect(libraries.length).toBeGreaterThan(50);
  const expected = ldd(libraries);
  const loaders = (paths: string[]) => paths.filter((path) => !/\/ld-[^/]*\.so[^/]*$/.test(path));
  const differing = libraries.filter((file) => {
    const answer = [...new Set(expected.get(file))].sort();
    // ldd shows the loader that it used itself, also for a library that does not ask for it.
    return JSON.stringify(loaders(ours(root, file))) !== JSON.stringify(loaders(answer));
  });
  expect(differing).toEqual([]);
}, 300_000);

const hasCompiler = execaSync('gcc', ['--version'], { reject: false }).exitCode === 0;

/** Without gcc (a host that has no compiler) nothing can be built to be searched for. */
describe.skipIf(!hasCompiler)('programs built to be searched for', () => {
  let place: string;
  beforeAll(() => {
    place = realpathSync(mkdtempSync(join(tmpdir(), 'closure-')));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  let built = 0;
  const directory = (): string => {
    const made = join(place, `case${built++}`);
    mkdirSync(made);
    return made;
  };
  const path = (...parts: string[]): string => {
    const made = join(...parts);
    mkdirSync(dirname(made), { recursive: true });
    return made;
  };
  const compile = (output: string, ...options: string[]): string => {
    const source = `${output}.c`;
    const isLibrary = options.includes('-shared');
    writeFileSync(source, isLibrary ? 'int answer(void){return 42;}' : 'int main(void){return 0;}');
    execaSync('gcc', ['-o', output, source, '-Wl,--no-as-needed', '-Wl,--allow-shlib-undefined', ...options]);
    return output;
  };
  const library = (output: string, soname: string, ...options: string[]): string =>
    compile(output, '-shared', '-fPIC', `-Wl,-soname,${soname}`, ...options);
  const rpath = (value: string): string[] => ['-Wl,--disable-new-dtags', `-Wl,-rpath,${value}`];
  const runpath = (value: string): string[] => ['-Wl,--enable-new-dtags', `-Wl,-rpath,${value}`];

  const agrees = (program: string): Map<string, string | undefined> => {
    const root = openRoot('/');
    expect(ours(root, program)).toEqual([...new Set(ldd([program]).get(program))].sort());
    return new Map(libraryClosure(root, program)?.libraries);
  };

  test('RPATH and RUNPATH are searched', () => {
    for (const tag of [rpath, runpath]) {
      const home = directory();
      const a = library(path(home, 'lib/liba.so.1'), 'liba.so.1');
      expect(agrees(compile(join(home, 'program'), a, ...tag(join(home, 'lib')))).get('liba.so.1')).toBe(a);
    }
  });

  test('$ORIGIN (also in braces), $LIB and $PLATFORM stand for what the loader puts there', () => {
    const root = openRoot('/');
    const libc = libraryClosure(root, '/bin/sh')?.libraries.get('libc.so.6') ?? '';
    const home = directory();
    const names = [
      '$ORIGIN/../lib',
      `$${'{ORIGIN}'}/../lib`,
      '$ORIGIN/../$LIB',
      `$ORIGIN/../p/$${'{PLATFORM}'}`,
    ];
    const where = [
      'lib',
      'lib',
      dirname(libc).replace(/^\/(usr\/)?/, ''),
      `p/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}`,
    ];
    names.forEach((name, i) => {
      const a = library(path(home, where[i] ?? '', `liba${i}.so`), `liba${i}.so`);
      expect(agrees(compile(path(home, `bin/p${i}`), a, ...runpath(name))).get(`liba${i}.so`)).toBeDefined();
    });
  });

  test('the RPATH of a program serves its libraries, its RUNPATH does not', () => {
    for (const [tag, found] of [
      [rpath, true],
      [runpath, false],
    ] as const) {
      const home = directory();
      const b = library(path(home, 'lib/libb.so'), 'libb.so');
      const a = library(path(home, 'lib/liba.so'), 'liba.so', b);
      const program = compile(join(home, 'program'), a, ...tag(join(home, 'lib')));
      expect(agrees(program).get('libb.so')).toBe(found ? b : undefined);
    }
  });

  test('a RUNPATH of the requester disables the RPATH of the program for it', () => {
    const home = directory();
    const b = library(path(home, 'lib/libb.so'), 'libb.so');
    const a = library(path(home, 'lib/liba.so'), 'liba.so', b, ...runpath('/nowhere'));
    expect(
      agrees(compile(join(home, 'program'), a, ...rpath(join(home, 'lib')))).get('libb.so'),
    ).toBeUndefined();
  });

  test('a library that is not there is named as missing', () => {
    const home = directory();
    const gone = library(path(home, 'lib/libgone.so.3'), 'libgone.so.3');
    const program = compile(join(home, 'program'), gone);
    rmSync(gone);
    const libraries = agrees(program);
    expect(libraries.has('libgone.so.3')).toBe(true);
    expect(libraries.get('libgone.so.3')).toBeUndefined();
  });

  test('a library that gives itself the name that is asked for is used again', () => {
    const home = directory();
    const named = library(path(home, 'one/libreal.so'), 'libwanted.so');
    const other = library(path(home, 'two/libwanted.so'), 'libwanted.so');
    const user = library(path(home, 'two/libuser.so'), 'libuser.so', other, ...runpath(join(home, 'two')));
    // DT_NEEDED with a slash: a library without a soname is needed by the path that it was linked by.
    const plain = path(home, 'one/libplain.so');
    writeFileSync(`${plain}.c`, 'int x;');
    execaSync('gcc', ['-shared', '-fPIC', '-o', plain, `${plain}.c`]);
    const program = compile(join(home, 'program'), named, plain, user, ...runpath(`${join(home, 'two')}`));
    agrees(program);
    const order = compile(join(home, 'order'), plain, user, named, ...rpath(`${home}/one:${home}/two`));
    expect(agrees(order).get(plain)).toBe(plain);
  });

  test('a file of another class or machine on the way is passed over', () => {
    const home = directory();
    const a = library(path(home, 'good/liba.so'), 'liba.so');
    const program = compile(join(home, 'program'), a, ...runpath(`${home}/bad:${home}/good`));
    const wrong = path(home, 'bad/liba.so');
    const bytes = Buffer.from(elfBytes(a));
    bytes.writeUInt16LE(8, 18);
    writeFileSync(wrong, bytes);
    expect(agrees(program).get('liba.so')).toBe(a);
  });

  test('a directory of glibc-hwcaps for this processor comes first', () => {
    const home = directory();
    const a = library(path(home, 'lib/liba.so'), 'liba.so');
    const program = compile(join(home, 'program'), a, ...runpath(`${home}/lib`));
    for (const level of ['x86-64-v2', 'x86-64-v3', 'x86-64-v4']) {
      library(path(home, `lib/glibc-hwcaps/${level}/liba.so`), 'liba.so');
    }
    agrees(program);
  });

  test('nodefaultlib keeps the default directories out', () => {
    const program = compile(join(directory(), 'program'), '-Wl,-z,nodefaultlib');
    const closure = libraryClosure(openRoot('/'), program);
    expect([...(closure?.libraries.keys() ?? [])]).toEqual(ldd([program]).get(program));
    expect(closure?.libraries.get('libc.so.6')).toBeUndefined();
  });

  test('a static program needs nothing', () => {
    const home = directory();
    const program = compile(join(home, 'program'), '-static');
    expect(libraryClosure(openRoot('/'), program)).toEqual({ interpreter: undefined, libraries: new Map() });
  });

  test('the same program in a root of its own finds its libraries there only', () => {
    const home = directory();
    const a = library(path(home, 'opt/liba.so'), 'liba.so');
    compile(path(home, 'bin/program'), a, ...runpath('/opt'));
    const closure = libraryClosure(openRoot(home), '/bin/program');
    expect(closure?.libraries.get('liba.so')).toBe('/opt/liba.so');
    expect(closure?.libraries.get('libc.so.6')).toBeUndefined();
  });

  /** musl-gcc comes with musl-tools; where it is absent there is no musl loader to compare with. */
  test.skipIf(execaSync('musl-gcc', ['--version'], { reject: false }).exitCode !== 0)(
    'with musl, RUNPATH serves the libraries too, as its own --list says',
    () => {
      const home = directory();
      const make = (output: string, ...options: string[]): string => {
        writeFileSync(`${output}.c`, options.includes('-shared') ? 'int a;' : 'int main(void){return 0;}');
        execaSync('musl-gcc', [
          '-o',
          output,
          `${output}.c`,
          '-Wl,--no-as-needed',
          '-Wl,--allow-shlib-undefined',
          ...options,
        ]);
        return output;
      };
      const b = make(path(home, 'lib/libb.so'), '-shared', '-fPIC', '-Wl,-soname,libb.so');
      const a = make(path(home, 'lib/liba.so'), '-shared', '-fPIC', '-Wl,-soname,liba.so', b);
      const program = make(path(home, 'bin/program'), a, ...runpath('$ORIGIN/../lib'));
      const loader = elfAt(openRoot('/'), program)?.interpreter ?? '';
      const { stdout } = execaSync(loader, ['--list', program]);
      const listed = [...stdout.matchAll(/(?:=> |^\s+)(\/.*) \(0x/gm)].map((match) =>
        realpathSync(match[1] ?? ''),
      );
      expect(ours(openRoot('/'), program)).toEqual([...new Set(listed)].sort());
    },
  );

  function elfBytes(file: string): Buffer {
    return openRoot('/').withFile(file, ({ read, size }) => read(0, size)) ?? Buffer.alloc(0);
  }
});
