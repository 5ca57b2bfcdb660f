import type { Task } from './task.ts';

/**
 * Links in /proc that lead to what a process has open, and not to a name: what `/proc/self/fd/3` means is known where
 * descriptor 3 is. https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html
 */
export interface ProcLink {
  /** A pid; undefined for the task itself. */
  pid: number | undefined;
  to: 'cwd' | 'root' | 'exe' | number;
  /** What stands behind the link. */
  rest: string;
}

const inProc = /^\/proc\/(self|thread-self|\d+)(?:\/task\/\d+)?\/(?:fd\/(\d+)|(cwd|root|exe))(?=\/|$)/;
const inDev = /^\/dev\/(?:fd\/(\d+)|(stdin|stdout|stderr))(?=\/|$)/;
const standard: Readonly<Record<string, number>> = { stdin: 0, stdout: 1, stderr: 2 };

/** The link that a path begins with; undefined for any other path. */
export function procLink(path: string): ProcLink | undefined {
  if (path.startsWith('/proc/')) {
    const found = inProc.exec(path);
    if (found === null) return undefined;
    const [whole, who = '', fd, name] = found;
    const pid = who.endsWith('self') ? undefined : Number(who);
    const to = fd === undefined ? (name as 'cwd' | 'root' | 'exe') : Number(fd);
    return { pid, to, rest: path.slice(whole.length) };
  }
  const found = path.startsWith('/dev/') ? inDev.exec(path) : null;
  if (found === null) return undefined;
  return {
    pid: undefined,
    to: found[2] === undefined ? Number(found[1]) : (standard[found[2]] ?? 0),
    rest: path.slice(found[0].length),
  };
}

/**
 * Where the link of a task leads, as path text; null for what has no path (a pipe, a socket); undefined where the log doesn't
 * tell.
 */
export function targetOf(link: ProcLink, task: Task): string | null | undefined {
  switch (link.to) {
    case 'cwd':
      return task.directories.current;
    case 'root':
      return task.directories.root;
    case 'exe':
      return task.program;
    default: {
      const file = task.descriptors.get(link.to);
      return file === undefined ? undefined : (file.path ?? null);
    }
  }
}
