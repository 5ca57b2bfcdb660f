import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { bytesOfText } from '../paths/byte-text.ts';
import { type ExecCommand, execCommands } from '../systemd/exec-commands.ts';
import type { UnitLine } from '../systemd/unit-text.ts';
import { programFile, type UnitFile, unitFilesThatStart } from './likely-unit.ts';

/**
 * The programs that units of this host run beside a daemon: in the other Exec lines of each unit that starts `program` (path
 * text). The sandbox holds for these lines too, and a trace of the daemon alone shows none of them.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#ExecStartPre=
 * @returns for each program's path where it stands: `ExecReload= of some.service`. Nothing is run.
 */
export function unitCommands(program: string, directories?: readonly string[]): Record<string, string[]> {
  return besideIn(unitFilesThatStart(program, directories));
}

/** The same of one unit, whatever it starts: what else starts the same interpreter is no concern of its. */
export function commandsOfUnit(name: string, lines: readonly UnitLine[]): Record<string, string[]> {
  return besideIn([{ name, commands: execCommands(lines, name) }]);
}

function besideIn(units: readonly UnitFile[]): Record<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { name, commands } of units) {
    // With `+` a command is outside of the sandbox.
    for (const command of commands.filter(({ prefix }) => !prefix.includes('+'))) {
      for (const path of programsIn(command)) {
        const places = found.get(path) ?? new Set();
        found.set(path, places.add(`${command.key}= of ${name}`));
      }
    }
  }
  return Object.fromEntries([...found].sort().map(([path, places]) => [path, [...places].sort()]));
}

/** The command itself, and every program among its arguments: a shell, or a wrapper, is told there what to start. */
function programsIn({ program, words }: ExecCommand): string[] {
  const itself = programFile(program, (path) => (isProgram(path) ? path : undefined));
  const named = words.flatMap((word) => word.match(/\/[\w./+@-]+/g) ?? []).filter(isProgram);
  return itself === undefined ? named : [itself, ...named];
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
