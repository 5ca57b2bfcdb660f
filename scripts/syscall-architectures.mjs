#!/usr/bin/env node
/**
 * Remakes src/syscall-groups/data/architectures.json: which system calls exist on which architecture, and since
 * which libseccomp a name can be resolved; and numbers.json: what their numbers are.
 *
 *   node scripts/syscall-architectures.mjs DIRECTORY
 *
 * DIRECTORY holds one folder a release of libseccomp, each with the date of the release (YYYY-MM-DD) in `date` and
 * with src/syscalls.csv (since 2.5.0) or src/arch-x86_64-syscalls.c (before):
 *   v2.5.4/syscalls.csv, v2.5.4/date
 * The newest release says what exists where.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error(
    'Say which directory holds the source texts: node scripts/syscall-architectures.mjs DIRECTORY',
  );
  process.exit(2);
}

const order = (a, b) => a.localeCompare(b, 'en', { numeric: true });
const releases = readdirSync(directory)
  .filter((name) => /^v\d+\.\d+\.\d+$/.test(name))
  .sort(order);
const rows = (release) =>
  readFileSync(join(directory, release, 'syscalls.csv'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(','));

const resolved = (release) => {
  if (existsSync(join(directory, release, 'syscalls.csv')))
    return rows(release)
      .slice(1)
      .map(([name]) => name);
  const table = readFileSync(join(directory, release, 'arch-x86_64-syscalls.c'), 'utf8');
  return [...table.matchAll(/\{\s*"(\w+)",/g)].map((match) => match[1]);
};

/** systemd's words for libseccomp's columns (SystemCallArchitectures=). */
const words = { x86_64: 'x86-64', aarch64: 'arm64', mips64n32: 'mips64-n32' };
const newest = releases.at(-1);
const [header, ...table] = rows(newest);
const columns = header.slice(1).filter((column) => !column.endsWith('_kver'));
const architectures = columns.map((column) => words[column] ?? column);
const exists = new Map(
  table.map((row) => [
    row[0],
    new Set(columns.filter((column) => /^\d+$/.test(row[header.indexOf(column)]))),
  ]),
);

// Where socketcall(2) or ipc(2) exist, libseccomp filters the calls inside them by their own names.
const inside = {
  socketcall:
    'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg',
  ipc: 'semop semget semctl semtimedop msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl',
};
for (const [multiplexer, names] of Object.entries(inside)) {
  for (const name of names.split(' ')) {
    for (const column of exists.get(multiplexer)) exists.get(name).add(column);
  }
}

const on = new Map();
for (const [name, set] of [...exists].sort()) {
  const key =
    set.size === columns.length ? '*' : architectures.filter((_, index) => set.has(columns[index])).join(' ');
  on.set(key, [...(on.get(key) ?? []), name]);
}

const since = {};
const seen = new Set();
for (const release of releases) {
  const fresh = resolved(release)
    .filter((name) => !seen.has(name))
    .sort();
  for (const name of fresh) seen.add(name);
  since[release.slice(1)] = {
    date: readFileSync(join(directory, release, 'date'), 'utf8').trim(),
    names: fresh.join(' '),
  };
}

const out = {
  about: `Made by scripts/syscall-architectures.mjs from libseccomp ${newest.slice(1)}, src/syscalls.csv. "on": architectures (* is all of them) → calls that exist there. "since": release of libseccomp → names that it was the first to know.`,
  architectures: architectures.join(' '),
  on: Object.fromEntries([...on].sort().map(([key, names]) => [key, names.join(' ')])),
  since,
};
writeFileSync(
  new URL('../src/syscall-groups/data/architectures.json', import.meta.url),
  `${JSON.stringify(out, null, 1)}\n`,
);

// Numbers go up by one from name to name; where they don't, the next one is written.
const inOrder = (column) => {
  const numbered = table
    .map((row) => [row[0], row[header.indexOf(column)]])
    .filter(([, number]) => /^\d+$/.test(number))
    .map(([name, number]) => ({ name, number: Number(number) }))
    .sort((a, b) => a.number - b.number);
  return numbered
    .flatMap(({ name, number }, at) =>
      number === (numbered[at - 1]?.number ?? -1) + 1 ? [name] : [number, name],
    )
    .join(' ');
};
const numbered = ['x86', 'x86_64', 'arm', 'aarch64', 'loongarch64', 'ppc64', 'riscv64', 's390x'];
writeFileSync(
  new URL('../src/syscall-groups/data/numbers.json', import.meta.url),
  `${JSON.stringify(
    {
      about: `Made by scripts/syscall-architectures.mjs from libseccomp ${newest.slice(1)}, src/syscalls.csv: the calls of an architecture in the order of their numbers, which begin at 0 and go up by one but where a number stands before the name.`,
      on: Object.fromEntries(numbered.map((column) => [words[column] ?? column, inOrder(column)])),
    },
    null,
    1,
  )}\n`,
);
