/**
 * The descriptor table of a process: which number stands for which open file.
 * https://man7.org/linux/man-pages/man2/clone.2.html (CLONE_FILES), https://man7.org/linux/man-pages/man2/execve.2.html
 */

/** An open file, as far as a profile needs it. */
export interface OpenFile {
  /** Path text, where it has one. */
  path: string | undefined;
  /** `AF_INET` and its kin, for a socket. */
  family: string | undefined;
}

interface Descriptor {
  file: OpenFile;
  closeOnExec: boolean;
}

export class DescriptorTable {
  readonly #descriptors = new Map<number, Descriptor>();

  get(fd: number): OpenFile | undefined {
    return this.#descriptors.get(fd)?.file;
  }

  open(fd: number, file: OpenFile, closeOnExec: boolean): void {
    this.#descriptors.set(fd, { file, closeOnExec });
  }

  close(fd: number): void {
    this.#descriptors.delete(fd);
  }

  /** close_range(2): both ends are included. */
  closeRange(first: number, last: number): void {
    for (const fd of this.#descriptors.keys()) if (fd >= first && fd <= last) this.#descriptors.delete(fd);
  }

  setCloseOnExec(fd: number, closeOnExec: boolean, last = fd): void {
    for (const [number, descriptor] of this.#descriptors) {
      if (number >= fd && number <= last) descriptor.closeOnExec = closeOnExec;
    }
  }

  /** A copy, as fork makes it: the same open files under the same numbers. */
  copy(): DescriptorTable {
    const copy = new DescriptorTable();
    for (const [fd, descriptor] of this.#descriptors) copy.#descriptors.set(fd, { ...descriptor });
    return copy;
  }

  /** What is left after execve: a table of its own without what was marked close-on-exec. */
  afterExec(): DescriptorTable {
    const rest = new DescriptorTable();
    for (const [fd, descriptor] of this.#descriptors) {
      if (!descriptor.closeOnExec) rest.#descriptors.set(fd, { ...descriptor });
    }
    return rest;
  }
}
