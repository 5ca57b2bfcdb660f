import { textOfBytes } from '../paths/byte-text.ts';
import type { Syscall, Value } from '../trace/event.ts';
import { fdNumber, fdPath, stringBytes } from '../trace/values.ts';
import { succeeded } from './calls/meaning.ts';
import type { OpenFile } from './descriptors.ts';
import { absolutePath } from './path-name.ts';
import type { Act } from './profile.ts';
import type { Recorder } from './recorder.ts';
import type { Task } from './task.ts';
import type { TaskTable } from './task-table.ts';

/** https://man7.org/linux/man-pages/man2/open.2.html: the working directory in place of a descriptor. */
const atCurrentDirectory = -100;

/** What the meaning of a call works on: the tasks, the facts so far, and the way from an argument to a path. */
export class Observation {
  readonly recorder: Recorder;
  readonly tasks: TaskTable;

  constructor(recorder: Recorder, tasks: TaskTable) {
    this.recorder = recorder;
    this.tasks = tasks;
  }

  /**
   * The path that an argument names, as path text; `at` is the directory argument of the `…at` calls. Undefined where the
   * argument is no string (NULL, an address of a call that failed) or where a relative path can't be placed: that is recorded.
   */
  named(call: Syscall, task: Task, path: Value | undefined, at?: Value): string | undefined {
    const bytes = path === undefined ? undefined : stringBytes(path);
    if (bytes === undefined) return undefined;
    const from = bytes.startsWith('/') ? undefined : this.#start(task, at);
    const absolute = absolutePath(bytes, from, task.directories);
    if (absolute === undefined && succeeded(call) && call.result.info?.startsWith('/')) {
      return textOfBytes(call.result.info);
    }
    if (absolute === undefined && bytes !== '') {
      this.recorder.unresolved(textOfBytes(bytes), call);
    }
    return absolute;
  }

  /** The open file behind a descriptor argument: from the table, else from strace's annotation (`-y`). */
  openFile(task: Task, value: Value | undefined): OpenFile | undefined {
    if (value === undefined) return undefined;
    const fd = fdNumber(value);
    const known = fd === undefined ? undefined : task.descriptors.get(fd);
    if (known !== undefined) return known;
    const annotated = fdPath(value);
    return annotated === undefined ? undefined : { path: textOfBytes(annotated), family: undefined };
  }

  /** Files that a call did something to a path: as done, or as tried where it failed. */
  act(call: Syscall, task: Task, path: string | undefined, act: Act): void {
    if (path === undefined) return;
    if (succeeded(call)) this.recorder.did(this.#ownName(task, path), act, call);
    else if (call.result.errno !== undefined && !call.result.errno.startsWith('ERESTART'))
      this.recorder.failed(this.#ownName(task, path), act, call.result.errno, call);
  }

  /** Where a relative path starts: the working directory, or the directory behind `at`. */
  #start(task: Task, at: Value | undefined): string | undefined {
    if (at === undefined || fdNumber(at) === atCurrentDirectory) {
      const annotated = at === undefined ? undefined : fdPath(at);
      task.directories.current ??= annotated === undefined ? undefined : textOfBytes(annotated);
      return task.directories.current;
    }
    return this.openFile(task, at)?.path;
  }

  /**
   * Process numbers differ in each run: the task's own directory in /proc is `/proc/self`, that of another traced process
   * `/proc/[traced]`. Other numbers stay: they are processes that were there before.
   * https://man7.org/linux/man-pages/man5/proc.5.html
   */
  #ownName(task: Task, path: string): string {
    const numbered = /^\/proc\/(\d+)(?=\/|$)/.exec(path);
    if (numbered === null) return path;
    const pid = Number(numbered[1]);
    const rest = path.slice(numbered[0].length).replace(/^\/task\/\d+(?=\/|$)/, '/task/[thread]');
    if (pid === task.process || pid === task.pid) return `/proc/self${rest}`;
    return this.tasks.has(pid) ? `/proc/[traced]${rest}` : path;
  }
}
