import { textOfBytes } from '../paths/byte-text.ts';
import type { FdValue, Syscall, Value } from '../trace/event.ts';
import { currentDirectory, fdNumber, stringBytes } from '../trace/values.ts';
import type { Act } from './acts.ts';
import { type OpenFile, openedFile, openedProcess } from './descriptors.ts';
import { failureOf, succeeded } from './outcome.ts';
import { absolutePath, movedPath } from './path-name.ts';
import { procLink, targetOf } from './proc-links.ts';
import type { Recorder } from './recorder.ts';
import type { Sharing, Task } from './task.ts';
import type { TaskTable } from './task-table.ts';

/** A number that a call gave to a file, or took from whatever had it (`path` is null). */
export interface DescriptorChange {
  fd: number;
  path: string | undefined | null;
  isDirectory: boolean;
  closeOnExec: boolean;
}

/** A System V object: who may do with it what he likes (its owner, and who made it), and its mode for others. */
export interface IpcObject {
  owners: readonly number[];
  mode: number;
}

/** What the meaning of a call works on: the tasks, the facts so far, and the way from an argument to a path. */
export class Observation {
  readonly recorder: Recorder;
  readonly tasks: TaskTable;
  /** False for a set of files of `-ff`: what one task did before another is not known then. */
  isOrdered = true;
  /** Whether every call is seen that changes what a descriptor's number stands for; else only annotations tell. */
  followsDescriptors = true;
  /**
   * Whether the call of the moment meant what it did because of its words, the directories and the credentials of its task alone: in
   * the same words it means the same again then, until one of these is another.
   */
  isByWordsAlone = true;
  /** System V objects, as far as the log tells whose they are. */
  readonly ipcObjects = new Map<string, IpcObject>();
  /** The protocols of netlink sockets by the inodes that `-y` shows. */
  readonly netlinkInodes = new Map<string, string>();
  /** Files that were seen to be immutable, or append-only. */
  readonly fixedFiles = new Set<string>();
  /** The descriptor that the call of the moment opened or closed. */
  descriptorChange: DescriptorChange | undefined;

  /** Whether somebody moves the working directory that a task shares, in a set of files: `SharedMoves`. */
  readonly movesUnordered: (pid: number) => boolean;

  constructor(recorder: Recorder, tasks: TaskTable, movesUnordered: (pid: number) => boolean) {
    this.movesUnordered = movesUnordered;
    this.recorder = recorder;
    this.tasks = tasks;
  }

  /** Another call is about to be given its meaning. */
  begin(): void {
    this.isByWordsAlone = true;
    this.descriptorChange = undefined;
  }

  /**
   * The name that an argument stands for, as path text; `at` is the directory argument of the `…at` calls. A link in /proc is
   * followed on the way, not at the end. Undefined where the argument is no string (NULL, an address), where the place has no
   * name (a memory file), or where a relative path can't be placed: that is recorded.
   */
  named(call: Syscall, task: Task, path: Value | undefined, at?: Value): string | undefined {
    const absolute = this.#absolute(call, task, path, at);
    if (absolute === undefined) return undefined;
    const link = procLink(absolute);
    return link === undefined || link.rest === '' ? absolute : this.#throughLink(absolute, task);
  }

  /** The same for calls that follow a link at the end of the path: `/proc/self/fd/3` is what descriptor 3 has open. */
  target(call: Syscall, task: Task, path: Value | undefined, at?: Value): string | undefined {
    const absolute = this.#absolute(call, task, path, at);
    if (absolute === undefined) return undefined;
    const link = this.followsDescriptors ? undefined : procLink(absolute);
    if (link === undefined || (typeof link.to !== 'number' && call.result.info === undefined))
      return this.#throughLink(absolute, task);
    if (call.result.info === undefined && succeeded(call))
      this.recorder.limit(
        'Some calls named a file by its descriptor (/proc/self/fd/3), and not every call that gives one was watched: what they touched is not in the profile (--exact tells).',
      );
    return pathOfResult(call);
  }

