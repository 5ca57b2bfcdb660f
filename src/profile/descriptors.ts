/**
 * The descriptor table of a process: which number stands for which open file.
 * https://man7.org/linux/man-pages/man2/clone.2.html (CLONE_FILES), https://man7.org/linux/man-pages/man2/execve.2.html
 *
 * A number that the table doesn't hold was opened before the log began, or came in a way that the log doesn't tell: unknown.
 */

/** An open file description, as far as a profile needs it: dup, fork and SCM_RIGHTS share one. */
export interface OpenFile {
  /** Path text, where it has one: a pipe, a socket, a memory file has none. */
  path: string | undefined;
  /** Opened, or used, as a directory: a rename above it changes what its relative paths mean. */
  isDirectory: boolean;
  /** What socketpair gave for the other end. */
  peer: OpenFile | undefined;
  /** Descriptors that were sent to this end of a pair and not received yet, message by message. */
  inbox: (OpenFile | undefined)[][];
  /** The process that a pidfd stands for. */
  process: number | undefined;
  /** The protocol of a netlink socket: `NETLINK_ROUTE`. */
  netlink: string | undefined;
}

const noMessages: (OpenFile | undefined)[][] = [];

export function openedFile(path: string | undefined, isDirectory = false): OpenFile {
  return { path, isDirectory, peer: undefined, inbox: noMessages, process: undefined, netlink: undefined };
}

/** Both ends of socketpair(2). */
export function openedPair(): [OpenFile, OpenFile] {
  const first: OpenFile = { ...openedFile(undefined), inbox: [] };
  const second: OpenFile = { ...openedFile(undefined), inbox: [], peer: first };
  first.peer = second;
  return [first, second];
}

/** A socket over which the kernel is asked things. */
export function openedNetlink(protocol: string): OpenFile {
  return { ...openedFile(undefined), netlink: protocol };
}

export function openedProcess(process: number): OpenFile {
  return { ...openedFile(undefined), process };
}

interface Descriptor {
  file: OpenFile;
  closeOnExec: boolean;
}

export class DescriptorTable {
  readonly #descriptors = new Map<number, Descriptor>();
  /** Numbers that meant different files at times, once the order of who used them when is not known. */
  #ambiguous: Set<number> | undefined;

  get(fd: number): OpenFile | undefined {
    if (this.#ambiguous?.has(fd)) return undefined;
    return this.#descriptors.get(fd)?.file;
  }

  open(fd: number, file: OpenFile, closeOnExec: boolean): void {
    if (this.#ambiguous !== undefined) {
      const before = this.#descriptors.get(fd)?.file;
      if (before !== undefined && before.path !== file.path) this.#ambiguous.add(fd);
    }
    this.#descriptors.set(fd, { file, closeOnExec });
  }

  close(fd: number): void {
    // Without an order a close may come after the uses that other threads make of the number.
    if (this.#ambiguous === undefined) this.#descriptors.delete(fd);
  }

  /** close_range(2): both ends are included. */
  closeRange(first: number, last: number): void {
    for (const fd of this.#descriptors.keys()) if (fd >= first && fd <= last) this.close(fd);
  }

  setCloseOnExec(fd: number, closeOnExec: boolean, last = fd): void {
    if (fd === last) {
      const descriptor = this.#descriptors.get(fd);
      if (descriptor !== undefined) descriptor.closeOnExec = closeOnExec;
      return;
    }
    for (const [number, descriptor] of this.#descriptors) {
      if (number >= fd && number <= last) descriptor.closeOnExec = closeOnExec;
    }
  }

  files(): Iterable<OpenFile> {
    return filesOf(this.#descriptors);
  }

  /** From now on several threads use the table, and the log doesn't tell in which order (`-ff` writes a file for each). */
  loseOrder(): void {
    this.#ambiguous ??= new Set();
  }

  /** A copy, as fork makes it: the same open files under the same numbers. */
  copy(): DescriptorTable {
    return this.#copyWhere(() => true);
  }

  /** What is left after execve: a table of its own without what was marked close-on-exec. */
  afterExec(): DescriptorTable {
    return this.#copyWhere((descriptor) => !descriptor.closeOnExec);
  }

  #copyWhere(stays: (descriptor: Descriptor) => boolean): DescriptorTable {
    const copy = new DescriptorTable();
    for (const [fd, descriptor] of this.#descriptors) {
      if (stays(descriptor) && !this.#ambiguous?.has(fd)) copy.#descriptors.set(fd, { ...descriptor });
    }
    return copy;
  }
}

function* filesOf(descriptors: ReadonlyMap<number, Descriptor>): Generator<OpenFile> {
  for (const { file } of descriptors.values()) yield file;
}
