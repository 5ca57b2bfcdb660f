import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { bytesOfText } from '../paths/byte-text.ts';
import { nameOf } from '../paths/covering-tree.ts';

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

/** A unit of this host. */
export interface UnitFile {
  /** `cron.service`, `getty@.service` */
  name: string;
  text: string;
}

/** The service of this host whose ExecStart= starts this program (path text); undefined where none does, or several do. */
export function unitThatStarts(program: string, directories = unitDirectories): string | undefined {
  // A template has no instance to restart.
  const found = unitFilesThatStart(program, directories).filter(({ name }) => !name.includes('@.'));
  return found.length === 1 ? found[0]?.name : undefined;
}

/** Every service of this host, templates too, whose ExecStart= starts this program (path text). */
export function unitFilesThatStart(
  program: string,
  directories: readonly string[] = unitDirectories,
): UnitFile[] {
  const file = realPath(bytesOfText(program));
  if (file === undefined) return [];
  const seen = new Set<string>();
  const found = new Map<string, UnitFile>();
  for (const directory of directories) {
    for (const name of namesIn(directory)) {
      if (!/^[\w:.\\-]+(?:@[\w:.\\-]*)?\.service$/.test(name) || seen.has(name)) continue;
      seen.add(name);
      const real = realPath(`${directory}/${name}`);
      if (real === undefined) continue;
      const text = read(real);
      if (!startedBy(text).some((path) => realPath(path) === file)) continue;
      // An alias is a link to the unit, which goes by its own name.
      found.set(real, { name: nameOf(real), text });
    }
  }
  return [...found.values()];
}

/** The service that a running process belongs to, as its control group says: `0::/system.slice/cron.service`. */
export function unitOfProcess(pid: number): string | undefined {
  const groups = read(`/proc/${pid}/cgroup`);
  return /^\S*:\/system\.slice\/(?:[^/\n]+\.slice\/)*([\w:.\\@-]+\.service)(?:\/|$)/m.exec(groups)?.[1];
}

/** `ExecStart=-/usr/sbin/cron -f`: https://man7.org/linux/man-pages/man5/systemd.service.5.html */
function startedBy(unit: string): string[] {
  const lines = unit.split('\n');
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