  /** The open file behind a link in /proc that an argument names; undefined for any other path. */
  linkedFile(task: Task, path: Value | undefined): OpenFile | undefined {
    const link = procLink(stringBytes(path) ?? '');
    this.isByWordsAlone &&= link === undefined;
    if (link === undefined || typeof link.to !== 'number' || link.rest !== '') return undefined;
    return this.followsDescriptors ? this.#ownerOf(link.pid, task)?.descriptors.get(link.to) : undefined;
  }

  /** A call of the task gave a number to a file, or freed it. */
  changeDescriptor(task: Task, change: DescriptorChange): void {
    this.descriptorChange = change;
    const { fd, path, isDirectory, closeOnExec } = change;
    if (path === null) task.descriptors.close(fd);
    else task.descriptors.open(fd, openedFile(path, isDirectory), closeOnExec);
  }

  /** The open file behind a descriptor argument: from the table, else from strace's annotation (`-y`). */
  openFile(task: Task, value: Value | undefined): OpenFile | undefined {
    this.isByWordsAlone = false;
    const fd = this.followsDescriptors ? fdNumber(value) : undefined;
    const known = fd === undefined ? undefined : task.descriptors.get(fd);
    if (known !== undefined) return known;
    return value?.kind === 'fd' ? annotatedFile(value) : undefined;
  }

  /** The path behind a descriptor argument. Where it should have one and nobody knows it, the profile says that. */
  openPath(call: Syscall, task: Task, value: Value | undefined): string | undefined {
    if (fdNumber(value) === currentDirectory) return this.#start(call, task, value);
    const file = this.openFile(task, value);
    if (file === undefined && succeeded(call)) {
      this.recorder.limit(
        'Some calls used descriptors that were opened before the log began, or in a way that it does not tell: what they did to files is not in the profile (strace -y would tell).',
      );
    }
    return file?.path;
  }

  /** Files that a call did something to a path: as done, or as tried where it failed. */
  act(call: Syscall, task: Task, path: string | undefined, act: Act): void {
    if (path === undefined) return;
    if (succeeded(call)) {
      this.recorder.did(this.ownName(task, path), act, call, task.credentials.label);
      return;
    }
    const errno = failureOf(call);
    if (errno !== undefined)
      this.recorder.failed(this.ownName(task, path), act, errno, call, task.credentials.label);
  }

  /** A task begins another that may share what it has open and where it stands. */
  shares(task: Task, sharing: Sharing, child: number | undefined): void {
    if (sharing.files && (sharing.isUnknown || !this.isOrdered)) task.descriptors.loseOrder();
    if (!sharing.directories) return;
    if (sharing.isUnknown || (!this.isOrdered && this.movesUnordered(task.pid))) this.#unsettle(task);
    // Lines without numbers: strace was told to write in one file what one process does, or the child shows up soon.
    if (task.pid === 0 && child !== undefined && this.tasks.known(child) === undefined)
      task.directories.unseen.add(child);
  }

  /** Somebody of whom it is not known with whom he shares moves: it may be anybody's working directory. */
  strangerMoves(task: Task): void {
    for (const other of this.tasks.all())
      if (other.order < task.order && !other.isStranger) this.#unsettle(other);
  }

