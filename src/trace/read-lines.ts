import { CallRecord, SignalRecord, UnfinishedRecord } from './call-records.ts';
import { cleanLine, withoutForeignPrefix } from './clean-line.ts';
import type { LineClass, LineTally, Result, TraceEvent } from './event.ts';
import { emptyPrefix, prefixTime, readPrefix } from './line-prefix.ts';
import { lastClosing, resultAfter } from './parse-result.ts';
import { argumentsEnd } from './scan-arguments.ts';
import { messageName, type StraceMessage, trailingMessage, wholeMessage } from './strace-message.ts';
import { TraceeNumbers } from './tracee-numbers.ts';

export interface UnreadLine {
  line: number;
  /** The line, shortened. */
  text: string;
}

/** Takes the lines of one log one by one, and hands on what they say. Nothing that a line holds makes it throw. */
export interface TraceReader {
  /** A line without its newline, as a byte string. */
  line(text: string): void;
  /** The log is over: what is still open is settled. */
  end(): void;
  readonly tally: LineTally;
  /** The first few lines that look like strace's but could not be read. */
  readonly unread: UnreadLine[];
  readonly lines: number;
  /** The time on the first line that has one, in seconds (of the day, or since 1970). */
  readonly firstTime: number | undefined;
}

/**
 * A reader of one log. `pid` is the number of the lines that carry none: of a file of an `-ff` set, the end of its name.
 * Events come in the order of the lines, each as soon as it is known.
 */
export function readTrace(sink: (event: TraceEvent) => void, pid = 0): TraceReader {
  return new LineReader(sink, pid);
}

/** A call of which the end has not come: interrupted by another line, or (`SplitCall`) by text that is not a trace. */
interface OpenCall {
  pid: number;
  name: string;
  /** What stands behind `name(`. */
  text: string;
  line: number;
}

interface SplitCall extends OpenCall {
  class: LineClass;
  /** Lines since, for names that hold a newline. */
  rest: string;
  restLines: number;
}

const unreadKept = 10;
const unreadLength = 200;
const splitLines = 8;
const splitLength = 65536;

const unfinishedMark = ' <unfinished ...>';
const detachedMark = ' <detached ...>';
const pidChanged = / <pid changed to (\d{1,7}) \.\.\.>$/;
/** How a call goes on behind a message or output that cut it. */
const ownRest = /^(?: <(?:unfinished|detached) \.\.\.>$|\)|, |\]|\}| => )/;
const forks = new Set(['fork', 'vfork', 'clone', 'clone2', 'clone3']);

class LineReader implements TraceReader {
  readonly tally: LineTally = {
    call: 0,
    continuation: 0,
    signal: 0,
    exit: 0,
    notice: 0,
    other: 0,
    unread: 0,
  };
  readonly unread: UnreadLine[] = [];
  lines = 0;
  firstTime: number | undefined;

  private readonly sink: (event: TraceEvent) => void;
  private readonly numbers: TraceeNumbers;
  private readonly prefix = emptyPrefix();
  private readonly pending = new Map<number, OpenCall>();
  /** The thread whose execve a leader's number takes over: leader → thread. */
  private readonly superseded = new Map<number, number>();
  /** One string for each name, and what counts as a name inside other text. */
  private readonly names = new Map<string, string>();
  private split: SplitCall | undefined;
  private straceName: string | undefined;
  private numberedLines = 0;

  constructor(sink: (event: TraceEvent) => void, pid: number) {
    this.sink = sink;
    this.numbers = new TraceeNumbers(pid);
  }

  line(raw: string): void {
    this.lines++;
    const text = cleanLine(raw);
    const found = this.split === undefined ? this.read(text) : this.readInside(text, this.split);
    this.tally[found]++;
    if (found === 'unread') this.keepUnread(this.lines, text);
  }

  end(): void {
    // A log that was cut in a call is no riddle.
    if (this.split !== undefined && this.split.line < this.lines) this.drop(this.split);
    this.split = undefined;
    this.pending.clear();
  }

  /** A line while no call is split. */
  private read(text: string): LineClass {
    const found = this.readStrace(text);
    if (found !== undefined) return found;
    const message = wholeMessage(text, this.straceName);
    if (message !== undefined) {
      this.straceName ??= messageName(text);
      return this.notice(message);
    }
    const rest = withoutForeignPrefix(text);
    if (rest !== undefined) {
      const inner = this.readStrace(rest);
      if (inner !== undefined) return inner;
    }
    return (
      this.readGlued(text) ?? (this.prefix.form === 'file' && this.numberedLines > 0 ? 'unread' : 'other')
    );
  }

