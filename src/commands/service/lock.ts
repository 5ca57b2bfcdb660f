import { readFile, rename, rm } from 'node:fs/promises';
import { createFile } from '../../emit/replace-file.ts';
import { startTime } from '../../lifetime/process-identity.ts';
import { codeOf, Failure } from '../failure.ts';
import type { Places } from './places.ts';

/**
 * Lets one process at a time change what belongs to a unit. The lock of a process that is no more counts for nothing.
 * Throws a Failure where another one is at work; and whatever `use` throws.
 */
export async function withLock<T>({ lock }: Places, use: () => Promise<T>): Promise<T> {
  const own = `${process.pid} ${startTime(process.pid) ?? ''}`;
  for (let left = 3; ; left--) {
    try {
      await createFile({ path: lock, content: own, mode: 0o600 });
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw new Failure(`${lock} cannot be written (${codeOf(error)}).`);
    }
    const holder = await readFile(lock, 'utf8').catch(() => '');
    if (left === 0 || isAlive(holder))
      throw new Failure(
        `Process ${holder.split(' ')[0] ?? ''} is at work on this unit: wait until it has ended, then try again.`,
      );
    // Of two who find a dead holder one renames; the other finds nothing, or the new lock.
    const aside = `${lock}.${process.pid}`;
    await rename(lock, aside).catch(() => undefined);
    await rm(aside, { force: true });
  }
  try {
    return await use();
  } finally {
    await rm(lock, { force: true });
  }
}

function isAlive(holder: string): boolean {
  const [pid = '', started = ''] = holder.split(' ');
  return /^\d+$/.test(pid) && startTime(Number(pid)) === started;
}
