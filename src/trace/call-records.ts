import type { Result, SignalEvent, StructValue, Syscall, UnfinishedCall, Value } from './event.ts';
import { parseArguments, parseStruct } from './parse-arguments.ts';

/** A call whose arguments stay text until somebody asks: most calls of a trace are only counted. */
export class CallRecord implements Syscall {
  readonly kind = 'call';
  readonly pid: number;
  readonly name: string;
  readonly result: Result;
  readonly line: number;
  readonly endLine: number;
  /** The arguments as strace wrote them. */
  readonly argsText: string;
  private parsed: Value[] | undefined;

  constructor(pid: number, name: string, argsText: string, result: Result, line: number, endLine: number) {
    this.pid = pid;
    this.name = name;
    this.argsText = argsText;
    this.result = result;
    this.line = line;
    this.endLine = endLine;
  }

  get args(): Value[] {
    this.parsed ??= withoutOutput(parseArguments(withoutMarker(this.argsText)), this.line !== this.endLine);
    return this.parsed;
  }
}

export class UnfinishedRecord implements UnfinishedCall {
  readonly kind = 'unfinished';
  readonly pid: number;
  readonly name: string;
  readonly line: number;
  readonly argsText: string;
  private parsed: Value[] | undefined;

  constructor(pid: number, name: string, argsText: string, line: number) {
    this.pid = pid;
    this.name = name;
    this.argsText = argsText;
    this.line = line;
  }

  get args(): Value[] {
    this.parsed ??= parseArguments(this.argsText, true);
    return this.parsed;
  }
}

export class SignalRecord implements SignalEvent {
  readonly kind = 'signal';
  readonly pid: number;
  readonly signal: string;
  readonly stopped: boolean;
  readonly line: number;
  private readonly infoText: string;

  constructor(pid: number, signal: string, stopped: boolean, infoText: string, line: number) {
    this.pid = pid;
    this.signal = signal;
    this.stopped = stopped;
    this.infoText = infoText;
    this.line = line;
  }

  get info(): StructValue | undefined {
    return this.infoText.startsWith('{') ? parseStruct(this.infoText) : undefined;
  }
}

/** A call cut by death: `{tv_sec=5, tv_nsec=0} <unfinished ...>) = ?`. */
function withoutMarker(text: string): string {
  return text.endsWith('<unfinished ...>') ? text.slice(0, -'<unfinished ...>'.length) : text;
}

/** What the program wrote sticks to the last argument of its `write`, when both go to one terminal: `6hello`. */
function withoutOutput(args: Value[], mayBeSplit: boolean): Value[] {
  const last = args.at(-1);
  if (last?.kind !== 'text' || !/^[1-9]/.test(last.text)) return args;
  const number = /^\d+(?=[^\d*<|.x])/.exec(last.text);
  if (number === null || (!mayBeSplit && / |=/.test(last.text))) return args;
  return [...args.slice(0, -1), { kind: 'text', text: number[0] }];
}
