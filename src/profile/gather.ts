import type { LineTally, Syscall, TraceEvent } from '../trace/event.ts';
import type { Skimming } from '../trace/skimming.ts';
import type { ToldCall } from '../trace/told-call.ts';
import type { Act } from './acts.ts';
import { sendingBegins } from './calls/descriptor-passing.ts';
import { births, sharingOf } from './calls/process-calls.ts';
import { byWords, gists, givesDescriptors, meanings } from './calls/registry.ts';
import { allCapabilities } from './capabilities.ts';
import { Observation } from './observation.ts';
import type { Profile } from './profile.ts';
import { Recorder } from './recorder.ts';
import { Repeats } from './repeats.ts';
import { StartedAs } from './started-as.ts';
import type { Inherited, Task } from './task.ts';
import { TaskTable } from './task-table.ts';
import { ToldCalls, toldBy } from './told-calls.ts';
import { WaitingEvents } from './waiting-events.ts';

/** What is known about a trace beside its lines. */
export interface TraceContext {
  /** The name by which evidence calls the log. */
  source: string;
  how: 'traced' | 'attached' | 'log';
  /** systemd's word for the machine (`x86-64`); empty where nobody knows. */
  architecture: string;
  /** The user id under which the trace began; 0 where nobody says otherwise. */
  uid?: number | undefined;
  /** The group id likewise. */
  gid?: number | undefined;
  /** Calls that were not watched: none where left out. */
  unwatched?: readonly string[] | undefined;
  /** The capabilities of somebody who has all that can be had here, as bits: for what the kernel tells. */
  wholeCapabilities?: bigint | undefined;
  /** For a set of files without an order: whether others move the working directory of a task, see `SharedMoves`. */
  movesUnordered?: ((pid: number) => boolean) | undefined;
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

/**
 * Numbers of exit_group on x86-64, on architectures with the generic table, x86, arm and s390x, powerpc. strace 5.3 to 6.6 shows
 * them as the result of the last call of a thread that its group's exit ends.
 */
const exitGroupNumbers: ReadonlySet<number> = new Set([231, 94, 252, 248, 234]);

/** Calls whose first half says that their task is about to end. */
const leaving: ReadonlySet<string> = new Set(['exit', 'exit_group']);

/** Takes a log's events one by one and makes a `Profile` of them. Memory grows with what is different, not with the lines. */
export class Gatherer {
  readonly #recorder: Recorder;
  readonly #tasks: TaskTable;
  readonly #observation: Observation;
  readonly #context: TraceContext;
  readonly #started: StartedAs;
  /** The line of each first half that was counted already, by pid. */
  readonly #counted = new Map<number, number>();
  /** Events of tasks of which it is not known yet whose children they are. */
  readonly #waiting = new WaitingEvents();
  /** Last calls whose results may be none, by pid. */
  readonly #doubtful = new Map<number, { call: Syscall; file: string }>();
  readonly #unwatched = new Set<string>();
  readonly #told: ToldCalls;
  readonly #repeats = new Repeats();
  #mark = 0;
  /** The file in which the log begins; undefined before it does. */
  #began: string | undefined;

  constructor(context: TraceContext) {
    this.#context = context;
    this.#recorder = new Recorder(context.source);
    this.#started = new StartedAs(context.uid, context.gid);
    this.#tasks = new TaskTable(context.inherited, context.uid ?? 0);
    this.#observation = new Observation(this.#recorder, this.#tasks, context.movesUnordered ?? (() => false));
    this.#leaveOut(context.unwatched ?? []);
    this.#told = new ToldCalls(this.#observation, context.wholeCapabilities ?? allCapabilities);
  }

