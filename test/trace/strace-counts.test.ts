import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reading, read } from './reading.ts';

/** strace counts the calls that it logs (`-C`): its own table says what our count must be. */

let folder: string;
const nobody = 65534;
const isRoot = process.getuid?.() === 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strace-counts-'));
  if (isRoot) chownSync(folder, nobody, nobody);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;

async function traced(flags: string[], command: string[]): Promise<string> {
  const log = join(folder, `${runs++}.log`);
  const identity = isRoot ? { uid: nobody, gid: nobody } : {};
  // The programs end as they like: the log counts.
  await execa('strace', ['-f', '-C', '-o', log, ...flags, ...command], {
    reject: false,
    stdio: 'ignore',
    cwd: folder,
    timeout: 240_000,
    ...identity,
  });
  return readFileSync(log, 'latin1');
}

/** The rows of the table at the end: `  0.00    0.000000           0         8         2 read`. */
function tableOf(log: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of log.slice(log.lastIndexOf('\n% time')).split('\n')) {
    const cells = /^ *\d+\.\d+ +\d+\.\d+ +\d+ +(\d+) +(?:\d+ +)?(\S+)$/.exec(row);
    if (cells !== null && cells[2] !== 'total') counts.set(String(cells[2]), Number(cells[1]));
  }
  return counts;
}

/**
 * strace leaves out what never returned, and counts a call again when it is restarted. A call at whose end the process was
 * gone (`= ? <unavailable>`) may be in the table or not: it fills up what the table has more.
 */
function countsOf(reading: Reading, log: string, table: Map<string, number>): Map<string, number> {
  const lines = log.split('\n');
  const counts = new Map<string, number>();
  const lost: string[] = [];
  for (const event of reading.events) {
    if (event.kind !== 'call') continue;
    if (event.result.text !== '?' || event.result.errno !== undefined) add(event.name);
    else if (lines[event.endLine - 1]?.endsWith('= ? <unavailable>')) lost.push(event.name);
  }
  for (const name of lost) if ((counts.get(name) ?? 0) < (table.get(name) ?? 0)) add(name);
  return counts;

  function add(name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}

function sorted(counts: Map<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function expectSameCounts(log: string): void {
  const table = tableOf(log);
  expect(table.size).toBeGreaterThan(5);
  const reading = read(log);
  expect(sorted(countsOf(reading, log, table))).toEqual(sorted(table));
  expect(reading.unread).toEqual([]);
  const classed = Object.values(reading.tally).reduce((sum, count) => sum + count, 0);
  expect(classed).toBe(reading.lines);
  // Every argument can be asked for.
  for (const event of reading.events)
    if (event.kind === 'call' || event.kind === 'unfinished') expect(event.args).toBeInstanceOf(Array);
}

const server = `
import http.server, threading, subprocess, urllib.request
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=s.serve_forever, daemon=True).start()
url = 'http://127.0.0.1:%d/' % s.server_port
for _ in range(3): urllib.request.urlopen(url).read()
subprocess.run(['curl', '-s', '-o', '/dev/null', url])
s.shutdown()
`;
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

describe('our count is that of strace', () => {
  test.each([
    [
      'a shell pipeline',
      [],
      [
        'sh',
        '-c',
        'ls -l /usr/bin | sort | head -3; for i in 1 2 3; do (echo $i; exit $i) & done; wait; kill -TERM $$',
      ],
    ],
    [
      'descriptors by name',
      ['-yy', '-tt', '-T'],
      ['sh', '-c', 'cat /etc/passwd | sed s/a/b/ > out; ls -la . /dev; readlink /proc/self/fd/0'],
    ],
    ['a server with threads and its clients', ['-yy'], [python, '-c', server]],
    ['a server, everything unabbreviated', ['-v', '-s', '4096', '-r'], [python, '-c', server]],
    [
      'perl with signals',
      ['-i'],
      [
        'perl',
        '-e',
        '$SIG{ALRM}=sub{}; alarm 1; sleep 5; for (1..20) { my $p = fork; if (!$p) { exec "/bin/true" } waitpid $p, 0 } print "x\\n"',
      ],
    ],
  ])('%s', { timeout: 240_000 }, async (_, flags, command) => {
    expectSameCounts(await traced(flags, command));
  });
});

const hasStressNg = canRun('stress-ng');
const stressors = [
  'affinity aio bad-altstack brk cap chown clock close copy-file dev',
  'env fallocate fanotify fiemap file-ioctl get getrandom handle io',
  'io-uring ioprio kcmp key landlock lease lockf membarrier mincore mknod',
  'mlockmany mprotect msync netdev netlink-proc nice open pidfd pkey prctl',
  'procfs ptrace pty readahead resources rlimit rseq sctp seek',
  'sendfile session set sigrt splice sync-file sysinfo tee urandom userfaultfd',
  'vm-rw vm-splice yield zombie switch sigio sigfd numa clone context',
  'fork vfork pthread exec signal sigq sigsuspend sigpending kill sock',
  'sockpair udp epoll poll dentry dir link rename xattr symlink',
  'dup eventfd inotify memfd fifo fcntl msg sem shm mq',
  'sem-sysv shm-sysv timer timerfd itimer wait nanosleep mmap mremap madvise',
  'mlock futex seccomp sigsegv unshare personality access chdir chmod getdent',
  'flock utime chroot loop ramfs sigpipe sigtrap sigchld pipe',
];

// stress-ng makes calls that few programs make, and dies in ways that few do.
describe.skipIf(!hasStressNg)(
  'our count is that of strace while stress-ng runs (where it is installed)',
  () => {
    const names = new Set<string>();

    test.each(stressors)('%s', { timeout: 240_000 }, async (group) => {
      const jobs = group.split(' ').flatMap((name) => [`--${name}`, '1', `--${name}-ops`, '2']);
      const log = await traced(['-yy'], ['stress-ng', '--temp-path', folder, '--timeout', '1s', ...jobs]);
      expectSameCounts(log);
      for (const name of tableOf(log).keys()) names.add(name);
    });

    test('it made most of the calls that an unprivileged program can make', () => {
      expect(names.size).toBeGreaterThan(240);
    });
  },
);

function canRun(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
