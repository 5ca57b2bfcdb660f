// Long logs: what strace wrote of a server under load, its steady part again and again.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { loaded, servers } from './servers.mjs';

const flags = { redis: ['-f'], nginx: ['-f', '-tt', '-T', '-y'] };

/** Records a redis with `strace -f` and an nginx, which opens a file a request, with `strace -f -tt -T -y`. */
export async function record(workshop) {
  const [redis, , nginx] = servers(workshop, { seconds: 3, requests: 40_000 });
  const logs = {};
  for (const [name, server] of Object.entries({ redis, nginx })) {
    logs[name] = join(workshop, `${name}.recorded`);
    await loaded(server, ['strace', ...flags[name], '-o', logs[name], ...server.argv]);
  }
  return logs;
}

/** A log of that many bytes: the start, the middle over and over, the end. */
export function lengthen(recorded, target, bytes) {
  const lines = readFileSync(recorded, 'latin1').split('\n').slice(0, -1);
  const [start, end] = [Math.floor(lines.length / 10), Math.floor((lines.length * 9) / 10)];
  const block = (from, to) => Buffer.from(`${lines.slice(from, to).join('\n')}\n`, 'latin1');
  const middle = block(start, end);
  const file = openSync(target, 'w', 0o600);
  let size = writeSync(file, block(0, start));
  while (size < bytes) size += writeSync(file, middle);
  writeSync(file, block(end, lines.length));
  closeSync(file);
}
