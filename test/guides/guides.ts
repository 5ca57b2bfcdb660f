import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Daemon } from '../daemons/serve-under.ts';

/** A drop-in written by hand in the manner of a public guide, the log that it is judged by, and how that daemon is started. */
export interface Guide {
  /** Its file beside this one. */
  file: string;
  /** The sample. */
  log: string;
  daemon: Daemon;
  /** Shell that makes the machine what the log's was. */
  prepare?: string;
  /** As whom the log's strace started it (`-u`), which no line of the log says. */
  user?: string;
  /** A call that another run need not make, and why not. */
  chance?: { call: string; why: string };
}

/** Commands are those of test/strace-samples/README.md. */
export const guides: readonly Guide[] = [
  {
    file: 'httpd.conf',
    log: 'apache2',
    chance: { call: 'kill', why: 'the master signals only workers that are slow to end by themselves' },
    daemon: {
      name: 'guide-httpd',
      argv: ['/usr/sbin/apache2ctl', '-D', 'FOREGROUND'],
      lines: ['KillMode=mixed'],
      port: 80,
      check: ['curl', '-sSf', '-m', '3', 'http://127.0.0.1/'],
    },
    prepare:
      "printf 'StartServers 1\\nThreadsPerChild 4\\nServerName sample\\n' >/etc/apache2/conf-enabled/sample.conf",
  },
  {
    file: 'nginx.conf',
    log: 'nginx',
    daemon: {
      name: 'guide-nginx',
      argv: ['/usr/sbin/nginx', '-g', 'daemon off;'],
      lines: ['KillMode=mixed'],
      port: 80,
      check: ['curl', '-sSf', '-m', '3', 'http://127.0.0.1/'],
    },
  },
  {
    file: 'dnsmasq.conf',
    log: 'dnsmasq',
    daemon: {
      name: 'guide-dnsmasq',
      argv: ['/usr/sbin/dnsmasq', '-k', '--no-resolv', '--address=/example.test/192.0.2.1'],
      port: 53,
      protocol: 'udp',
      check: ['dig', '+short', '+time=2', '@127.0.0.1', 'example.test'],
      prints: /^192\.0\.2\.1$/,
    },
  },
  {
    file: 'unbound.conf',
    log: 'unbound',
    daemon: {
      name: 'guide-unbound',
      argv: ['/usr/sbin/unbound', '-d'],
      port: 53,
      protocol: 'udp',
      check: ['dig', '+short', '+time=2', '@127.0.0.1', 'example.test'],
      prints: /^192\.0\.2\.1$/,
    },
    prepare: `cat >/etc/unbound/unbound.conf <<'END'
server:
  num-threads: 2
  interface: 127.0.0.1
  chroot: "/etc/unbound"
  local-zone: "." static
  local-data: "example.test A 192.0.2.1"
END`,
  },
  {
    file: 'redis.conf',
    log: 'redis-server',
    user: 'redis',
    daemon: {
      name: 'guide-redis',
      argv: ['/usr/bin/redis-server', '/etc/redis/redis.conf', '--daemonize', 'no'],
      port: 6379,
      check: ['redis-cli', '-h', '127.0.0.1', 'incr', 'visits'],
      prints: /^\d+$/,
    },
  },
  {
    file: 'python.conf',
    log: 'python-http-server',
    daemon: {
      name: 'guide-python',
      argv: ['/usr/bin/python3', '-m', 'http.server', '8000'],
      lines: ['WorkingDirectory=/usr/share/doc'],
      port: 8000,
      check: ['curl', '-sSf', '-m', '3', 'http://127.0.0.1:8000/'],
    },
  },
];

export function pathOf({ file }: Guide): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

export function textOf(guide: Guide): string {
  return readFileSync(pathOf(guide), 'utf8');
}
