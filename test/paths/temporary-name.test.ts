import { execaSync } from 'execa';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTemporaryName } from '../../src/paths/temporary-name.ts';

describe('names that another run would choose differently', () => {
  test.each([
    ['mkstemp', 'foo.Xa8Kd2'],
    ['mktemp(1)', 'tmp.fT2Zq9LmPx'],
    ['an agent directory', 'ssh-3vQxT9aLm2Rb'],
    [
      'a private directory of a service',
      'systemd-private-0f5e0c2a9b7d4e1f8a6b3c5d7e9f1a2b-ntp.service-Qx8fTz',
    ],
    ['Python', 'tmp4k_x9s2a'],
    ['Rust', '.tmpKx8Q2b'],
    ['Go', 'config3028394857.json'],
    ['a dump', 'temp-1234.rdb'],
    ['a sort file', 'pgsql_tmp8123.0'],
    ['a temporary table', '#sql-1a2_3'],
    ['a file without a name', '#1234567'],
    ['a name with its pid', 'foo.pid12345'],
    ['a pid before .tmp', 'state.12345.tmp'],
    ['a core', 'core.4711'],
    ['NFS', '.nfs00000000012ab34c00000007'],
    ['an atomic write', '.#hostname5d41402abc4b2a76'],
    ['rsync', '.data.~tmp~'],
    ['a UUID', 'job-123e4567-e89b-12d3-a456-426614174000.lock'],
    ['SHA-1', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['a date', 'access.log-20240115'],
    ['a date with dashes', 'backup_2024-01-15_12:00.tar.gz'],
    ['a time in seconds', '1705312800.M123P456.host'],
    ['a counter', '0000000012'],
    ['a session', 'sess_k3v9q2m8x7b1n5z4c6a0s2d8f1'],
  ])('%s: %s', (_, name) => expect(isTemporaryName(name)).toBe(true));
});

describe('names that stay', () => {
  test.each([
    'libfoo.so.1.2',
    'libabsl_base.so.20220623',
    'python3.11',
    'en_US.UTF-8',
    'config.d',
    '5ed36f99.0',
    'x86_64-linux-gnu',
    'tmp',
    'temp',
    'tmp.conf',
    'tmpfiles.d',
    'foo.conf.tmp',
    'template',
    'temperature',
    'core',
    'core_pattern',
    '.X11-unix',
    'ISO8859-15',
    'foo-IPv4v6',
    'GtkBuilder-3.0',
    'base64',
    'sha512sum',
    '0000:00:1f.2',
    'ttyS0',
    'loop12',
    'pg_wal',
    '16384',
    'README',
    'a.out',
    'pid',
    'daemon.pid',
    'server-6379.conf',
    'gai.conf',
    'Makefile.PL',
    'LC_MESSAGES',
    'node_modules',
    'index',
    '0c0nsx4b1b5gm3ykv0xvnlrp0mzsvrak-glibc-2.38',
    'dh2048.pem',
    'ssl-cert-snakeoil.key',
    'java-17-openjdk-amd64',
    '',
    '.',
    '..',
  ])('%s', (name) => expect(isTemporaryName(name)).toBe(false));
});

test('a number that is a pid of the trace counts, a version or a small number does not', () => {
  const pids = new Set([11, 345, 6012]);
  expect(isTemporaryName('worker-6012.sock', pids)).toBe(true);
  expect(isTemporaryName('worker-6013.sock', pids)).toBe(false);
  expect(isTemporaryName('python3.11', pids)).toBe(false);
  expect(isTemporaryName('release-1.2.345', pids)).toBe(false);
});

test('names that mktemp makes are mostly recognised', () => {
  for (const template of ['XXXXXXXXXX', 'tmp.XXXXXXXXXX']) {
    const made = Array.from({ length: 60 }, () => execaSync('mktemp', ['-u', `a.${template}`]).stdout);
    expect(made.filter((name) => isTemporaryName(name)).length).toBeGreaterThan(30);
  }
});

test('names of installed programs and configuration are not taken for temporary', () => {
  const names = execaSync('find', ['/etc', '/usr/bin', '/usr/sbin', '-xdev', '-printf', '%f\\n'], {
    reject: false,
  }).stdout.split('\n');
  const taken = new Set(names.filter((name) => isTemporaryName(name)));
  expect(taken.size / names.length).toBeLessThan(0.005);
});

test('any text is answered, at once', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (name) => typeof isTemporaryName(name) === 'boolean'));
  const started = performance.now();
  for (const part of ['a', '0', '-', 'aA0', '.#', '#sql', 'tmp.', '0a']) {
    for (let i = 0; i < 100; i++) isTemporaryName(part.repeat(Math.floor(255 / part.length)));
    isTemporaryName(part.repeat(1_000_000));
  }
  expect(performance.now() - started).toBeLessThan(2000);
});
