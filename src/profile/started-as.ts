import type { Syscall } from '../trace/event.ts';
import { succeeded } from './outcome.ts';

const user: ReadonlySet<string> = new Set(['geteuid', 'geteuid32']);
const group: ReadonlySet<string> = new Set(['getegid', 'getegid32']);
const changing = /^set(?:res|re|fs)?[ug]id(?:32)?$/;

/**
 * As whom the traced program was started: what is known beforehand, else what the kernel answers its first process before that
 * changes its ids or runs another program. https://man7.org/linux/man-pages/man7/credentials.7.html
 */
export class StartedAs {
  #uid: number | undefined;
  #gid: number | undefined;
  #programs = 0;
  #isOver = false;

  constructor(uid: number | undefined, gid: number | undefined) {
    this.#uid = uid;
    this.#gid = gid;
  }

  /** Whether calls of that name can tell. */
  static listensTo(name: string): boolean {
    return user.has(name) || group.has(name) || changing.test(name) || name.startsWith('execve');
  }

  /** A call of the first process. */
  sees(call: Syscall): void {
    if (this.#isOver || !succeeded(call)) return;
    if (user.has(call.name)) this.#uid ??= idOf(call);
    else if (group.has(call.name)) this.#gid ??= idOf(call);
    else if (changing.test(call.name)) this.#isOver = true;
    else if (call.name.startsWith('execve')) this.#isOver = ++this.#programs > 1;
  }

  /** What is not known is left out. */
  get ids(): { uid?: number; gid?: number } {
    return {
      ...(this.#uid === undefined ? {} : { uid: this.#uid }),
      ...(this.#gid === undefined ? {} : { gid: this.#gid }),
    };
  }
}

/** A log may hold any number; an id has 32 bits. */
function idOf({ result: { number } }: Syscall): number | undefined {
  return Number.isInteger(number) && Number(number) >= 0 && Number(number) < 2 ** 32 ? number : undefined;
}
