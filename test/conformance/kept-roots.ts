import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { makePrivateDirectory } from '../../src/lifetime/private-directory.ts';

/** What a maker is told: where the tree goes, which is empty, and where to put what is temporary. */
export interface Place {
  tree: string;
  temporary: string;
}

/**
 * Has a command fill a new directory, and keeps it under a name. Several may do so at once: the first that is done is kept, and
 * nobody takes away what another one has begun to use. What a killed one left behind goes first.
 * @returns undefined where it is there, else why it failed.
 */
export async function keepRoot(
  directory: string,
  name: string,
  commandFor: (place: Place) => readonly string[],
): Promise<string | undefined> {
  const attempt = makePrivateDirectory(directory);
  try {
    const place = { tree: join(attempt.path, 'tree'), temporary: join(attempt.path, 'tmp') };
    for (const each of Object.values(place)) await mkdir(each, { mode: 0o755 });
    const [program = '', ...args] = boundTo(process.pid, commandFor(place));
    const { exitCode, stderr, timedOut } = await execa(program, args, {
      reject: false,
      stdin: 'ignore',
      stdout: 'ignore',
      timeout: 900_000,
      killSignal: 'SIGKILL',
      env: { TMPDIR: place.temporary },
    });
    if (exitCode !== 0) return timedOut ? 'it took too long' : (lastLine(stderr) ?? 'it failed');
    await rename(place.tree, join(directory, name)).catch((error: NodeJS.ErrnoException) => {
      // It came into being meanwhile.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return undefined;
  } finally {
    attempt.remove();
  }
}

/**
 * A command that ends when the process with that number does, however that ends, with all that it has begun and mounted: it has
 * namespaces of its own for processes and mounts.
 */
export function boundTo(owner: number, command: readonly string[]): string[] {
  // Whoever died before the first step can't be waited for any more.
  const script =
    '[ "$PPID" = "$1" ] || exit 1; shift; exec unshare --mount --pid --fork --kill-child -- "$@"';
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'sh', '-c', script, 'bound', String(owner), ...command];
}

function lastLine(text: string): string | undefined {
  const line = text.trim().split('\n').at(-1);
  return line === '' ? undefined : line;
}