  /** A line that begins as strace's do; undefined for any other. */
  private readStrace(text: string): LineClass | undefined {
    const prefix = this.prefix;
    readPrefix(text, prefix);
    const at = prefix.at;
    const c = text.charCodeAt(at);
    const found =
      c === 60
        ? this.readResumed(text, at)
        : c === 45
          ? this.readSignal(text, at)
          : c === 43
            ? this.readExit(text, at)
            : c === 91
              ? this.readPersonality(text, at)
              : this.readCall(text, at);
    if (found !== undefined && found !== 'unread') {
      if (prefix.form !== 'none') this.numberedLines++;
      if (this.firstTime === undefined) this.firstTime = prefixTime(text, prefix);
    }
    return found;
  }

  private readCall(text: string, at: number): LineClass | undefined {
    const paren = nameEnd(text, at);
    if (paren < 0) return undefined;
    const name = this.nameOf(text.slice(at, paren));
    const { form, pid } = this.prefix;
    const waiting = this.pending.has(0);
    return this.readBody(
      () => this.numbers.of(form, pid, waiting, false),
      name,
      text,
      paren + 1,
      this.lines,
      'call',
    );
  }

  /** What stands behind `name(`: to the result, to a mark that it goes on later, or to text that cut it. */
  private readBody(
    pidOf: () => number,
    name: string,
    text: string,
    from: number,
    line: number,
    lineClass: LineClass,
  ): LineClass | undefined {
    if (text.charCodeAt(text.length - 1) === 62 && text.charCodeAt(text.length - 2) === 46) {
      const found = this.readInterrupted(pidOf, name, text, from, line, lineClass);
      if (found !== undefined) return found;
    }
    let close = argumentsEnd(text, from);
    let result = close < 0 ? undefined : resultAfter(text, close);
    if (result === undefined) {
      close = lastClosing(text, from);
      result = close < 0 ? undefined : resultAfter(text, close);
    }
    if (result !== undefined) {
      this.finish(pidOf(), name, text.slice(from, close), result, line);
      return lineClass;
    }
    const message = trailingMessage(text, this.straceName);
    const cut = message === undefined || message.at < from ? text.length : message.at;
    // Names in front of a parenthesis are common in what programs print: a known name, or strace's own cut, tells.
    if (message === undefined && this.prefix.form === 'none' && lineClass === 'call' && !this.names.has(name))
      return undefined;
    const pid = pidOf();
    this.split = { pid, name, text: text.slice(from, cut), line, class: lineClass, rest: '', restLines: 0 };
    this.begin(this.split, lineClass);
    if (message !== undefined) this.notice(message);
    return lineClass;
  }

  private readInterrupted(
    pidOf: () => number,
    name: string,
    text: string,
    from: number,
    line: number,
    lineClass: LineClass,
  ): LineClass | undefined {
    if (text.endsWith(unfinishedMark)) {
      this.interrupt({ pid: pidOf(), name, text: text.slice(from, -unfinishedMark.length), line }, lineClass);
      return lineClass;
    }
    if (text.endsWith(detachedMark)) {
      const pid = pidOf();
      this.begin({ pid, name, text: text.slice(from, -detachedMark.length), line }, lineClass);
      this.sink({ kind: 'notice', pid, about: 'detached', text: detachedMark.trim(), line: this.lines });
      this.numbers.ended(pid);
      return lineClass;
    }
    const changed = pidChanged.exec(text.slice(-64));
    if (changed === null) return undefined;
    const open = { pid: pidOf(), name, text: text.slice(from, -changed[0].length), line };
    this.interrupt(open, lineClass);
    this.superseded.set(this.numbers.known(Number(changed[1])), open.pid);
    return lineClass;
  }

  private interrupt(open: OpenCall, lineClass: LineClass): void {
    this.pending.set(open.pid, open);
    this.begin(open, lineClass);
  }

  /** Tells that a call began, once: not when what goes on is interrupted again. */
  private begin(open: OpenCall, lineClass: LineClass): void {
    if (lineClass === 'call')
      this.sink(new UnfinishedRecord(open.pid, this.keepName(open.name), open.text, open.line));
  }

