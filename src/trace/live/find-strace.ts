import { execa } from 'execa';
import { findProgram } from './find-program.ts';
import { installCommand } from './install-command.ts';
import { TraceError } from './trace-error.ts';

/** A strace on this host. */
export interface Strace {
  path: string;
  version: StraceVersion;
}

export interface StraceVersion {
  major: number;
  minor: number;
}

/** Finds strace on PATH and asks for its version. Throws a TraceError that says how to install it. */
export async function findStrace(path = process.env.PATH ?? ''): Promise<Strace> {
  let file: string;
  try {
    file = await findProgram('strace', path);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    const install = await installCommand('strace');
    const how = install === undefined ? 'install the package strace' : `install it with: ${install}`;
    throw new TraceError(`strace was not found in PATH; ${how}`);
  }
  const { stdout, failed } = await execa(file, ['-V'], { reject: false, stdin: 'ignore', timeout: 10_000 });
  const version = straceVersion(stdout);
  if (failed || version === undefined)
    throw new TraceError(`${file} does not answer to -V as strace does; put a working strace first in PATH.`);
  return { path: file, version };
}

/** Reads the answer to `strace -V`, such as `strace -- version 6.1`; a build from git may say `5.16.0.3.abcd`. */
export function straceVersion(answer: string): StraceVersion | undefined {
  const match = /^strace -- version v?(\d{1,4})\.(\d{1,4})/.exec(answer);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Whether `version` is `major.minor` or newer. */
export function isAtLeast(version: StraceVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
