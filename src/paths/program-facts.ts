import { elfAt } from './elf.ts';
import type { FileFacts } from './file-facts.ts';
import { libraryClosure } from './library-closure.ts';
import type { Root } from './root.ts';
import { lengthOfStart, scriptInterpreter } from './script-interpreter.ts';

export type ProgramFormat = 'elf64' | 'elf32' | 'script' | 'other';

/** A file that is opened so that a program runs. */
export interface NeededFile {
  /** `interpreter`: of a script; `loader`: PT_INTERP; `library`: DT_NEEDED, of the program or of another library. */
  role: 'interpreter' | 'loader' | 'library';
  /** The path under which it is opened. */
  path: string;
  /** The same with every link followed. */
  real: string;
}

export interface ProgramFacts {
  format: ProgramFormat;
  /** In the order in which they are opened; without the program itself. */
  needs: NeededFile[];
  /** Interpreters and libraries that are named but not there. */
  missing: string[];
}

/** A script may name a script, five deep: `exec_binprm` in fs/exec.c. */
const mostScripts = 5;

/**
 * What the kernel and the loader open so that a program runs: a script's interpreters, the loader, the libraries. What it opens by
 * itself later (plug-ins, the program that `env` looks for) is not here: it is seen in a trace. Undefined where `path` leads to no
 * regular file. Never throws; nothing is run.
 */
export function programFacts(root: Root, path: string): ProgramFacts | undefined {
  if (root.lookUp(path).kind !== 'file') return undefined;
  const facts: ProgramFacts = { format: 'other', needs: [], missing: [] };
  let program = path;
  for (let scripts = 0; ; scripts++) {
    const format = formatOf(root, program);
    if (scripts === 0) facts.format = format.name;
    if (format.name !== 'script') break;
    const { interpreter } = format;
    // A relative name is taken from the working directory, which is not known.
    if (scripts === mostScripts || !interpreter.startsWith('/') || root.lookUp(interpreter).kind !== 'file') {
      facts.missing.push(interpreter);
      return facts;
    }
    facts.needs.push({ role: 'interpreter', path: interpreter, real: root.lookUp(interpreter).real });
    program = interpreter;
  }

  const closure = libraryClosure(root, program);
  if (closure === undefined) return facts;
  const seen = new Set<string>();
  const need = (role: NeededFile['role'], file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    facts.needs.push({ role, path: file, real: root.lookUp(file).real });
  };
  if (closure.interpreter !== undefined) {
    if (root.lookUp(closure.interpreter).kind === 'file') need('loader', closure.interpreter);
    else facts.missing.push(closure.interpreter);
  }
  for (const [name, found] of closure.libraries) {
    if (found === undefined) facts.missing.push(name);
    else need('library', found);
  }
  return facts;
}

/** What a file system says about any path: cheap. `needs` and `format` stay empty; `describeProgram` fills them. */
export function describeFile(root: Root, path: string): FileFacts {
  const { real, kind, owner } = root.lookUp(path);
  return { real: [real], kind: [kind], owner: owner === undefined ? [] : [owner], needs: [], format: [] };
}

/** `describeFile` for a path that was run, or may be: with its format and, as sorted real paths, what it needs to run. */
export function describeProgram(root: Root, path: string): FileFacts {
  const facts = programFacts(root, path);
  const file = describeFile(root, path);
  if (facts === undefined) return file;
  return { ...file, needs: [...new Set(facts.needs.map(({ real }) => real))].sort(), format: [facts.format] };
}

function formatOf(
  root: Root,
  path: string,
): { name: 'script'; interpreter: string } | { name: Exclude<ProgramFormat, 'script'> } {
  const elf = elfAt(root, path);
  if (elf !== undefined) return { name: elf.bits === 64 ? 'elf64' : 'elf32' };
  const start = root.withFile(path, (file) => file.read(0, lengthOfStart));
  const interpreter = start === undefined ? undefined : scriptInterpreter(start);
  return interpreter === undefined ? { name: 'other' } : { name: 'script', interpreter };
}
