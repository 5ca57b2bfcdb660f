import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon } from './serve-under.ts';

/** Five daemons of different kinds, as Debian ships them: the commands are those of their units, or what a manual would say. */
export const daemons = {
  python: {
    name: 'try-python',
    argv: ['/usr/bin/python3', '-m', 'http.server', '8000', '--directory', '/usr/share/doc'],
    port: 8000,
    check: ['curl', '-sSf', '-m', '3', 'http://127.0.0.1:8000/'],
    prints: /Directory listing/,
  },
  nginx: {
    name: 'try-nginx',
    argv: ['/usr/sbin/nginx', '-g', 'daemon on; master_process on;'],
    lines: ['Type=forking', 'PIDFile=/run/nginx.pid', 'KillMode=mixed'],
    port: 80,
    check: ['curl', '-sSf', '-m', '3', 'http://127.0.0.1/'],
  },
  apache2: {
    name: 'try-apache2',
    argv: ['/usr/sbin/apachectl', 'start'],
    environment: 'APACHE_STARTED_BY_SYSTEMD=true',
    lines: ['Type=forking', 'Environment=APACHE_STARTED_BY_SYSTEMD=true', 'KillMode=mixed'],
    port: 80,
    check: ['curl', '-sSf', '-m', '3', 'http://127.0.0.1/'],
  },
  redis: {
    name: 'try-redis',
    argv: ['/usr/bin/redis-server', '/etc/redis/redis.conf', '--supervised', 'systemd', '--daemonize', 'no'],
    user: 'redis',
    lines: ['Type=notify', 'User=redis', 'Group=redis', 'RuntimeDirectory=redis'],
    port: 6379,
    check: ['redis-cli', '-h', '127.0.0.1', 'incr', 'visits'],
    prints: /^\d+$/,
  },
  dnsmasq: {
    name: 'try-dnsmasq',
    argv: ['/usr/sbin/dnsmasq', '--keep-in-foreground', '--no-resolv', '--address=/sandbox.test/192.0.2.7'],
    port: 53,
    protocol: 'udp',
    check: ['dig', '+short', '+time=2', '@127.0.0.1', 'sandbox.test'],
    prints: /^192\.0\.2\.7$/,
  },
} as const satisfies Record<string, Daemon & { user?: string; environment?: string }>;

/** What a daemon and its check need to be installed. */
export function programsOf(daemon: Daemon): string[] {
  return [daemon.argv[0] ?? '', daemon.check[0] ?? ''];
}

/** Whether a program is there: a path, or a name in PATH. */
export function installed(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  return (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, program)));
}
