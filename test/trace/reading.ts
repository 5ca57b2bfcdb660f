import type { LineTally, TraceEvent, Value } from '../../src/trace/event.ts';
import { readTrace, type UnreadLine } from '../../src/trace/read-lines.ts';

export interface Reading {
  events: TraceEvent[];
  tally: LineTally;
  unread: UnreadLine[];
  lines: number;
}

/** Reads a log given as one text. */
export function read(log: string, pid = 0): Reading {
  const events: TraceEvent[] = [];
  const reader = readTrace((event) => events.push(event), pid);
  for (const line of log.replace(/\n$/, '').split('\n')) reader.line(line);
  reader.end();
  return { events, tally: reader.tally, unread: reader.unread, lines: reader.lines };
}

/** A value in a short form of its own, so that a test shows what was understood and not what was written. */
export function show(value: Value): string {
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'string':
      return `${value.abstract ? '@' : ''}${JSON.stringify(value.bytes)}${value.cut ? '…' : ''}`;
    case 'fd':
      return `fd ${value.text} <${value.info}>${value.device === undefined ? '' : ` ${value.device}`}${value.deleted ? ' gone' : ''}`;
    case 'struct':
      return `{${value.fields.map((f) => `${f.name}: ${show(f.value)}`).join('; ')}${value.cut ? ' …' : ''}}`;
    case 'array':
      return `[${value.items.map(show).join('; ')}${value.cut ? ' …' : ''}]`;
    case 'call':
      return `${value.name}(${value.args.map(show).join('; ')})`;
    case 'change':
      return `${show(value.before)} ⇒ ${show(value.after)}`;
  }
}

/** One line an event: `7 close(3) = 0`. */
export function showEvent(event: TraceEvent): string {
  switch (event.kind) {
    case 'call': {
      const { text, errno, info, injected } = event.result;
      const extra = `${info === undefined ? '' : ` <${info}>`}${errno === undefined ? '' : ` ${errno}`}${injected ? ' injected' : ''}`;
      return `${event.pid} ${event.name}(${event.args.map(show).join('; ')}) = ${text}${extra}`;
    }
    case 'unfinished':
      return `${event.pid} ${event.name}(${event.args.map(show).join('; ')} …`;
    case 'signal':
      return `${event.pid} ${event.stopped ? 'stopped by ' : ''}${event.signal}${event.info === undefined ? '' : ` ${show(event.info)}`}`;
    case 'exit': {
      if (event.supersededBy !== undefined) return `${event.pid} superseded by ${event.supersededBy}`;
      return `${event.pid} ${event.signal === undefined ? `exited ${event.status}` : `killed ${event.signal}`}`;
    }
    case 'notice':
      return `${event.pid} ${event.about}: ${event.text}`;
  }
}

export function shown(log: string, pid = 0): string[] {
  return read(log, pid).events.map(showEvent);
}

/** The classes that lines have, without those that no line has. */
export function classes(reading: Reading): Partial<LineTally> {
  return Object.fromEntries(Object.entries(reading.tally).filter(([, count]) => count > 0));
}
