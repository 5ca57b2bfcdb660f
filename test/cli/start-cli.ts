import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

/** The built program: `npm test` builds it first. */
export const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
export const python = '/usr/bin/python3';

/** An empty directory that is gone after the test. */
export function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

export interface Run {
  status: number | undefined;
  stdout: string;
  stderr: string;
}

/** A command line at work, in a directory of its own. */
export function start(args: string[], cwd = emptyDirectory(), command = [process.execPath, cli]) {
  const [file = '', ...before] = command;
  // Where CI is set, ora draws no spinner on a terminal either.
  const env = { CI: undefined };
  const child = execa(file, [...before, ...args], {
    cwd,
    env,
    reject: false,
    stdin: 'ignore',
    timeout: 45_000,
  });
  let heard = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer) => {
    heard += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    cwd,
    child,
    /** Resolves when that was printed, on either stream. */
    said(what: RegExp): Promise<RegExpExecArray> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = what.exec(heard);
          if (found === null) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        child.once('exit', () => setTimeout(() => reject(new Error(`It never said ${what}: ${heard}`)), 100));
        look();
      });
    },
    ended: child.then(({ exitCode, stdout, stderr }): Run => ({ status: exitCode, stdout, stderr })),
  };
}

/** Runs a command line to its end. */
export function run(args: string[], cwd?: string): Promise<Run> {
  return start(args, cwd).ended;
}

/** One sentence for people: no trace of where in our code it arose. */
export function isSentence(stderr: string): boolean {
  return /^sandbox-profile: [^\n]+[.!?)]$/m.test(stderr) && !/\n {4}at |node:|fault in sandbox/.test(stderr);
}
