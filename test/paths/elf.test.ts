import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readElf } from '../../src/paths/elf.ts';
import { readLoaderCache } from '../../src/paths/loader-cache.ts';
import type { RegularFile } from '../../src/paths/root.ts';
import { scriptInterpreter } from '../../src/paths/script-interpreter.ts';

let asked = 0;
function fileOf(bytes: Buffer): RegularFile {
  return {
    size: bytes.length,
    read(offset, length) {
      asked += Math.min(length, bytes.length);
      return offset >= 0 && length > 0 ? bytes.subarray(offset, offset + length) : Buffer.alloc(0);
    },
  };
}

const program = readFileSync(realpathSync('/bin/sh'));

/** Mutations in the headers and the dynamic section, where they matter, and anywhere. */
const mutation = fc.record({
  at: fc.oneof(fc.nat(1023), fc.nat(program.length - 1)),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constant(new Uint8Array(8).fill(255)),
    fc.constant(new Uint8Array(8)),
  ),
});

test('no mutation of an ELF file makes reading it throw or read without bound', () => {
  expect(readElf(fileOf(program))?.needed).toContain('libc.so.6');
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 8 }), fc.option(fc.nat(program.length)), (mutations, cut) => {
      const bytes = Buffer.from(program);
      for (const { at, bytes: put } of mutations) bytes.set(put.subarray(0, bytes.length - at), at);
      asked = 0;
      const elf = readElf(fileOf(cut === null ? bytes : bytes.subarray(0, cut)));
      expect(elf === undefined || elf.needed.length <= 4096).toBe(true);
      expect(asked).toBeLessThan(64 << 20);
    }),
    { numRuns: 3000 },
  );
});

test('the cache of this system is read as ldconfig prints it', () => {
  const printed = execaSync('/sbin/ldconfig', ['-p'], { env: { LC_ALL: 'C' } }).stdout;
  const expected = [...printed.matchAll(/^\t(\S+) \(.*\) => (.*)$/gm)]
    .map((match) => `${match[1]} ${match[2]}`)
    .sort();
  const cache = readLoaderCache(readFileSync('/etc/ld.so.cache')) ?? new Map();
  const found = [...cache]
    .flatMap(([name, entries]) => entries.map(({ path }: { path: string }) => `${name} ${path}`))
    .sort();
  expect(found).toEqual(expected);
});

test('a cache in both formats is read like one in the new format', () => {
  const place = mkdtempSync(join(tmpdir(), 'cache-'));
  const cache = join(place, 'ld.so.cache');
  const made = execaSync('/sbin/ldconfig', ['-c', 'compat', '-X', '-C', cache], { reject: false });
  expect(made.exitCode).toBe(0);
  const both = readLoaderCache(readFileSync(cache));
  rmSync(place, { recursive: true });
  expect(new Set(both?.keys())).toEqual(new Set(readLoaderCache(readFileSync('/etc/ld.so.cache'))?.keys()));
});

test('no mutation of a cache makes reading it throw', () => {
  const cache = readFileSync('/etc/ld.so.cache');
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.nat(cache.length),
      (at, put, cut) => {
        const bytes = Buffer.from(cache);
        bytes.set(put, at);
        readLoaderCache(bytes);
        readLoaderCache(bytes.subarray(0, cut));
      },
    ),
    { numRuns: 200 },
  );
});

test('the first line of a script names its interpreter as the kernel reads it', () => {
  const of = (text: string) => scriptInterpreter(Buffer.from(text, 'latin1'));
  expect(of('#!/bin/sh\n')).toBe('/bin/sh');
  expect(of('#! \t/usr/bin/env -S node x\n')).toBe('/usr/bin/env');
  expect(of('#!/bin/sh')).toBe('/bin/sh');
  expect([of('#!\n/bin/sh'), of('#! \n'), of('# !/bin/sh\n'), of('')]).toEqual(Array(4).fill(undefined));
  expect(of(`#!/${'x'.repeat(300)}\n`)).toBeUndefined();
  expect(of(`#!/bin/sh ${'x'.repeat(300)}\n`)).toBe('/bin/sh');
});
