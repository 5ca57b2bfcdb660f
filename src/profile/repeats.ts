import type { Credentials } from './credentials.ts';
import type { Range } from './memory.ts';
import type { DescriptorChange, Observation } from './observation.ts';
import type { Evidence } from './profile.ts';
import type { Called } from './recorder.ts';
import type { Directories, Task } from './task.ts';

/** What a call did to the profile and to its task, as far as that depends on its words and on nothing but what is kept here. */
interface Repeat {
  called: Called;
  evidence: readonly Evidence[];
  descriptor: DescriptorChange | undefined;
  credentials: Credentials;
  directories: Directories;
  current: string | undefined;
  root: string | undefined;
  code: readonly Range[];
}

/** How many are kept: then all are forgotten, and learned again. */
const most = 65_536;

/** Calls that can be repeated without being read: the same task makes them in the same words. */
export class Repeats {
  #kept: Repeat[] = [];
  /** Marks of before the last forgetting are no marks any more. */
  #forgotten = 0;

  /** @returns the mark under which the call that `observation` has just been about can be repeated. */
  keep(called: Called, evidence: readonly Evidence[], task: Task, observation: Observation): number {
    if (this.#kept.length >= most) {
      this.#forgotten += this.#kept.length;
      this.#kept = [];
    }
    const { credentials, directories } = task;
    const { current, root } = directories;
    const { code } = task.memory;
    const descriptor = observation.descriptorChange;
    return (
      this.#forgotten +
      this.#kept.push({ called, evidence, descriptor, credentials, directories, current, root, code })
    );
  }

  /** False where the call means something else by now, or nobody knows it any more. */
  again(mark: number, task: Task, observation: Observation): boolean {
    const repeat = this.#kept[mark - this.#forgotten - 1];
    if (
      repeat === undefined ||
      repeat.credentials !== task.credentials ||
      repeat.directories !== task.directories ||
      repeat.current !== task.directories.current ||
      repeat.root !== task.directories.root ||
      repeat.code !== task.memory.code
    )
      return false;
    repeat.called.count++;
    observation.recorder.calls++;
    for (const evidence of repeat.evidence) evidence.count++;
    if (repeat.descriptor !== undefined) observation.changeDescriptor(task, repeat.descriptor);
    return true;
  }
}
