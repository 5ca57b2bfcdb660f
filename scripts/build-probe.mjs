#!/usr/bin/env node
/**
 * Builds the probe that takes a daemon's place (src/attacks/probe/*.c): a static program that needs the headers of libc and of the
 * kernel, but no libc. Without a C compiler it says so and goes on: only `verify`'s attacks need it. A package must have it, for where
 * that is installed nothing is compiled: with --needed it fails.
 *
 *   node scripts/build-probe.mjs [--needed] [FILE]      dist/attacks/probe unless given
 *
 * CC names the compiler; otherwise cc, gcc or clang is taken.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const isNeeded = words.includes('--needed');
const target = words.find((word) => word !== '--needed') ?? join(home, 'dist/attacks/probe');
const sources = readdirSync(join(home, 'src/attacks/probe'))
  .filter((name) => name.endsWith('.c'))
  .map((name) => join(home, 'src/attacks/probe', name));
const flags = [
  ...['-std=gnu17', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra'],
  // Freestanding: no start files, nothing that libc would have to set up or that the compiler would call.
  ...['-static', '-nostdlib', '-ffreestanding', '-fno-stack-protector', '-fno-pie', '-no-pie'],
  ...['-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns'],
  ...['-Wl,-z,noexecstack', '-Wl,--build-id=none', '-s'],
];

const compilers = process.env.CC === undefined ? ['cc', 'gcc', 'clang'] : [process.env.CC];
const compiler = compilers.find((name) => spawnSync(name, ['--version']).status === 0);
if (compiler === undefined) {
  // One of an earlier source would try other attacks than the table tells.
  rmSync(target, { force: true });
  const so = isNeeded
    ? 'a package without the probe for attacks cannot be made'
    : 'the probe for attacks is left out';
  process.stderr.write(`build: there is no C compiler (apt-get install gcc libc6-dev): ${so}.\n`);
  process.exit(isNeeded ? 1 : 0);
}
mkdirSync(dirname(target), { recursive: true });
const unfinished = `${target}.${process.pid}`;
const { status, stderr } = spawnSync(compiler, [...flags, '-o', unfinished, ...sources], {
  encoding: 'utf8',
});
if (status !== 0) {
  process.stderr.write(`${stderr}build: ${compiler} does not compile the probe for attacks.\n`);
  process.exit(1);
}
chmodSync(unfinished, 0o755);
renameSync(unfinished, target);
