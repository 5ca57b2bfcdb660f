// A redis and an nginx of their own directories and ports, natively or under something, and what loads them.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

/** Requests per second of SET and of GET, by 20 clients. */
async function loadRedis(port, requests) {
  const { stdout } = await execa('redis-benchmark', [
    ...['-p', String(port), '-c', '20', '-n', String(requests), '-t', 'set,get', '--csv'],
  ]);
  const rates = [...stdout.matchAll(/^"(SET|GET)[^"]*","([\d.]+)"/gm)].map(([, , rate]) => Number(rate));
  if (rates.length !== 2) throw new Error(`redis-benchmark said: ${stdout}`);
  return (rates[0] + rates[1]) / 2;
}

async function loadNginx(port, seconds) {
  const { stdout } = await execa('wrk', [
    '-t1',
    '-c20',
    `-d${seconds}s`,
    `http://127.0.0.1:${port}/page.html`,
  ]);
  const rate = Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(stdout)?.[1]);
  if (!(rate > 0) || /Non-2xx/.test(stdout)) throw new Error(`wrk said: ${stdout}`);
  return rate;
}

function nginxConfiguration(directory, port, isCached) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  return `daemon off; worker_processes 1; user root; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  ${isCached ? 'open_file_cache max=100; open_file_cache_valid 60s;' : ''}
  ${temporary.join(' ')}
  server { listen 127.0.0.1:${port}; root ${directory}/pages; }
}
`;
}

/** The servers that are measured. `load` gives requests per second. */
export function servers(workshop, { seconds, requests }) {
  const nginx = (name, port, isCached) => {
    const directory = join(workshop, `nginx-${port}`);
    mkdirSync(join(directory, 'pages'), { recursive: true });
    writeFileSync(join(directory, 'pages/page.html'), 'x'.repeat(2000));
    writeFileSync(join(directory, 'nginx.conf'), nginxConfiguration(directory, port, isCached));
    const argv = ['/usr/sbin/nginx', '-c', join(directory, 'nginx.conf'), '-p', directory];
    return { name, port, argv, load: () => loadNginx(port, seconds) };
  };
  const directory = join(workshop, 'redis');
  mkdirSync(directory, { recursive: true });
  return [
    {
      name: 'redis',
      port: 17001,
      argv: [
        '/usr/bin/redis-server',
        '--port',
        '17001',
        '--dir',
        directory,
        '--save',
        '',
        '--appendonly',
        'no',
      ],
      load: () => loadRedis(17001, requests),
    },
    nginx('nginx, open_file_cache', 17002, true),
    nginx('nginx, a file opened a request', 17003, false),
  ];
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const end = (is) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** What runs in process groups of its own, which Ctrl-C does not reach. */
const running = new Set();

/** Ends what is still running when the whole is given up. */
export function endServers() {
  for (const pid of running) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  }
}

/** Starts a command that ends in the server, loads it, ends it; gives what `load` gave. */
export async function loaded(server, command, env = {}) {
  const [file, ...args] = command;
  const child = execa(file, args, {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    env,
    reject: false,
    detached: true,
  });
  running.add(child.pid);
  try {
    for (let tries = 0; !(await answers(server.port)); tries++) {
      if (tries > 600 || child.exitCode !== null)
        throw new Error(`${command.join(' ')} does not answer on ${server.port}.`);
      await delay(50);
    }
    // What it does at its start is no part of the load.
    await delay(500);
    return await server.load();
  } finally {
    child.kill('SIGINT');
    const gone = await Promise.race([child, delay(15_000, 'late')]);
    if (gone === 'late') process.kill(-child.pid, 'SIGKILL');
    await child;
    running.delete(child.pid);
    for (let tries = 0; (await answers(server.port)) && tries < 200; tries++) await delay(50);
  }
}

export function lineCount(file) {
  return existsSync(file) ? readFileSync(file, 'latin1').split('\n').length - 1 : 0;
}

export function clean(path) {
  rmSync(path, { recursive: true, force: true });
}
