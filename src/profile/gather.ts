import type { LineTally, Syscall, TraceEvent } from '../trace/event.ts';
import { births, sharingOf } from './calls/process-calls.ts';
import { meanings } from './calls/registry.ts';
import { Observation } from './observation.ts';
import type { Act, Profile } from './profile.ts';
import { Recorder } from './recorder.ts';
import type { Inherited } from './task.ts';
import { TaskTable } from './task-table.ts';

/** What is known about a trace beside its lines. */
export interface TraceContext {
  /** The name by which evidence calls the log. */
  source: string;
  how: 'traced' | 'attached' | 'log';
  /** systemd's word for the machine (`x86-64`); empty where nobody knows. */
  architecture: string;
  /** What a task had before its first line; undefined where that is unknown. */
  inherited(pid: number): Inherited | undefined;
}

export interface LiveCounts {
  processes: number;
  calls: number;
  differentCalls: number;
  paths: number;
  sockets: number;
}

/** Takes a log's events one by one and makes a `Profile` of them. Memory grows with what is different, not with the lines. */
export class Gatherer {
  readonly #recorder: Recorder;
  readonly #tasks: TaskTable;
  readonly #observation: Observation;
  readonly #context: TraceContext;
  /** The line of each first half that was counted already, by pid. */
  readonly #counted = new Map<number, number>();

  constructor(context: TraceContext) {
    this.#context = context;
    this.#recorder = new Recorder(context.source);
    this.#tasks = new TaskTable(context.inherited);
    this.#observation = new Observation(this.#recorder, this.#tasks);
  }

  /** `file` is where the event's line numbers count; the log itself unless it has several files. */
  event(event: TraceEvent, file = this.#context.source): void {
    this.#recorder.source = file;
    switch (event.kind) {
      case 'call': {
        if (!this.#wasCounted(event)) this.#recorder.called(event.name, event.line);
        const task = this.#tasks.get(event.pid);
        if (task.abi !== undefined) this.#recorder.abi(task.abi, event);
        meanings.get(event.name)?.(event, task, this.#observation);
        return;
      }
      case 'unfinished': {
        // Counted here: a call that the daemon waits in when the trace ends has no second half.
        this.#recorder.called(event.name, event.line);
        this.#counted.set(event.pid, event.line);
        const task = this.#tasks.get(event.pid);
        if (births.has(event.name)) this.#tasks.birthBegins(task, sharingOf(event.name, event.args));
        return;
      }
      case 'exit':
        this.#counted.delete(event.pid);
        if (event.supersededBy === undefined) this.#tasks.end(event.pid);
        else this.#tasks.superseded(event.pid, event.supersededBy);
        return;
      case 'notice':
        if (event.about === 'personality') {
          this.#tasks.get(event.pid).abi = event.text === '64 bit' ? undefined : event.text;
        }
        return;
      case 'signal':
        this.#tasks.get(event.pid);
    }
  }

  /** What a process that is attached to had done before: `witness` says where that stands, `/proc/12/exe`. */
  before(witness: string, path: string, act: Act): void {
    if (act === 'execute' && this.#recorder.program === '') this.#recorder.program = path;
    this.#recorder.did(path, act, { name: witness, line: 0 });
  }

  /** execve in a thread begins under the thread's number and ends under its leader's: then the line alone tells. */
  #wasCounted(call: Syscall): boolean {
    if (call.line === call.endLine) return false;
    for (const pid of this.#counted.get(call.pid) === call.line ? [call.pid] : this.#counted.keys()) {
      if (this.#counted.get(pid) !== call.line) continue;
      this.#counted.delete(pid);
      return true;
    }
    return false;
  }

  counts(): LiveCounts {
    return { processes: this.#tasks.processes, ...this.#recorder.counts() };
  }

  /** Closes the log. `tally` is the reader's count of lines. */
  finish(tally: LineTally): Profile {
    if (this.#tasks.strangers > 0 && this.#context.how === 'log') {
      this.#recorder.limit(
        'Some processes began before the log did: what they had open, and where they stood, is not known.',
      );
    }
    return this.#recorder.profile(this.#context.how, this.#context.architecture, tally);
  }
}
