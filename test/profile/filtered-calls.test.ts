import { expect, test } from 'vitest';
import { Gatherer } from '../../src/profile/gather.ts';
import { readTrace } from '../../src/trace/read-lines.ts';

function privilegedOf(lines: string[]): string[] {
  const gatherer = new Gatherer({
    source: 'log',
    how: 'log',
    architecture: 'x86-64',
    inherited: () => ({ current: '/', root: '/', descriptors: new Map() }),
  });
  const reader = readTrace((event) => gatherer.event(event));
  for (const line of lines) reader.line(line);
  reader.end();
  const { privileged } = gatherer.finish(reader.tally);
  return privileged.filter(({ what }) => what !== 'file').map(({ call, what }) => `${call}: ${what}`);
}

test('memory that is written and executed, or made executable later, is told from what the loader maps', () => {
  expect(
    privilegedOf([
      '12345 mmap(0x7f0000001000, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 3, 0x1000) = 0x7f0000001000',
      '12345 mprotect(0x7f0000001000, 4096, PROT_READ) = 0',
      '12345 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000009000',
    ]),
  ).toEqual([]);
  expect(
    privilegedOf([
      '12345 mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000009000',
      '12345 mprotect(0x7f0000001000, 4096, PROT_READ|PROT_EXEC) = 0',
      '12345 mprotect(0x7f0000001000, 4096, PROT_READ|PROT_EXEC) = -1 EACCES (Permission denied)',
    ]),
  ).toEqual(['mmap: written and executed', 'mprotect: made executable']);
});

test('modes with a set-ID bit are told, however the call writes them', () => {
  expect(
    privilegedOf([
      '12345 chmod("/a", 0755) = 0',
      '12345 mkdir("/b", 01777) = 0',
      '12345 openat(AT_FDCWD, "/c", O_RDONLY) = 3',
    ]),
  ).toEqual([]);
  expect(
    privilegedOf([
      '12345 fchmodat(AT_FDCWD, "/a", 04755) = 0',
      '12345 mkdir("/b", 02775) = 0',
      '12345 openat(AT_FDCWD, "/c", O_WRONLY|O_CREAT, 06600) = 3',
      '12345 mknod("/d", S_IFREG|02644) = 0',
    ]),
  ).toEqual(['fchmodat: set-ID mode', 'mkdir: set-ID mode', 'mknod: set-ID mode', 'openat: set-ID mode']);
});

test('a hard limit that is lowered takes no capability; one that is raised, or of which nobody knows what it was, may', () => {
  const limit = (most: string) => `{rlim_cur=1024, rlim_max=${most}}`;
  const asked = `1 prlimit64(0, RLIMIT_NOFILE, NULL, ${limit('20000')}) = 0`;
  const set = (most: string, old = 'NULL') => `1 prlimit64(0, RLIMIT_NOFILE, ${limit(most)}, ${old}) = 0`;
  expect(privilegedOf([asked, set('8*1024')])).toEqual([]);
  expect(privilegedOf([set('8*1024', limit('20000'))])).toEqual([]);
  expect(privilegedOf([set('8*1024')])).toEqual(['prlimit64: RLIMIT_NOFILE']);
  expect(privilegedOf([asked, set('30000')])).toEqual(['prlimit64: RLIMIT_NOFILE']);
  // Once lowered, the same as before is more.
  expect(privilegedOf([asked, set('8*1024'), set('20000')])).toEqual(['prlimit64: RLIMIT_NOFILE']);
  // A unit begins with less than this shell had.
  const much = `1 prlimit64(0, RLIMIT_NOFILE, NULL, ${limit('1024*1024')}) = 0`;
  expect(privilegedOf([much, set('1000000')])).toEqual(['prlimit64: RLIMIT_NOFILE']);
  expect(
    privilegedOf([
      '1 getrlimit(RLIMIT_CORE, {rlim_cur=0, rlim_max=RLIM64_INFINITY}) = 0',
      '1 setrlimit(RLIMIT_CORE, {rlim_cur=0, rlim_max=0}) = 0',
    ]),
  ).toEqual([]);
});

test('which personality, and whether an object has a key, is told of each call that worked, however often it was made', () => {
  const usual = '1 personality(PER_LINUX) = 0 (PER_LINUX)';
  expect(privilegedOf([usual, usual, usual, '1 personality(0xffffffff) = 0 (PER_LINUX)'])).toEqual([
    'personality: 0xffffffff',
    'personality: PER_LINUX',
  ]);
  expect(
    privilegedOf([
      '1 shmget(IPC_PRIVATE, 4096, 0600) = 3',
      '1 semget(0x5150, 1, IPC_CREAT|0600) = 4',
      '1 msgget(0x5151, 0) = -1 ENOENT (No such file or directory)',
    ]),
  ).toEqual(['semget: a key', 'shmget: IPC_PRIVATE']);
});
