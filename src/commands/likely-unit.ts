import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { bytesOfText } from '../paths/byte-text.ts';

/** Where unit files lie, the ones that win first: https://man7.org/linux/man-pages/man5/systemd.unit.5.html */
const unitDirectories = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** A unit file is small; what is larger is something else. */
const mostBytes = 256 * 1024;

/** The service of this host whose ExecStart= starts this program (path text); undefined where none does, or several do. */
export function unitThatStarts(program: string, directories = unitDirectories): string | undefined {
  const file = realPath(bytesOfText(program));
  if (file === undefined) return undefined;
  const seen = new Set<string>();
  const found: string[] = [];
  for (const directory of directories) {
    for (const name of namesIn(directory)) {
      // A template has no instance to restart.
      if (!/^[\w:.\\-]+(?:@[\w:.\\-]+)?\.service$/.test(name) || seen.has(name)) continue;
      seen.add(name);
      const started = startedBy(`${directory}/${name}`);
      if (started.some((path) => realPath(path) === file)) found.push(name);
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

/** The service that a running process belongs to, as its control group says: `0::/system.slice/cron.service`. */
export function unitOfProcess(pid: number): string | undefined {
  const groups = read(`/proc/${pid}/cgroup`);
  return /^\S*:\/system\.slice\/(?:[^/\n]+\.slice\/)*([\w:.\\@-]+\.service)(?:\/|$)/m.exec(groups)?.[1];
}

/** `ExecStart=-/usr/sbin/cron -f`: https://man7.org/linux/man-pages/man5/systemd.service.5.html */
function startedBy(unitFile: string): string[] {
  const lines = read(unitFile).split('\n');
  return lines.flatMap((line) => /^ExecStart\s*=\s*"?[-@:+!|]*"?(\/[^\s"]+)/.exec(line)?.[1] ?? []);
}

function read(file: string): string {
  try {
    // A unit may be a link to /dev/null: it is masked.
    const { size } = statSync(file);
    return size > mostBytes ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function realPath(path: string | Buffer): string | undefined {
  try {
    return realpathSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
