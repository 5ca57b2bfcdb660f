// Profiles `python3 -m http.server` at work and shows the drop-in, with its exposure before and after.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const port = await freePort();
const requests = [
  `curl -fsS http://127.0.0.1:${port}/ >/dev/null`,
  `curl -fsS -H 'If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT' http://127.0.0.1:${port}/ >/dev/null`,
  `! curl -fsS http://127.0.0.1:${port}/no-such-file >/dev/null 2>&1`,
].join(' && ');
const args = ['--exercise', requests, '--', '/usr/bin/python3', '-m', 'http.server', String(port)];
process.stderr.write(`$ sandbox-profile ${args.map(quoted).join(' ')}\n\n`);
const { status } = spawnSync(process.execPath, [cli, ...args], {
  cwd: '/usr/share',
  stdio: ['ignore', 1, 2],
});
process.exitCode = status ?? 1;

function quoted(word) {
  return /^[\w/.:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** 8000 where it is free, as in every tutorial; else any that is. */
async function freePort() {
  for (const wanted of [8000, 0]) {
    const server = createServer();
    const port = await new Promise((found) => {
      server.once('error', () => found(undefined));
      server.listen(wanted, '0.0.0.0', () => found(server.address().port));
    });
    await new Promise((closed) => server.close(closed));
    if (port !== undefined) return port;
  }
  throw new Error('No port is free.');
}
