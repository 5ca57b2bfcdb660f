import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Syscall, TraceEvent, Value } from '../../src/trace/event.ts';
import { createReadiness, type Ready } from '../../src/trace/live/readiness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function call(name: string, more: { pid?: number; args?: Value[]; result?: number } = {}): Syscall {
  const number = more.result ?? 0;
  return {
    kind: 'call',
    pid: more.pid ?? 1,
    name,
    args: more.args ?? [],
    result: { text: String(number), number, errno: undefined, info: undefined, injected: false },
    line: 1,
    endLine: 1,
  };
}

function open(path: string): Syscall {
  return call('openat', { args: [{ kind: 'string', bytes: path, cut: false, abstract: false }] });
}

function bind(info: string, address: Record<string, Value>): Syscall {
  const fields = Object.entries(address).map(([name, value]) => ({ name, value }));
  return call('bind', {
    args: [
      { kind: 'fd', text: '3', info, deleted: false },
      { kind: 'struct', fields, cut: false },
    ],
  });
}

function port(number: number): Value {
  return { kind: 'call', name: 'htons', args: [{ kind: 'text', text: String(number) }] };
}

/** Feeds events, each at its time, and says what was decided and when. */
async function decision(events: [at: number, event: TraceEvent][], until = 60_000): Promise<[Ready, number]> {
  const begin = Date.now();
  const readiness = createReadiness();
  let decided: [Ready, number] | undefined;
  void readiness.ready.then((how) => {
    decided = [how, Date.now() - begin];
  });
  for (const [at, event] of events) {
    await vi.advanceTimersByTimeAsync(begin + at - Date.now());
    readiness.event(event);
  }
  await vi.advanceTimersByTimeAsync(begin + until - Date.now());
  readiness.end();
  await vi.advanceTimersByTimeAsync(0);
  return decided ?? ['ended', -1];
}

/** The same event again and again. */
function repeated(event: TraceEvent, from: number, to: number, step: number): [number, TraceEvent][] {
  return Array.from({ length: Math.floor((to - from) / step) }, (_, i) => [from + i * step, event]);
}

test('a program that listens is ready as soon as it settles', async () => {
  expect(
    await decision([
      [0, call('execve')],
      [500, call('listen')],
    ]),
  ).toEqual(['listening', 700]);
  const events: [number, TraceEvent][] = [
    [500, call('listen')],
    [600, call('epoll_ctl')],
    [750, call('clone', { pid: 2 })],
  ];
  expect(await decision(events)).toEqual(['listening', 950]);
});

test('new paths after listen() do not keep it waiting', async () => {
  const paths = repeated(call('read'), 500, 5000, 50).map(([at], i): [number, TraceEvent] => [
    at,
    open(`/log/${i}`),
  ]);
  expect(await decision([[0, open('/a')], [400, call('listen')], ...paths])).toEqual(['listening', 600]);
});

test('a failed listen() is no listen()', async () => {
  expect(await decision([[0, call('listen', { result: -1 })]])).toEqual(['quiet', 1500]);
});

test('a datagram socket counts with a port or a path only', async () => {
  const path: Value = { kind: 'string', bytes: '/run/x', cut: false, abstract: false };
  expect(await decision([[0, bind('UDP:[1]', { sin_port: port(53) })]])).toEqual(['listening', 200]);
  expect(await decision([[0, bind('UDPv6:[1]', { sin6_port: port(53) })]])).toEqual(['listening', 200]);
  expect(await decision([[0, bind('UNIX-DGRAM:[1]', { sun_path: path })]])).toEqual(['listening', 200]);
  expect(await decision([[0, bind('UDP:[1]', { sin_port: port(0) })]])).toEqual(['quiet', 1500]);
  expect(await decision([[0, bind('TCP:[1]', { sin_port: port(80) })]])).toEqual(['quiet', 1500]);
  expect(await decision([[0, bind('NETLINK:[1]', { nl_pid: port(1) })]])).toEqual(['quiet', 1500]);
});

test('waiting in accept() on a socket that was handed over is listening', async () => {
  const accept: TraceEvent = { kind: 'unfinished', pid: 1, name: 'accept4', args: [], line: 1 };
  expect(await decision([[0, accept]])).toEqual(['listening', 200]);
});

test('polling for ever is quiet; a new call, process or path is not', async () => {
  expect(await decision(repeated(call('poll'), 0, 10_000, 100))).toEqual(['quiet', 1500]);
  const slow: [number, TraceEvent][] = [
    [0, call('poll')],
    [1000, call('read')],
    [2000, open('/a')],
    [3000, open('/b')],
  ];
  expect(await decision([...slow, [4000, call('read', { pid: 2 })]])).toEqual(['quiet', 5500]);
});

test('what never settles is ready when patience ends', async () => {
  const events = repeated(call('read'), 0, 50_000, 500).map(([at], i): [number, TraceEvent] => [
    at,
    open(`/tmp/${i}`),
  ]);
  expect(await decision(events)).toEqual(['busy', 30_000]);
});

test('a program that ends before it is ready has ended', async () => {
  expect(await decision([[0, call('execve')]], 1000)).toEqual(['ended', 1000]);
});

test('no clock runs before the first event, unless it is started', async () => {
  expect(await decision([[20_000, call('execve')]])).toEqual(['quiet', 21_500]);
  const readiness = createReadiness();
  readiness.start();
  await vi.advanceTimersByTimeAsync(1500);
  expect(await readiness.ready).toBe('quiet');
});