  private finish(pid: number, name: string, argsText: string, result: Result, line: number): void {
    if (forks.has(name) && result.number !== undefined && result.number > 0)
      this.numbers.created(result.number);
    this.sink(new CallRecord(pid, this.keepName(name), argsText, result, line, this.lines));
  }

  /** `<... wait4 resumed>, NULL, 0, NULL) = 26005` */
  private readResumed(text: string, at: number): LineClass | undefined {
    if (!text.startsWith('<... ', at)) return undefined;
    const space = text.indexOf(' ', at + 5);
    if (space < 0 || !text.startsWith('resumed>', space + 1)) return 'unread';
    const name = this.nameOf(text.slice(at + 5, space));
    const first = this.pending.get(0);
    const pid = this.numbers.of(this.prefix.form, this.prefix.pid, first !== undefined, first?.name === name);
    let rest = space + 9;
    if (text.startsWith(`${unfinishedMark})`, rest)) rest += unfinishedMark.length;
    else if (text.charCodeAt(rest) === 32 && !text.startsWith(unfinishedMark, rest)) rest++;
    const open = this.takeOpen(pid, name);
    if (open !== undefined) {
      const joined = open.text + text.slice(rest);
      return this.readBody(() => pid, open.name, joined, 0, open.line, 'continuation');
    }
    // Its first half is not in the log: which arguments these are cannot be known.
    let close = argumentsEnd(text, rest);
    let result = close < 0 ? undefined : resultAfter(text, close);
    if (result === undefined) {
      close = lastClosing(text, rest - 1);
      result = close < 0 ? undefined : resultAfter(text, close);
    }
    if (result === undefined) return 'unread';
    this.finish(pid, name, '', result, this.lines);
    return 'continuation';
  }

  private takeOpen(pid: number, name: string): OpenCall | undefined {
    const own = this.pending.get(pid);
    if (own !== undefined) {
      this.pending.delete(pid);
      return own.name === name ? own : undefined;
    }
    if (name !== 'execve' && name !== 'execveat') return undefined;
    const thread = this.superseded.get(pid) ?? this.onlyPending(name);
    if (thread === undefined) return undefined;
    this.superseded.delete(pid);
    const open = this.pending.get(thread);
    if (open?.name !== name) return undefined;
    this.pending.delete(thread);
    this.numbers.ended(thread);
    return open;
  }

  /** With `-qqq` the line that says which thread's execve goes on under the leader's number is missing. */
  private onlyPending(name: string): number | undefined {
    const threads = [...this.pending.values()].filter((open) => open.name === name);
    return threads.length === 1 ? threads[0]?.pid : undefined;
  }

  /** `--- SIGCHLD {si_signo=SIGCHLD, …} ---`, `--- stopped by SIGSTOP ---` */
  private readSignal(text: string, at: number): LineClass | undefined {
    if (!text.startsWith('--- ', at)) return undefined;
    const body = /^(stopped by )?((?:SIG|0x|\d)\w*)(?: (.*))? ---$/.exec(text.slice(at + 4));
    if (body?.[2] === undefined)
      return text.startsWith('SIG', at + 4) || text.startsWith('stopped by', at + 4) ? 'unread' : undefined;
    const pid = this.pidOfLine();
    this.sink(new SignalRecord(pid, body[2], body[1] !== undefined, body[3] ?? '', this.lines));
    return 'signal';
  }

  /** `+++ exited with 3 +++`, `+++ killed by SIGSEGV (core dumped) +++`, `+++ superseded by execve in pid 9 +++` */
  private readExit(text: string, at: number): LineClass | undefined {
    if (!text.startsWith('+++ ', at)) return undefined;
    const body = text.slice(at + 4, at + 80);
    const found =
      /^(?:exited with (-?\d{1,10})|killed by (\w+)(?: \(core dumped\))?|superseded by execve in pid (\d{1,7})) \+\+\+$/.exec(
        body,
      );
    if (found === null) return /^(exited|killed|superseded) /.test(body) ? 'unread' : undefined;
    const pid = this.pidOfLine();
    this.pending.delete(pid);
    const supersededBy = found[3] === undefined ? undefined : this.numbers.known(Number(found[3]));
    if (supersededBy === undefined) this.numbers.ended(pid);
    else this.superseded.set(pid, supersededBy);
    const status = found[1] === undefined ? undefined : Number(found[1]);
    this.sink({ kind: 'exit', pid, status, signal: found[2], supersededBy, line: this.lines });
    return 'exit';
  }

