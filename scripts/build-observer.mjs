#!/usr/bin/env node
/**
 * Builds the program that asks the kernel what traced processes do (src/trace/kernel): one file that needs nothing beside it, with the
 * part that runs in the kernel inside. Without a compiler or a library it says so and goes on: strace then watches alone.
 *
 *   node scripts/build-observer.mjs [FILE]      dist/trace/kernel-observer unless given
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));
const source = join(home, 'src/trace/kernel');
const target = process.argv[2] ?? join(home, 'dist/trace/kernel-observer');
/** How clang names a machine, and where Debian keeps its headers. */
const machines = { x64: ['x86', 'x86_64-linux-gnu'], arm64: ['arm64', 'aarch64-linux-gnu'] };
const [machine, headers] = machines[process.arch] ?? [];

function leaveOut(why) {
  process.stderr.write(`build: ${why}: the kernel can't be asked what programs do, strace watches alone.\n`);
  process.exit(0);
}

function run(command, args, input) {
  return spawnSync(command, args, { encoding: 'utf8', input });
}

/** The newest of `clang`, `clang-14`, … on PATH. */
function findClang() {
  const names = (process.env.PATH ?? '').split(':').flatMap((directory) => {
    try {
      return readdirSync(directory).filter((name) => /^clang(?:-\d+)?$/.test(name));
    } catch {
      return [];
    }
  });
  return names.sort((a, b) => Number(b.split('-')[1] ?? 1e3) - Number(a.split('-')[1] ?? 1e3))[0];
}

if (machine === undefined) leaveOut(`there is no support for ${process.arch}`);
const clang = findClang();
const compiler = ['cc', 'gcc'].find((name) => run(name, ['--version']).status === 0);
if (clang === undefined || compiler === undefined)
  leaveOut(
    'there is no clang, or no C compiler (apt-get install clang gcc libc6-dev libbpf-dev libelf-dev zlib1g-dev)',
  );

const workshop = mkdtempSync(join(tmpdir(), 'build-observer-'));
process.on('exit', () => rmSync(workshop, { recursive: true, force: true }));
const program = join(workshop, 'observer.bpf.o');
const inKernel = [
  '-g',
  '-O2',
  '-Wall',
  '-Werror',
  '-target',
  'bpf',
  `-D__TARGET_ARCH_${machine}`,
  `-I/usr/include/${headers}`,
];
const first = run(clang, [...inKernel, '-c', join(source, 'observer.bpf.c'), '-o', program]);
if (first.status !== 0)
  leaveOut(`${clang} does not compile it (is libbpf-dev there?): ${first.stderr.split('\n')[0]}`);

// Which number is which call, as this machine's headers say.
const { stdout: defines } = run(compiler, ['-E', '-dM', '-'], '#include <asm/unistd.h>\n');
const names = [...defines.matchAll(/^#define __NR_([a-z0-9_]+) (\d+)$/gm)].map(
  ([, name, number]) => `[${number}] = "${name}",`,
);
writeFileSync(join(workshop, 'names.h'), `static const char *const names[] = {\n${names.join('\n')}\n};\n`);

const unfinished = `${target}.${process.pid}`;
mkdirSync(dirname(target), { recursive: true });
const flags = [
  '-std=gnu17',
  '-O2',
  '-Wall',
  '-Wextra',
  '-static',
  '-s',
  `-DPROGRAM="${program}"`,
  `-I${workshop}`,
];
const last = run(compiler, [...flags, join(source, 'observer.c'), '-o', unfinished, '-lbpf', '-lelf', '-lz']);
if (last.status !== 0)
  leaveOut(
    `${compiler} does not link it (are libbpf-dev, libelf-dev and zlib1g-dev there?): ${last.stderr.split('\n')[0]}`,
  );
chmodSync(unfinished, 0o755);
renameSync(unfinished, target);
