import { textOfBytes } from '../paths/byte-text.ts';
import type { ToldCall } from '../trace/told-call.ts';
import { stringBytes } from '../trace/values.ts';
import { meanings } from './calls/registry.ts';
import { allCapabilities, type Capabilities } from './capabilities.ts';
import { shownCredentials } from './credentials.ts';
import type { Observation } from './observation.ts';
import type { Evidence } from './profile.ts';
import { firstTask, type Task } from './task.ts';

/** The name by which evidence calls what no line shows, because the kernel itself told it. */
export const toldBy = 'the kernel';

/**
 * Calls that the kernel told of, each different one once, and how often each was made: they mean what the same calls mean on a line of
 * a log. What a task needs to be known for stands in what was told: where its paths begin, and as whom it acts.
 */
export class ToldCalls {
  readonly #observation: Observation;
  /** What a process holds that holds everything here. */
  readonly #whole: Capabilities;
  readonly #evidence = new Map<string, readonly Evidence[]>();
  /** Names of processes can be told apart only once all are known that were traced. */
  readonly #later: ToldCall[] = [];

  constructor(observation: Observation, whole: Capabilities) {
    this.#observation = observation;
    this.#whole = whole;
  }

  take(told: ToldCall): void {
    if (told.call.args.some((value) => stringBytes(value)?.startsWith('/proc/') === true))
      this.#later.push(told);
    else this.#mean(told);
  }

  /** Nothing more comes but counts. */
  end(): void {
    for (const told of this.#later.splice(0)) this.#mean(told);
  }

  /** The call was made so often in these words, the time that was told included. */
  counted(key: string, times: number): void {
    for (const evidence of this.#evidence.get(key) ?? []) evidence.count += times - 1;
  }

  #mean(told: ToldCall): void {
    const { recorder } = this.#observation;
    if (told.isElsewhere) {
      recorder.limit(
        'Something ran in a file tree of its own: the kernel does not tell what its paths are outside, so they are not in the profile (--observer strace shows them as that process named them).',
      );
      return;
    }
    const source = recorder.source;
    recorder.source = toldBy;
    recorder.listen();
    meanings.get(told.call.name)?.(told.call, this.#taskOf(told), this.#observation);
    const { evidence } = recorder.heard();
    recorder.source = source;
    const before = this.#evidence.get(told.key) ?? [];
    this.#evidence.set(told.key, [...new Set([...before, ...evidence])]);
  }

  #taskOf({ call, directory, root, user, capabilities, isNamespaced }: ToldCall): Task {
    const place = textOfBytes(directory === '' ? '/' : directory);
    const isAbsolute = call.args.some((value) => stringBytes(value)?.startsWith('/') === true);
    const inherited = {
      current: isAbsolute ? undefined : place,
      root: isAbsolute ? place : textOfBytes(root),
      descriptors: new Map<number, string>(),
    };
    const credentials = shownCredentials(user, this.#likeElsewhere(capabilities), isNamespaced);
    return firstTask(call.pid, inherited, { isOwn: false }, credentials);
  }

  /** Some capabilities nobody has here, in a container for instance: on another machine who has nearly all has them too. */
  #likeElsewhere(held: Capabilities): Capabilities {
    const missing = allCapabilities & ~this.#whole;
    return sizeOf(held) * 2 > sizeOf(this.#whole) ? held | missing : held;
  }
}

function sizeOf(set: Capabilities): number {
  return set.toString(2).replaceAll('0', '').length;
}
