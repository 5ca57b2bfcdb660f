import { setTimeout as delay } from 'node:timers/promises';
import type { Denial } from '../../src/directives/settings.ts';
import { parentOf } from '../../src/paths/covering-tree.ts';
import type { Machine } from '../../src/systemd/machine.ts';

/** What a daemon was refused, as strace saw it from outside: each process by its lines. */
export interface Watched {
  /** Lines of the daemon, from its execve on, and of what it started. */
  lines: string[];
}

/** Watches the machine's first process and all that it starts, while something is done. */
export async function watching(machine: Machine, argv0: string, act: () => Promise<void>): Promise<Watched> {
  const directory = '/tmp/watched';
  const start = `rm -rf ${directory}; mkdir ${directory}; strace -ff -s 200 -o ${directory}/log -p 1 2>${directory}/said & echo $!`;
  const { stdout: pid } = await machine.run(['sh', '-c', `(${start}) </dev/null`]);
  await until(
    async () => (await machine.run(['grep', '-q', 'attached', `${directory}/said`])).exitCode === 0,
  );
  await act();
  await machine.run(['kill', '-INT', pid]);
  await until(async () => (await machine.run(['test', '-d', `/proc/${pid}`])).exitCode !== 0);
  const files = new Map<string, string[]>();
  const { stdout } = await machine.run([
    'sh',
    '-c',
    `cd ${directory}; for f in log.*; do sed "s/^/\${f#log.} /" $f; done`,
  ]);
  for (const line of stdout.split('\n')) {
    const space = line.indexOf(' ');
    const of = line.slice(0, space);
    files.set(of, [...(files.get(of) ?? []), line.slice(space + 1)]);
  }
  return { lines: linesOf(files, argv0) };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 400; !(await holds()); left--) {
    if (left === 0) throw new Error('It never came to that.');
    await delay(25);
  }
}

function linesOf(files: ReadonlyMap<string, string[]>, argv0: string): string[] {
  const lines: string[] = [];
  const known = new Set<string>();
  const waiting: string[] = [];
  const take = (pid: string, from: number) => {
    if (known.has(pid)) return;
    known.add(pid);
    for (const line of (files.get(pid) ?? []).slice(from)) {
      lines.push(line);
      const child = /^(?:clone3?|v?fork)\(.* = (\d+)$/.exec(line)?.[1];
      if (child !== undefined) waiting.push(child);
    }
  };
  for (const [pid, own] of files) {
    const from = own.findIndex((line) => line.startsWith(`execve("${argv0}"`));
    if (from >= 0) take(pid, from);
  }
  for (let pid = waiting.shift(); pid !== undefined; pid = waiting.shift()) take(pid, 0);
  return lines;
}

/** Whether that happened: the same call, on the same thing or beside it (names may be new each time), with that error. */
export function happened({ lines }: Watched, { behaviour, errno }: Denial): boolean {
  const { call } = behaviour.evidence;
  if (errno === 'SIGSYS')
    return lines.some((line, at) => line.startsWith(`${call}(`) && lines[at + 1]?.includes('SIGSYS'));
  return lines.some((line) => {
    if (!line.startsWith(`${call}(`) || !line.includes(` = -1 ${errno} `)) return false;
    if (behaviour.kind === 'family') return line.startsWith(`${call}(${behaviour.family},`);
    const path =
      behaviour.kind === 'path' ? behaviour.path : behaviour.kind === 'move' ? behaviour.to : undefined;
    if (path === undefined) return true;
    const names = [...line.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, name]) => name ?? '');
    return (
      names.some((name) => name === path || parentOf(name) === parentOf(path)) ||
      line.startsWith('mmap(') ||
      line.startsWith('f')
    );
  });
}
