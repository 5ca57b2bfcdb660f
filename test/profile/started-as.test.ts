import { expect, test } from 'vitest';
import { Gatherer } from '../../src/profile/gather.ts';
import { readTrace } from '../../src/trace/read-lines.ts';

function startedAs(lines: string[], known: { uid?: number; gid?: number } = {}) {
  const context = { source: 'log', how: 'log', architecture: 'x86-64', ...known } as const;
  const gatherer = new Gatherer({ ...context, inherited: () => undefined });
  const reader = readTrace((event) => gatherer.event(event));
  for (const line of lines) reader.line(line);
  reader.end();
  const [source] = gatherer.finish(reader.tally).sources;
  return { uid: source?.uid, gid: source?.gid };
}

const start = '1 execve("/usr/sbin/d", ["d"], 0x1 /* 1 var */) = 0';
const nobody = { uid: undefined, gid: undefined };

test('a log that does not tell leaves the user open, and what is said beforehand stands', () => {
  expect(startedAs([start, '1 setuid(33) = 0', '1 geteuid() = 33', '1 getegid() = 33'])).toEqual(nobody);
  expect(startedAs([start, '1 geteuid() = 33'], { uid: 0, gid: 5 })).toEqual({ uid: 0, gid: 5 });
});

test('what the first process is answered before it changes its ids tells it', () => {
  const lines = [start, '1 geteuid() = 0', '1 getegid() = 4', '1 setgid(33) = 0', '1 getegid() = 33'];
  expect(startedAs(lines)).toEqual({ uid: 0, gid: 4 });
});

test('a number that is no id tells nothing', () => {
  expect(startedAs([start, '1 geteuid() = 99999999999', '1 getegid() = -7'])).toEqual(nobody);
});

test('answers to other processes, and to the next program, which may be set-user-ID, tell nothing', () => {
  const child = ['1 fork() = 2', '2 geteuid() = 33'];
  expect(startedAs([start, ...child])).toEqual(nobody);
  const sudo = '1 execve("/usr/bin/sudo", ["sudo"], 0x1 /* 1 var */) = 0';
  expect(startedAs([start, sudo, '1 geteuid() = 0'])).toEqual(nobody);
  expect(
    startedAs([start, `1 execve("/no", ["no"], 0x1) = -1 ENOENT (No such file)`, '1 geteuid() = 7']),
  ).toEqual({ uid: 7, gid: undefined });
});
