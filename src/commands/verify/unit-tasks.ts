import type { Syscall, TraceEvent, Value } from '../../trace/event.ts';
import { field, hasFlag, numberOf, stringBytes } from '../../trace/values.ts';

/** A command of the unit: what systemd forked for it, and what came of that. */
export interface Command {
  pid: number;
  /** Where it runs a program of the unit for the first time; what came before was systemd building the sandbox. */
  begins: number | undefined;
  uid: number;
  gid: number;
  /** Programs that could not be run. */
  refused: Syscall[];
}

const births: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);
/** From 256 on systemd starts a program of its own, which builds the sandbox. */
const executor = /\/systemd-executor$/;

/**
 * Finds the tasks of one unit in a trace of the service manager. A child of the manager tells by the control group into which it
 * goes whose it is: exec_child() in src/core/execute.c of systemd, posix_spawn_wrapper() in src/basic/process-util.c.
 */
export class UnitTasks {
  readonly commands = new Map<number, Command>();
  readonly #commandOf = new Map<number, Command>();
  readonly #unit: string;
  readonly #manager: number;

  /**
   * @param unit a template for all its instances
   * @param manager the process that was traced
   */
  constructor(unit: string, manager: number) {
    this.#unit = unit;
    this.#manager = manager;
  }

  /** To be told of all events first. */
  sees(event: TraceEvent): void {
    if (event.kind !== 'call') return;
    const { pid, name } = event;
    const command = this.#commandOf.get(pid);
    if (births.has(name)) this.#birth(event, command);
    else if (command === undefined) {
      if (name === 'openat' && pid !== this.#manager && this.#joins(event)) this.#adopt(pid);
    } else if (command.begins === undefined && command.pid === pid) prepares(event, command);
  }

  /** The command to whose doing an event belongs; undefined for what is not the unit's. */
  of(event: TraceEvent): Command | undefined {
    const command = this.#commandOf.get(event.pid);
    if (command?.begins === undefined) return undefined;
    return event.pid === command.pid && event.line < command.begins ? undefined : command;
  }

  #birth(call: Syscall, parent: Command | undefined): void {
    const child = call.result.number;
    if (child === undefined || child <= 0) return;
    if (parent !== undefined) this.#commandOf.set(child, parent);
    else if (call.name === 'clone3' && hasFlag(field(call.args[0], 'flags'), 'CLONE_INTO_CGROUP')) {
      const group = field(call.args[0], 'cgroup');
      if (group?.kind === 'fd' && this.#isGroup(group.info)) this.#adopt(child);
    }
  }

  #joins({ args, result }: Syscall): boolean {
    const path = stringBytes(args[1]) ?? '';
    return result.errno === undefined && path.endsWith('/cgroup.procs') && isWritten(args[2])
      ? this.#isGroup(path.slice(0, -'/cgroup.procs'.length))
      : false;
  }

  #isGroup(path: string): boolean {
    const [prefix = '', rest] = this.#unit.split('@.');
    return path
      .split('/')
      .some((name) =>
        rest === undefined ? name === this.#unit : name.startsWith(`${prefix}@`) && name.endsWith(`.${rest}`),
      );
  }

  #adopt(pid: number): void {
    const command = { pid, begins: undefined, uid: 0, gid: 0, refused: [] };
    this.commands.set(pid, command);
    this.#commandOf.set(pid, command);
  }
}

function isWritten(flags: Value | undefined): boolean {
  return hasFlag(flags, 'O_WRONLY') || hasFlag(flags, 'O_RDWR');
}

function prepares(call: Syscall, command: Command): void {
  if (call.name === 'execve' || call.name === 'execveat') {
    const path = stringBytes(call.args[call.name === 'execve' ? 0 : 1]) ?? '';
    if (executor.test(path)) return;
    if (call.result.number === 0) command.begins = call.line;
    else if (call.result.errno !== undefined) command.refused.push(call);
  } else if (call.result.number === 0) {
    // The effective one of three.
    if (call.name === 'setresuid') command.uid = idOf(call.args[1]) ?? command.uid;
    if (call.name === 'setresgid') command.gid = idOf(call.args[1]) ?? command.gid;
  }
}

function idOf(value: Value | undefined): number | undefined {
  const id = numberOf(value);
  return id === undefined || id < 0 ? undefined : id;
}