  private readPersonality(text: string, at: number): LineClass | undefined {
    if (!text.startsWith('[ Process PID=', at)) return undefined;
    const message = trailingMessage(text.slice(at), undefined);
    return message?.at === 0 ? this.notice(message) : undefined;
  }

  private notice(message: StraceMessage): LineClass {
    if (message.about === 'attached') this.numbers.attached(message.pid);
    const pid = this.numbers.known(message.pid);
    if (message.about === 'detached') this.numbers.ended(pid);
    this.sink({ kind: 'notice', pid, about: message.about, text: message.text, line: this.lines });
    return 'notice';
  }

  /** A line while a call stands open in the middle: its own rest, a message, a new line of the trace, or what the program prints. */
  private readInside(text: string, split: SplitCall): LineClass {
    if (ownRest.test(text)) {
      this.split = undefined;
      const { pid, name, line } = split;
      const found = this.readBody(() => pid, name, split.text + text, 0, line, 'continuation');
      if (found !== undefined && this.split === undefined) return found;
    }
    const message = wholeMessage(text, this.straceName);
    if (message !== undefined) return this.notice(message);
    this.split = undefined;
    const fresh = this.readStrace(text);
    if (fresh !== undefined && fresh !== 'unread') {
      this.drop(split);
      return fresh;
    }
    if (this.endsSplit(text, split)) return 'continuation';
    this.split = split;
    return 'other';
  }

  /** Whether the line ends a split call: a name that holds a newline goes on, or output stands in front of the result. */
  private endsSplit(text: string, split: SplitCall): boolean {
    if (split.restLines < splitLines && split.text.length + split.rest.length + text.length < splitLength) {
      split.rest += `\n${text}`;
      split.restLines++;
      const joined = split.text + split.rest;
      const close = argumentsEnd(joined, 0);
      const result = close < 0 ? undefined : resultAfter(joined, close);
      if (result !== undefined) {
        this.finish(split.pid, split.name, joined.slice(0, close), result, split.line);
        return true;
      }
    }
    const close = lastClosing(text, 0);
    const result = close < 0 ? undefined : resultAfter(text, close);
    if (result === undefined) return false;
    this.finish(split.pid, split.name, split.text, result, split.line);
    return true;
  }

  /** What a program printed without a newline stands in front of strace's line on a terminal. */
  private readGlued(text: string): LineClass | undefined {
    let tries = 0;
    for (let at = text.indexOf('[pid', 1); at > 0 && tries < 8; at = text.indexOf('[pid', at + 4), tries++) {
      const found = this.readStrace(text.slice(at));
      if (found !== undefined && found !== 'unread' && this.split === undefined) return found;
      this.split = undefined;
    }
    if (text.endsWith(' +++')) {
      const at = text.lastIndexOf('+++ ', text.length - 5);
      if (at > 0) return this.readExit(text, at);
    }
    const message = trailingMessage(text, this.straceName);
    return message === undefined ? undefined : this.notice(message);
  }

  private pidOfLine(): number {
    return this.numbers.of(this.prefix.form, this.prefix.pid, this.pending.has(0), false);
  }

  /** The split call never went on. Its beginning was told when it was split. */
  private drop(split: SplitCall): void {
    this.tally[split.class]--;
    this.tally.unread++;
    this.keepUnread(split.line, `${split.name}(${split.text}`);
  }

  private nameOf(name: string): string {
    return this.names.get(name) ?? name;
  }

  private keepName(name: string): string {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    const copy = Buffer.from(name, 'latin1').toString('latin1');
    this.names.set(copy, copy);
    return copy;
  }

  private keepUnread(line: number, text: string): void {
    if (this.unread.length < unreadKept) this.unread.push({ line, text: text.slice(0, unreadLength) });
  }
}

const longestName = 64;

/** The `(` behind a name that begins at `at`: `openat`, `readv#64`, `64:readv`, `???`; -1 without. */
function nameEnd(text: string, at: number): number {
  const limit = at + longestName;
  for (let i = at; i < limit; i++) {
    const c = text.charCodeAt(i);
    if (
      (c >= 97 && c <= 122) ||
      (c >= 48 && c <= 58) ||
      c === 95 ||
      (c >= 65 && c <= 90) ||
      c === 63 ||
      c === 35
    )
      continue;
    return c === 40 && i > at ? i : -1;
  }
  return -1;
}