  #unsettle(task: Task): void {
    task.directories.isUnsettled = true;
    task.directories.current = undefined;
    this.recorder.limit(
      'Threads changed their working directory, or may have, and the log does not tell when (-ff, or calls that it leaves out): relative paths could not be placed (strace -f -y with one file tells).',
    );
  }

  /** A directory that is open, or somebody's own, has another name after a rename. */
  renamed(from: string, to: string): void {
    for (const task of this.tasks.all()) {
      const { directories } = task;
      if (directories.current !== undefined)
        directories.current = movedPath(directories.current, from, to) ?? directories.current;
      if (directories.root !== undefined)
        directories.root = movedPath(directories.root, from, to) ?? directories.root;
      for (const file of task.descriptors.files()) {
        if (file.path === undefined || !(file.isDirectory || file.path === from)) continue;
        file.path = movedPath(file.path, from, to) ?? file.path;
      }
    }
  }

  /**
   * Process numbers differ in each run: the task's own directory in /proc is `/proc/self`, that of another traced process
   * `/proc/[traced]`. Other numbers stay: they are processes that were there before.
   * https://man7.org/linux/man-pages/man5/proc.5.html
   */
  ownName(task: Task, path: string): string {
    if (!path.startsWith('/proc/')) return path;
    const numbered = /^\/proc\/(?:(\d+)|(?:thread-)?self)(?=\/|$)/.exec(path);
    if (numbered === null) return path;
    const rest = path.slice(numbered[0].length).replace(/^\/task\/\d+(?=\/|$)/, '/task/[thread]');
    if (numbered[1] === undefined) return numbered[0] + rest;
    // Whose the number is may change.
    this.isByWordsAlone = false;
    const pid = Number(numbered[1]);
    if (!task.isNumberedApart && (pid === task.process || pid === task.pid)) return `/proc/self${rest}`;
    return task.isNumberedApart || this.tasks.wasTraced(pid) ? `/proc/[traced]${rest}` : path;
  }

  #absolute(call: Syscall, task: Task, path: Value | undefined, at: Value | undefined): string | undefined {
    const bytes = stringBytes(path);
    if (bytes === undefined) {
      if (path?.kind === 'text' && path.text !== 'NULL' && succeeded(call)) this.#unnamed();
      return undefined;
    }
    if (path?.kind === 'string' && path.cut) {
      this.#unnamed();
      return undefined;
    }
    const from = bytes.startsWith('/') ? undefined : this.#start(call, task, at);
    const absolute = absolutePath(bytes, from, task.directories.root);
    if (absolute === undefined && succeeded(call) && call.result.info?.startsWith('/')) {
      return textOfBytes(call.result.info);
    }
    // A descriptor that isn't open leads nowhere.
    if (absolute === undefined && bytes !== '' && call.result.errno !== 'EBADF') {
      this.recorder.unresolved(textOfBytes(bytes), call);
    }
    return absolute;
  }

  #unnamed(): void {
    this.recorder.limit(
      'Some calls show an address, or a part, in place of their path: what they touched is not in the profile.',
    );
  }

  #throughLink(path: string, task: Task): string | undefined {
    const link = procLink(path);
    if (link === undefined) return path;
    this.isByWordsAlone = false;
    const owner = this.#ownerOf(link.pid, task);
    const target = owner === undefined ? undefined : targetOf(link, owner);
    if (target === undefined) return path;
    if (target === null) return link.rest === '' ? undefined : path;
    return absolutePath(`${target}${link.rest}`, undefined, '/') ?? path;
  }

  #ownerOf(pid: number | undefined, task: Task): Task | undefined {
    if (pid === undefined) return task;
    return task.isNumberedApart || !this.isOrdered ? undefined : this.tasks.known(pid);
  }

  /** Where a relative path starts: the working directory, or the directory behind `at`. */
  #start(call: Syscall, task: Task, at: Value | undefined): string | undefined {
    if (at === undefined || fdNumber(at) === currentDirectory) {
      // Between threads whose order nobody knows, the annotation does.
      if (!this.isOrdered && at?.kind === 'fd') return annotatedFile(at).path;
      if (task.directories.unseen.size > 0) this.#unsettle(task);
      if (task.directories.current === undefined || task.directories.isUnsettled) this.isByWordsAlone = false;
      if (task.directories.isUnsettled && at?.kind === 'fd') return annotatedFile(at).path;
      if (task.directories.current === undefined && at?.kind === 'fd')
        task.directories.current = annotatedFile(at).path;
      return task.directories.current;
    }
    const file = this.openFile(task, at);
    if (file === undefined) return undefined;
    if (succeeded(call)) file.isDirectory = true;
    return file.path;
  }
}

/** What strace says that the call opened; a memory file has no path. */
function pathOfResult({ result: { info } }: Syscall): string | undefined {
  return info?.startsWith('/') && !info.startsWith('/memfd:') ? textOfBytes(info) : undefined;
}

/** A file without a name (a pipe, a memory file, a deleted one) has no path; a pidfd is `pid:12` under `-yy`. */
function annotatedFile({ info, deleted }: FdValue): OpenFile {
  const process = /^pid:(\d{1,7})(?:$|<)/.exec(info)?.[1];
  if (process !== undefined) return openedProcess(Number(process));
  return openedFile(info.startsWith('/') && !deleted ? textOfBytes(info) : undefined);
}
