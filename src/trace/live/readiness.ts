import type { Syscall, TraceEvent, UnfinishedCall, Value } from '../event.ts';

/**
 * Why a program may be exercised now: it listens; it does nothing new; it never stopped doing new things, but one has waited
 * long enough; or it has ended.
 */
export type Ready = 'listening' | 'quiet' | 'busy' | 'ended';

export interface ReadinessOptions {
  /** For how long nothing new may happen before a program that does not listen counts as ready, in milliseconds. */
  quietAfter?: number | undefined;
  /** The same once it listens, where only calls and processes count as new. */
  settleAfter?: number | undefined;
  /** How long to wait at most. */
  patience?: number | undefined;
}

export interface Readiness {
  /** Feed each event of the trace. */
  event(event: TraceEvent): void;
  /** Starts the clock before the first event: for attached programs, which may sleep from the start. */
  start(): void;
  /** The trace has ended. */
  end(): void;
  readonly ready: Promise<Ready>;
}

/** More names than this are not remembered: who makes so many never repeats itself. */
const mostNames = 50_000;

/** Decides from a trace when a program has started up. Lines may go on: one that polls for ever is quiet all the same. */
export function createReadiness(options: ReadinessOptions = {}): Readiness {
  const { quietAfter = 1500, settleAfter = 200, patience = 30_000 } = options;
  const seen = new Set<string>();
  let started = false;
  let decided = false;
  let listening = false;
  let timer: NodeJS.Timeout | undefined;
  let last: NodeJS.Timeout | undefined;
  let resolve: (ready: Ready) => void = () => {};
  const ready = new Promise<Ready>((settle) => {
    resolve = settle;
  });

  function decide(how: Ready): void {
    decided = true;
    clearTimeout(timer);
    clearTimeout(last);
    seen.clear();
    resolve(how);
  }
  function wait(): void {
    clearTimeout(timer);
    timer = listening
      ? setTimeout(decide, settleAfter, 'listening')
      : setTimeout(decide, quietAfter, 'quiet');
  }
  function start(): void {
    if (started || decided) return;
    started = true;
    last = setTimeout(() => decide(listening ? 'listening' : 'busy'), patience);
    wait();
  }
  function isNew(name: string): boolean {
    if (seen.has(name) || seen.size >= mostNames) return false;
    seen.add(name);
    return true;
  }

  return {
    ready,
    start,
    end() {
      if (!decided) decide('ended');
    },
    event(event) {
      if (decided) return;
      start();
      let news = isNew(`process ${event.pid}`);
      if (event.kind === 'exit') seen.delete(`process ${event.pid}`);
      if (event.kind === 'call' || event.kind === 'unfinished') {
        news = isNew(`call ${event.name}`) || news;
        if (!listening && opensService(event)) {
          listening = true;
          news = true;
        } else if (!listening) {
          for (const path of pathsOf(event.args)) news = isNew(`path ${path}`) || news;
        }
      }
      if (news) wait();
    },
  };
}

/**
 * Whether a call shows that clients can come: listen(2), an accept(2) that waits (the socket may have been handed over), or
 * the bind(2) of a datagram socket to a port or a path.
 */
function opensService(call: Syscall | UnfinishedCall): boolean {
  switch (call.name) {
    case 'accept':
    case 'accept4':
      return call.kind === 'unfinished' || (call.result.number ?? -1) >= 0;
    case 'listen':
      return call.kind === 'call' && call.result.number === 0;
    case 'bind':
      return call.kind === 'call' && call.result.number === 0 && isDatagramService(call.args);
    default:
      return false;
  }
}

/** With -yy a socket is `UDP:[…]`, `UDPv6:[…]` or `UNIX-DGRAM:[…]`; a port of 0 or an unnamed address serves nobody. */
function isDatagramService([socket, address]: Value[]): boolean {
  if (socket?.kind !== 'fd' || address?.kind !== 'struct') return false;
  if (socket.info.startsWith('UNIX-DGRAM:'))
    return address.fields.some(({ name, value }) => name === 'sun_path' && value.kind === 'string');
  if (!socket.info.startsWith('UDP')) return false;
  return address.fields.some(({ name, value }) => {
    const port = value.kind === 'call' && value.name === 'htons' ? value.args[0] : undefined;
    return name.endsWith('_port') && port?.kind === 'text' && port.text !== '0';
  });
}

function* pathsOf(args: Value[]): Generator<string> {
  for (const arg of args) if (arg.kind === 'string' && arg.bytes.startsWith('/')) yield arg.bytes;
}
