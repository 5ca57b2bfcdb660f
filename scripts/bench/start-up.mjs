// How long it takes to begin, and to judge many paths.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, median, ratio, timed } from './measure.mjs';

export async function startUp(cli, workshop, { rounds }) {
  const small = join(workshop, 'small.strace');
  const line = (call) => `7     ${call}\n`;
  const begin = line('execve("/usr/bin/d", ["d"], 0x7ffd /* 1 var */) = 0');
  writeFileSync(small, begin + line('openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3').repeat(500));
  const many = join(workshop, 'many.strace');
  const paths = Array.from({ length: 10_000 }, (_, at) =>
    line(`openat(AT_FDCWD, "/srv/d${at % 97}/f${at}", O_WRONLY|O_CREAT, 0644) = 3`),
  );
  writeFileSync(many, begin + paths.join(''));
  const unit = join(workshop, 'many.conf');
  const granted = Array.from({ length: 97 }, (_, at) => `/srv/d${at}`);
  writeFileSync(
    unit,
    `[Service]\nProtectSystem=strict\nReadWritePaths=${granted.join(' ')}\nInaccessiblePaths=-/root -/home\n`,
  );
  const run = (...args) => timed(process.execPath, [cli, ...args]);
  const runs = await inTurn(
    {
      node: () => timed(process.execPath, ['-e', '0']),
      version: () => run('--version'),
      replay: () => run('replay', '--root', 'none', '--force', '-o', join(workshop, 'made.conf'), small),
      check: () => run('check', '--root', 'none', unit, many),
    },
    Math.max(rounds, 5),
  );
  const seconds = (name) => runs[name].map((each) => each.seconds);
  return {
    rows: [
      { what: '--version, of node -e 0', value: ratio(seconds('version'), seconds('node')), most: 2.5 },
      { what: 'a replay of 500 lines, of node -e 0', value: ratio(seconds('replay'), seconds('node')) },
      { what: 'a check of 10,000 paths, seconds', value: median(seconds('check')) },
    ],
    details: runs,
  };
}
