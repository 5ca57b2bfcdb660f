import { type CallBody, nameEnd, readBody, readComplete, readLast, restBehindResumed } from './call-body.ts';
import { CallRecord, SignalRecord, UnfinishedRecord } from './call-records.ts';
import { cleanLine, withoutForeignPrefix } from './clean-line.ts';
import type { LineClass, LineTally, TraceEvent } from './event.ts';
import { emptyPrefix, prefixTime, readPrefix } from './line-prefix.ts';
import { type OpenCall, OpenCalls } from './open-calls.ts';
import { messageName, type StraceMessage, trailingMessage, wholeMessage } from './strace-message.ts';
import { TraceeNumbers } from './tracee-numbers.ts';
import { namesInMark } from './unwatched-mark.ts';

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
export function readTrace(sink: (event: TraceEvent) => void, pid = 0): LineReader {
  return new LineReader(sink, pid);
}

/** A call that text of no trace cuts in two, on a terminal. */
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

/** How a call goes on behind a message or output that cut it. */
const ownRest = /^(?: <(?:unfinished|detached) \.\.\.>$|\)|, |\]|\}| => )/;
const forks = new Set(['fork', 'vfork', 'clone', 'clone2', 'clone3']);

export class LineReader implements TraceReader {
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
  private readonly open = new OpenCalls();
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

  /** A call stands open in the middle: what the next line means depends on it. */
  get isInside(): boolean {
    return this.split !== undefined;
  }

  /** Counts lines that somebody else has read: whole calls, or first halves, and last halves. */
  wentBy(calls: number, continuations: number, areNumbered: boolean): void {
    this.tally.call += calls;
    this.tally.continuation += continuations;
    this.lines += calls + continuations;
    if (areNumbered) this.numberedLines += calls + continuations;
  }

  /** The first half of a call, on a line that has gone by: its end is to be read. */
  begins(pid: number, name: string, line: number): void {
    this.tellBegin({ pid, name, text: '', line });
    this.open.add({ pid, name: this.keepName(name), text: '', line });
  }

