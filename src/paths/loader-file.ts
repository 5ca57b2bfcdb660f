import { textOfBytes } from './byte-text.ts';
import { type Elf, elfAt } from './elf.ts';
import type { Root } from './root.ts';

/** What is compiled into a dynamic loader. */
export interface LoaderFile {
  family: 'glibc' | 'musl';
  /** The directories it searches last. */
  directories: string[];
  /** `ld.so.cache` and `ld.so.preload`, where it looks for them. */
  cache: string;
  preload: string;
}

const largestLoader = 4 << 20;
const remembered = new WeakMap<Root, Map<string, LoaderFile>>();

/**
 * What a dynamic loader has compiled in, read from its file: Debian's, Fedora's and NixOS's differ. What cannot be found is as glibc
 * is configured by default. Never throws; nothing is run.
 */
export function loaderFileAt(root: Root, path: string): LoaderFile {
  let known = remembered.get(root);
  if (known === undefined) {
    known = new Map();
    remembered.set(root, known);
  }
  const { real } = root.lookUp(path);
  let facts = known.get(real);
  if (facts === undefined) {
    const bytes = root.withFile(real, (file) => file.read(0, Math.min(file.size, largestLoader)));
    facts = readLoader(bytes?.toString('latin1') ?? '', elfAt(root, real)?.bits ?? 64);
    known.set(real, facts);
  }
  return facts;
}

/** Where each machine's loader is, for libraries, which name none. The paths are part of the ABIs; `e_machine` is the key. */
const usualLoaders: Record<number, readonly string[]> = {
  3: ['/lib/ld-linux.so.2', '/lib/ld-musl-i386.so.1'],
  21: ['/lib64/ld64.so.2', '/lib64/ld64.so.1', '/lib/ld-musl-powerpc64le.so.1'],
  22: ['/lib/ld64.so.1', '/lib/ld-musl-s390x.so.1'],
  40: ['/lib/ld-linux-armhf.so.3', '/lib/ld-linux.so.3', '/lib/ld-musl-armhf.so.1'],
  62: ['/lib64/ld-linux-x86-64.so.2', '/libx32/ld-linux-x32.so.2', '/lib/ld-musl-x86_64.so.1'],
  183: ['/lib/ld-linux-aarch64.so.1', '/lib/ld-musl-aarch64.so.1'],
  243: ['/lib/ld-linux-riscv64-lp64d.so.1', '/lib/ld-linux-riscv64-lp64.so.1', '/lib/ld-musl-riscv64.so.1'],
  258: ['/lib64/ld-linux-loongarch-lp64d.so.1', '/lib/ld-musl-loongarch64.so.1'],
};

/** The loader of a root for programs of the kind of `elf`. */
export function usualLoader(root: Root, elf: Elf): string | undefined {
  return usualLoaders[elf.machine]?.find((path) => {
    const loader = elfAt(root, path);
    return loader !== undefined && loader.bits === elf.bits && loader.machine === elf.machine;
  });
}

function readLoader(bytes: string, bits: 32 | 64): LoaderFile {
  const musl = /\0%\.\*s(\/etc\/ld-musl-[\w-]+\.path)\0/.exec(bytes)?.[1];
  if (musl !== undefined) {
    const directories =
      /\0(\/[\w/:.-]*lib[\w/:.-]*:[\w/:.-]+)\0/.exec(bytes)?.[1] ?? '/lib:/usr/local/lib:/usr/lib';
    return { family: 'musl', directories: directories.split(':'), cache: musl, preload: '' };
  }
  return {
    family: 'glibc',
    directories: glibcDirectories(bytes) ?? (bits === 64 ? ['/lib64', '/usr/lib64'] : ['/lib', '/usr/lib']),
    cache: pathEndingIn(bytes, '/ld.so.cache') ?? '/etc/ld.so.cache',
    preload: pathEndingIn(bytes, '.preload') ?? '/etc/ld.so.preload',
  };
}

/** `system_dirs` in glibc's elf/dl-load.c: strings one behind the other, each with a slash at both ends. */
function glibcDirectories(bytes: string): string[] | undefined {
  let run: string[] = [];
  for (const text of bytes.split('\0')) {
    if (/^\/(?:[\w.+-]+\/)*$/.test(text) && text.includes('/lib')) run.push(textOfBytes(text.slice(0, -1)));
    else if (run.length > 0) {
      if (run.every((directory) => directory.length > 1)) return run;
      run = [];
    }
  }
  return undefined;
}

/** A whole string of the file that is an absolute path with this end. */
function pathEndingIn(bytes: string, end: string): string | undefined {
  for (let at = bytes.indexOf(`${end}\0`); at >= 0; at = bytes.indexOf(`${end}\0`, at + 1)) {
    const path = bytes.slice(bytes.lastIndexOf('\0', at) + 1, at + end.length);
    if (/^\/[\x21-\x7e]{1,1000}$/.test(path)) return path;
  }
  return undefined;
}
