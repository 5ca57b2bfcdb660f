import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { bytesOfText } from '../paths/byte-text.ts';
import { type UnitFile, unitFilesThatStart } from './likely-unit.ts';

/** Where systemd looks for a program without a slash in its name: https://man7.org/linux/man-pages/man7/file-hierarchy.7.html */
const searched = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The programs that units of this host run beside a daemon: in the other Exec lines of each unit that starts `program` (path
 * text). The sandbox holds for these lines too, and a trace of the daemon alone shows none of them.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#ExecStartPre=
 * @returns for each program's path where it stands: `ExecReload= of some.service`. Nothing is run.
 */
export function unitCommands(program: string, directories?: readonly string[]): Record<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { name, text } of unitFilesThatStart(program, directories)) {
    for (const { key, words } of execLines(text)) {
      for (const path of programsIn(words)) {
        const places = found.get(path) ?? new Set();
        found.set(path, places.add(`${key}= of ${name}`));
      }
    }
  }
  return Object.fromEntries([...found].sort().map(([path, places]) => [path, [...places].sort()]));
}

/** Lines that end in a backslash go on in the next. With `+` a command is outside of the sandbox. */
function execLines(text: UnitFile['text']): { key: string; words: string }[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, key, prefix, words] = /^(Exec[A-Z]\w*)\s*=\s*"?([-@:+!|]*)(.*)$/.exec(line) ?? [];
      if (key === undefined || prefix === undefined || words === undefined || prefix.includes('+')) return [];
      return [{ key, words }];
    });
}

/** The command itself, and every program among its arguments: a shell, or a wrapper, is told there what to start. */
function programsIn(words: string): string[] {
  const first = /^[\w.+-]+(?=["\s]|$)/.exec(words)?.[0];
  const named = words.match(/\/[\w./+@-]+/g) ?? [];
  const besides =
    first === undefined ? [] : searched.map((directory) => `${directory}/${first}`).filter(isProgram);
  return [...besides.slice(0, 1), ...named.filter(isProgram)];
}

function isProgram(path: string): boolean {
  try {
    const file = realpathSync(bytesOfText(path));
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