  end(): void {
    // A log that was cut in a call is no riddle.
    if (this.split !== undefined && this.split.line < this.lines) this.drop(this.split);
    this.split = undefined;
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
    const names = namesInMark(text);
    if (names !== undefined) {
      this.sink({ kind: 'notice', pid: 0, about: 'unwatched', text: names, line: this.lines });
      return 'notice';
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
    const name = text.slice(at, paren);
    const from = paren + 1;
    const body = readBody(text, from);
    if (body === undefined) return this.readBroken(name, text, from);
    const call = {
      pid: this.pidOfLine(),
      name: this.keepName(name),
      text: text.slice(from, body.end),
      line: this.lines,
    };
    this.tellCall(call, body, 'call');
    return 'call';
  }

  /** A call that a message, or what the program writes, cuts in the middle. */
  private readBroken(name: string, text: string, from: number): LineClass | undefined {
    // Programs print many a name with a parenthesis: a call of before, a number, or a message tells that it is strace.
    const message = trailingMessage(text, this.straceName);
    if (message === undefined && this.prefix.form === 'none' && !this.names.has(name)) return undefined;
    const open = {
      pid: this.pidOfLine(),
      name: this.keepName(name),
      text: text.slice(from),
      line: this.lines,
    };
    this.startSplit(open, 'call');
    return 'call';
  }

  /** `open.text` is the text so far, with a message of strace's at its end or without. */
  private startSplit(open: OpenCall, lineClass: LineClass): void {
    const message = trailingMessage(open.text, this.straceName);
    const text = message === undefined ? open.text : open.text.slice(0, message.at);
    this.split = { ...open, text, class: lineClass, rest: '', restLines: 0 };
    if (lineClass === 'call') this.tellBegin(this.split);
    if (message !== undefined) this.notice(message);
  }

  /** `<... wait4 resumed>, NULL, 0, NULL) = 26005` */
  private readResumed(text: string, at: number): LineClass | undefined {
    if (!text.startsWith('<... ', at)) return undefined;
    const space = text.indexOf(' ', at + 5);
    if (space < 0 || !text.startsWith('resumed>', space + 1)) return 'unread';
    const name = text.slice(at + 5, space);
    const first = this.open.get(0);
    const pid = this.numbers.of(this.prefix.form, this.prefix.pid, first !== undefined, first?.name === name);
    const rest = restBehindResumed(text, space + 9);
    const open = this.open.take(pid, name);
    if (open !== undefined) {
      if (open.pid !== pid) this.numbers.ended(open.pid);
      this.goOn({ ...open, pid, text: open.text + rest });
      return 'continuation';
    }
    // Its first half is not in the log: which arguments these are cannot be known.
    const body = readComplete(rest, 0) ?? readLast(rest, 0);
    if (body === undefined) return 'unread';
    this.tellCall({ pid, name: this.keepName(name), text: '', line: this.lines }, body, 'continuation');
    return 'continuation';
  }

  /** A call that began on a line before, with all its text until now. */
  private goOn(call: OpenCall): void {
    const body = readBody(call.text, 0);
    if (body === undefined) this.startSplit(call, 'continuation');
    else this.tellCall({ ...call, text: call.text.slice(0, body.end) }, body, 'continuation');
  }

  private tellCall(call: OpenCall, body: CallBody, lineClass: LineClass): void {
    const { pid, name, text, line } = call;
    if (body.ends === 'complete') {
      const { result } = body;
      if (result.number !== undefined && result.number > 0 && forks.has(name))
        this.numbers.created(result.number);
      this.sink(new CallRecord(pid, name, text, result, line, this.lines));
      return;
    }
    if (lineClass === 'call') this.tellBegin(call);
    if (body.ends === 'detached') {
      this.sink({ kind: 'notice', pid, about: 'detached', text: '<detached ...>', line: this.lines });
      this.numbers.ended(pid);
      return;
    }
    this.open.add(call);
    if (body.ends === 'moved') this.open.move(this.numbers.known(body.to), pid);
  }

  private tellBegin({ pid, name, text, line }: OpenCall): void {
    this.sink(new UnfinishedRecord(pid, name, text, line));
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
    this.open.drop(pid);
    const supersededBy = found[3] === undefined ? undefined : this.numbers.known(Number(found[3]));
    if (supersededBy === undefined) this.numbers.ended(pid);
    else this.open.move(pid, supersededBy);
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
    const pid =
      message.about === 'personality'
        ? this.numbers.named(message.pid, this.open.get(0) !== undefined)
        : this.numbers.known(message.pid);
    if (message.about === 'detached') this.numbers.ended(pid);
    this.sink({ kind: 'notice', pid, about: message.about, text: message.text, line: this.lines });
    return 'notice';
  }

  /** A line while a call stands open in the middle: its own rest, a message, a new line of the trace, or what the program prints. */
  private readInside(text: string, split: SplitCall): LineClass {
    if (ownRest.test(text)) {
      const call = { pid: split.pid, name: split.name, text: split.text + text, line: split.line };
      const body = readBody(call.text, 0);
      if (body !== undefined) {
        this.split = undefined;
        this.tellCall({ ...call, text: call.text.slice(0, body.end) }, body, 'continuation');
        return 'continuation';
      }
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
      const body = readComplete(joined, 0);
      if (body !== undefined) {
        this.tellCall({ ...split, text: joined.slice(0, body.end) }, body, 'continuation');
        return true;
      }
    }
    const body = readLast(text, 0);
    if (body !== undefined) this.tellCall(split, body, 'continuation');
    return body !== undefined;
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
    return this.numbers.of(this.prefix.form, this.prefix.pid, this.open.get(0) !== undefined, false);
  }

  /** The split call never went on. Its beginning was told when it was split. */
  private drop(split: SplitCall): void {
    this.tally[split.class]--;
    this.tally.unread++;
    this.keepUnread(split.line, `${split.name}(${split.text}`);
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
