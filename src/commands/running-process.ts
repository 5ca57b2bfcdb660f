import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { textOfBytes } from '../paths/byte-text.ts';
import type { Gatherer } from '../profile/gather.ts';
import type { Inherited } from '../profile/task.ts';

/** What /proc tells of a process that ran before it was traced: https://man7.org/linux/man-pages/man5/proc.5.html */
export interface RunningProcess {
  pid: number;
  inherited: Inherited;
  gid: number | undefined;
  /** The program, and the files that are mapped executable, as path text. */
  program: string;
  mapped: string[];
}

/** Undefined where there is no such process, or it may not be looked at. */
export function runningProcess(pid: number): RunningProcess | undefined {
  const base = `/proc/${pid}`;
  const program = linkOf(`${base}/exe`);
  const current = linkOf(`${base}/cwd`);
  const root = linkOf(`${base}/root`);
  if (program === undefined || current === undefined || root === undefined) return undefined;
  const descriptors = new Map<number, string>();
  for (const fd of namesIn(`${base}/fd`)) {
    const path = linkOf(`${base}/fd/${fd}`);
    if (path?.startsWith('/')) descriptors.set(Number(fd), path);
  }
  const inherited = { current, root, descriptors, uid: idIn(`${base}/status`, 'Uid') };
  const gid = idIn(`${base}/status`, 'Gid');
  return { pid, inherited, gid, program, mapped: mappedFiles(`${base}/maps`) };
}

/** The file system's uid or gid: the last of the four. */
function idIn(status: string, which: 'Uid' | 'Gid'): number | undefined {
  try {
    const line = readFileSync(status, 'latin1')
      .split('\n')
      .find((text) => text.startsWith(`${which}:`));
    const found = /\t(\d+)$/.exec(line ?? '')?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

/** Writes into a profile what the process had started and mapped before the trace, and where it stands: its evidence is /proc, not a line. */
export function recordRunning({ pid, program, mapped, inherited }: RunningProcess, gatherer: Gatherer): void {
  gatherer.before(`/proc/${pid}/exe`, program, 'execute');
  const { current } = inherited;
  const isThere = current?.startsWith('/') === true && !current.endsWith(' (deleted)');
  if (isThere && current !== '/') gatherer.before(`/proc/${pid}/cwd`, current, 'enter');
  for (const file of mapped) if (file !== program) gatherer.before(`/proc/${pid}/maps`, file, 'map');
}

function linkOf(path: string): string | undefined {
  try {
    return textOfBytes(readlinkSync(path, 'latin1'));
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** `7f0c…-7f0c… r-xp 00028000 08:01 1234   /usr/lib/libc.so.6`: a newline in a name is written `\012`. */
function mappedFiles(maps: string): string[] {
  let text: string;
  try {
    text = readFileSync(maps, 'latin1');
  } catch {
    return [];
  }
  const files = new Set<string>();
  for (const line of text.split('\n')) {
    const found = /^[0-9a-f]+-[0-9a-f]+ ..x. \S+ \S+ \d+ +(\/.*)$/.exec(line)?.[1];
    if (found !== undefined && !found.endsWith(' (deleted)'))
      files.add(textOfBytes(found.replaceAll('\\012', '\n')));
  }
  return [...files];
}

/** The capabilities that this process has, as bits: of root, all that can be had here. */
export function ownCapabilities(): bigint {
  const status = readFileSync('/proc/self/status', 'latin1');
  return BigInt(`0x${/^CapEff:\t([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}
