/**
 * strace's own messages: `strace: Process 9 attached`, before 4.11 without the name in front.
 * https://github.com/strace/strace/blob/master/src/strace.c (droptcb, startup_attach, maybe_allocate_tcb)
 */

export interface StraceMessage {
  about: 'attached' | 'detached' | 'personality' | 'other';
  /** The process that it is about; 0 where it names none. */
  pid: number;
  /** `32 bit` for a personality, else the message without the name of the program. */
  text: string;
  /** Where the message begins in the text that was searched. */
  at: number;
}

/** How strace was called may be any path; it almost always has this in its last part. */
const usualName = 'strace';
const longestMessage = 400;

const processMessage = /Process (\d{1,7}) (attached|detached)(?: with \d{1,7} threads?)?$/;
const personality = /\[ Process PID=(\d{1,7}) runs in (\w+(?: bit)?) mode\. \]$/;

/** A line that is a message and nothing else, undefined for any other. `name` is how strace called itself before, if known. */
export function wholeMessage(line: string, name: string | undefined): StraceMessage | undefined {
  const known = trailingMessage(line, name);
  if (known?.at === 0) return known;
  const colon = line.indexOf(': ');
  if (colon <= 0 || colon > 200) return undefined;
  const program = line.slice(0, colon);
  if (/\s|\(/.test(program)) return undefined;
  if (program !== name && !program.slice(program.lastIndexOf('/') + 1).includes(usualName)) return undefined;
  return { about: 'other', pid: 0, text: line.slice(colon + 2), at: 0 };
}

/** A message at the end of a line, as it cuts a call in two on a terminal: `vfork(strace: Process 9 attached`. */
export function trailingMessage(line: string, name: string | undefined): StraceMessage | undefined {
  const last = line.charCodeAt(line.length - 1);
  // `…attached`, `…detached`, `…threads`, `… mode. ]`: most lines end here.
  if (last !== 100 && last !== 115 && last !== 93) return undefined;
  const from = Math.max(0, line.length - longestMessage);
  const tail = line.slice(from);
  const process = processMessage.exec(tail);
  const found = process ?? personality.exec(tail);
  if (found === null) return undefined;
  const at = from + beginOf(tail, found.index, name);
  const pid = Number(found[1]);
  if (process === null) return { about: 'personality', pid, text: found[2] ?? '', at };
  return { about: found[2] === 'attached' ? 'attached' : 'detached', pid, text: found[0], at };
}

/** Goes left from the text over `: ` and the name of strace; stays where no name stands. */
function beginOf(tail: string, message: number, name: string | undefined): number {
  if (!tail.startsWith(': ', message - 2)) return message;
  const end = message - 2;
  if (name !== undefined && tail.endsWith(name, end)) return end - name.length;
  let begin = tail.lastIndexOf('/', end);
  begin = Math.max(begin + 1, tail.lastIndexOf(usualName, end));
  if (begin < 0 || !/^\S*$/.test(tail.slice(begin, end))) return message;
  if (tail.charCodeAt(begin - 1) !== 47) return begin;
  // A path in front: to its first slash, and the dots of `./` or `../`.
  while (begin > 0 && /[\w./+-]/.test(tail.charAt(begin - 1))) begin--;
  const slash = tail.indexOf('/', begin);
  begin = slash;
  while (begin > 0 && slash - begin < 2 && tail.charAt(begin - 1) === '.') begin--;
  return begin;
}

/** The name under which strace speaks, from a message that is a whole line. */
export function messageName(line: string): string | undefined {
  const colon = line.indexOf(': ');
  if (colon <= 0 || colon > 200) return undefined;
  const name = line.slice(0, colon);
  return /\s/.test(name) ? undefined : name;
}