  /** `file` is where the event's line numbers count; the log itself unless it has several files. */
  event(event: TraceEvent, file = this.#context.source): void {
    this.#mark = 0;
    if (event.kind === 'notice' && event.about === 'unwatched') this.#leaveOut(event.text.split(' '));
    if (this.#tasks.isEmpty) this.#begin(event, file);
    if (this.#doubtful.size > 0) this.#settleDoubts(event);
    if (this.#waiting.isEmpty) this.#take(event, file);
    else this.#takeInTurn(event, file);
  }

  /** How the lines of a file may be read faster: with it the profile is the same as without. */
  skimming(file = this.#context.source): Skimming {
    const gatherer = this;
    return {
      speaks: (name) => meanings.has(name) || StartedAs.listensTo(name) || leaving.has(name),
      gistOf: (name) => gists.get(name),
      isSettled: (pid) => this.#settledTask(pid) !== undefined,
      counted: (name, times, firstLine) => {
        this.#recorder.source = file;
        this.#recorder.called(name, firstLine, times);
      },
      get mark() {
        return gatherer.#mark;
      },
      again: (mark, pid) => {
        const task = this.#tasks.known(pid);
        return task !== undefined && this.#repeats.again(mark, task, this.#observation);
      },
    };
  }

  /** The task, if its next line can only tell what it does, and not who it is. */
  #settledTask(pid: number): Task | undefined {
    if (this.#doubtful.size > 0 || !this.#waiting.isEmpty) return undefined;
    const task = this.#tasks.known(pid);
    const isSettled =
      task?.hasLine === true &&
      !task.isLeaving &&
      task.abi === undefined &&
      task.directories.unseen.size === 0;
    return isSettled ? task : undefined;
  }

  /** A call of which the kernel told, and no line. */
  told(call: ToldCall): void {
    this.#told.take(call);
  }

  /** How often calls were made of which the kernel told, by their keys. */
  toldTimes(times: Iterable<readonly [key: string, times: number]>): void {
    this.#told.end();
    for (const [key, count] of times) this.#told.counted(key, count);
  }

  /** How often each call was made, counted by the kernel: then it is known of each whether it was made at all. */
  toldCounts(counts: Iterable<readonly [name: string, times: number]>): void {
    this.#recorder.source = toldBy;
    for (const [name, times] of counts) this.#recorder.countedInAll(name, times);
    this.#unwatched.clear();
  }

  /** What a process had done before the log began: `witness` says where that stands, `/proc/12/exe`. */
  before(witness: string, path: string, act: Act): void {
    if (act === 'execute' && this.#recorder.program === '') this.#recorder.program = path;
    this.#recorder.did(path, act, { name: witness, line: 0 }, undefined);
  }

  /** The first program that was started, as path text; empty as long as none was. */
  get program(): string {
    return this.#recorder.program;
  }

  counts(): LiveCounts {
    return { processes: this.#tasks.processes, ...this.#recorder.counts() };
  }

  /** Closes the log. `tally` is the reader's count of lines. */
  finish(tally: LineTally): Profile {
    for (const pid of this.#waiting.pids()) this.#guess(pid);
    if (this.#tasks.strangers > 0 && this.#context.how === 'log') {
      this.#recorder.limit(
        'Some processes began before the log did: what they had open, and where they stood, is not known.',
      );
    }
    for (const task of this.#tasks.all()) {
      if (task.hasLine) continue;
      this.#recorder.limit(
        'Some processes or threads that were started have no line in the log: what they did is not in the profile (strace -f follows them).',
      );
      break;
    }
    const profile = this.#recorder.profile(this.#context.how, this.#context.architecture, tally);
    profile.unwatched = [...this.#unwatched].sort();
    for (const source of profile.sources) Object.assign(source, this.#started.ids);
    return profile;
  }

  /** No task lives: the log begins, or a run begins that was appended to another (-A). */
  #begin(event: TraceEvent, file: string): void {
    const isCall = event.kind === 'call' || event.kind === 'unfinished';
    // What strace says of itself may come before the first call, and what ends after all have ended begins nothing.
    if (!isCall && (event.kind === 'notice' || this.#began !== undefined)) return;
    this.#observation.isOrdered = file === this.#context.source;
    const starts = isCall && event.name.startsWith('execve');
    if (!starts && this.#context.how === 'log') this.#tasks.strangers++;
    // With -ff a child's file may begin so, too: a run is appended where the one before it began.
    this.#began ??= file;
    if (starts && file === this.#began) this.#tasks.beginAnew();
  }

  #take(event: TraceEvent, file: string): void {
    const ended = endsSomething(event) ? this.#tasks.known(event.pid) : undefined;
    const task = ended ?? (event.kind === 'exit' ? undefined : this.#tasks.get(event.pid));
    if (task !== undefined) this.#process(event, task, file);
    else if (event.kind === 'exit') this.#counted.delete(event.pid);
    else this.#waiting.add(event, file);
  }

  #process(event: TraceEvent, task: Task, file: string): void {
    this.#recorder.source = file;
    task.hasLine = true;
    if (task.directories.unseen.size > 0) task.directories.unseen.delete(task.pid);
    switch (event.kind) {
      case 'call':
        this.#call(event, task, file);
        return;
      case 'unfinished':
        // Counted here: a call that the daemon waits in when the trace ends has no second half.
        this.#recorder.called(event.name, event.line);
        this.#counted.set(event.pid, event.line);
        if (births.has(event.name)) {
          const sharing = sharingOf(event.name, event.args);
          this.#observation.shares(task, sharing, undefined);
          this.#tasks.birthBegins(task, sharing);
        } else if (event.name === 'sendmsg') sendingBegins(event, task, this.#observation);
        else this.#leaves(event.name, task);
        return;
      case 'exit':
        this.#counted.delete(event.pid);
        if (event.supersededBy === undefined) this.#tasks.end(event.pid);
        else this.#tasks.superseded(event.pid, event.supersededBy);
        return;
      case 'notice':
        if (event.about === 'personality') task.abi = event.text === '64 bit' ? undefined : event.text;
    }
  }

  /** Numbers of descriptors mean nothing for long where not every call is seen that gives one, or takes it back. */
  #leaveOut(calls: readonly string[]): void {
    for (const name of calls) this.#unwatched.add(name);
    if (calls.some((name) => givesDescriptors.has(name))) this.#observation.followsDescriptors = false;
  }

  #call(call: Syscall, task: Task, file: string): void {
    const isWhole = call.line === call.endLine;
    const called =
      isWhole || !this.#wasCounted(call) ? this.#recorder.called(call.name, call.line) : undefined;
    if (task.abi !== undefined) this.#recorder.abi(task.abi, call);
    if (task.order === 0) this.#started.sees(call);
    const meaning = meanings.get(call.name);
    if (meaning === undefined) {
      if (call.result.text === '?') this.#leaves(call.name, task);
      return;
    }
    const { number } = call.result;
    if (number !== undefined && exitGroupNumbers.has(number) && !births.has(call.name)) {
      this.#doubtful.set(call.pid, { call, file });
      return;
    }
    const actor = this.#tasks.known(call.pid) ?? task;
    if (!isWhole || called === undefined || !byWords.has(call.name)) {
      meaning(call, actor, this.#observation);
      return;
    }
    this.#recorder.listen();
    this.#observation.begin();
    meaning(call, actor, this.#observation);
    const { evidence, isNews } = this.#recorder.heard();
    if (!isNews && this.#observation.isByWordsAlone)
      this.#mark = this.#repeats.keep(called, evidence, actor, this.#observation);
  }

  /** exit ends a thread, exit_group each thread of its process. */
  #leaves(name: string, task: Task): void {
    if (name === 'exit') this.#tasks.leaves(task);
    if (name !== 'exit_group') return;
    // In a set of files the lines of siblings come later, though they were written before.
    if (this.#observation.isOrdered) this.#tasks.leavesWithThreads(task);
    else this.#tasks.leaves(task);
  }

  /**
   * A second half, or a whole that was counted when it began. execve in a thread begins under the thread's number and ends under
   * its leader's: then the line alone tells, and where the log doesn't say so (-qqq), who took over.
   */
  #wasCounted(call: Syscall): boolean {
    if (this.#counted.get(call.pid) === call.line) return this.#counted.delete(call.pid);
    for (const [pid, line] of this.#counted) {
      if (line !== call.line) continue;
      this.#counted.delete(pid);
      if (pid !== call.pid && this.#tasks.known(pid) !== undefined) this.#tasks.superseded(call.pid, pid);
      return true;
    }
    return false;
  }

  /** What a thread does next tells whether its doubtful call was its last; so does a sibling that goes on. */
  #settleDoubts(event: TraceEvent): void {
    for (const [pid, { call, file }] of this.#doubtful) {
      if (event.pid === pid) {
        this.#doubtful.delete(pid);
        if (event.kind === 'exit') continue;
      } else if (event.kind !== 'call' || event.result.text === '?' || !this.#areSiblings(pid, event.pid))
        continue;
      this.#doubtful.delete(pid);
      const task = this.#tasks.known(pid);
      if (task === undefined) continue;
      this.#recorder.source = file;
      meanings.get(call.name)?.(call, task, this.#observation);
    }
  }

  #areSiblings(one: number, other: number): boolean {
    const process = this.#tasks.known(one)?.process;
    return process !== undefined && process === this.#tasks.known(other)?.process;
  }

  /** While some events wait, those of other tasks go on, and may tell whose children the waiting are. */
  #takeInTurn(event: TraceEvent, file: string): void {
    if (this.#waiting.has(event.pid)) {
      this.#waiting.add(event, file);
      if (this.#waiting.isFull) for (const pid of this.#waiting.pids()) this.#guess(pid);
      return;
    }
    this.#take(event, file);
    if (event.kind !== 'call' || !births.has(event.name)) return;
    for (const pid of this.#waiting.pids()) {
      const task = this.#tasks.get(pid);
      if (task !== undefined) this.#replay(pid);
    }
  }

  #guess(pid: number): void {
    this.#tasks.guess(pid);
    this.#recorder.limit(
      'Processes were started by several others at once, and the log does not tell which is whose child: what they had open is a guess.',
    );
    this.#replay(pid);
  }

  #replay(pid: number): void {
    for (const { event, file } of this.#waiting.take(pid)) this.event(event, file);
  }
}

/** The end of a task, or of a call that it was in: never the first that is heard of another of the same number. */
function endsSomething(event: TraceEvent): boolean {
  return event.kind === 'exit' || (event.kind === 'call' && event.result.text === '?');
}
