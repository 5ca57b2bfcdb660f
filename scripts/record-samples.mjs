#!/usr/bin/env node
/**
 * Records test/strace-samples/ anew, on a bare Debian 12, as root: `node scripts/record-samples.mjs [NAME…]`.
 *
 * Each daemon runs in a box of its own: namespaces (no network but loopback, process numbers from 1, the host's name `sample`)
 * and a file system whose changes are thrown away. So no log holds anything of the machine it was taken on, keys are made for the
 * one log, and nothing that is started outlives it.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { samples } from './strace-samples.mjs';

const target = fileURLToPath(new URL('../test/strace-samples/', import.meta.url));
const policy = '/usr/sbin/policy-rc.d';
const plain = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
};

/** The words are $1: a directory for the log, $2: before, $3: command, $4: ready, $5: exercise, $6: how to stop. */
const box = `
set -eu
mount --bind "$1" /mnt
hostname sample
ip link set lo up
mount -t tmpfs -o mode=0755 tmpfs /media
for directory in etc var; do
  mkdir "/media/$directory" "/media/$directory.work"
  mount -t overlay -o "lowerdir=/$directory,upperdir=/media/$directory,workdir=/media/$directory.work" overlay "/$directory"
done
for directory in run srv root home usr/local opt; do mount -t tmpfs -o mode=0755 tmpfs "/$directory"; done
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p /run/lock /srv/www
rm -rf /var/run
ln -s /run /var/run
echo sample >/etc/hostname
printf '127.0.0.1 localhost\\n::1 localhost\\n' >/etc/hosts
rm -f /etc/resolv.conf
printf 'nameserver 127.0.0.1\\n' >/etc/resolv.conf
printf '<p>Hello</p>\\n' >/srv/www/index.html
cd /srv/www

wait_for() {
  tries=0
  until eval "$1"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo "never true: $1" >&2; exit 1; }
    sleep 0.1
  done
}
# The state 0A is LISTEN, 07 a bound UDP socket; the kernel tells without a connection that would end up in the log.
listens() {
  cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp | grep -qE ":$(printf %04X "$1") [0-9A-F:]+ (0A|07) "
}
traced() { pgrep -P "$tracer" >/dev/null; }

eval "$2" >/mnt/box.out 2>&1
sh -c "exec $3" </dev/null >/mnt/program.out 2>&1 &
tracer=$!
wait_for "$4"
eval "$5" >>/mnt/box.out 2>&1
if [ -n "$6" ]; then eval "$6"; fi
wait "$tracer" || true
`;

async function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: plain, ...options });
  const code = await new Promise((ended, failed) => {
    child.on('error', failed);
    child.on('close', (status, signal) => ended(signal ?? status));
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

async function install(packages) {
  const isOurs = !existsSync(policy);
  // Debian's packages start their daemons when they are installed; 101 says no.
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...plain, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env });
  } finally {
    if (isOurs) rmSync(policy);
  }
}

function commandOf(sample, log) {
  return sample.command.replaceAll('LOG', log);
}

async function record(sample) {
  const folder = mkdtempSync(join(tmpdir(), 'record-samples-'));
  try {
    const log = sample.set ? '/mnt/set/trace' : '/mnt/log';
    if (sample.set) mkdirSync(join(folder, 'set'));
    const stop = sample.stop ?? 'pkill -TERM -P "$tracer"';
    const words = [
      folder,
      sample.before ?? '',
      commandOf(sample, log),
      sample.ready,
      sample.exercise ?? '',
      stop,
    ];
    const namespaces = [
      '--mount',
      '--uts',
      '--ipc',
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ];
    try {
      await run('unshare', [...namespaces, '--', 'sh', '-c', box, 'box', ...words]);
    } catch (error) {
      for (const name of ['box.out', 'program.out']) {
        if (existsSync(join(folder, name))) process.stderr.write(readFileSync(join(folder, name)));
      }
      throw new Error(`${sample.name}: ${error.message}`);
    }
    const read = sample.fromStderr ? 'program.out' : 'log';
    if (sample.set) {
      const directory = join(target, sample.name);
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory);
      for (const name of readdirSync(join(folder, 'set'))) {
        store(join(directory, `${name}.gz`), readFileSync(join(folder, 'set', name)));
      }
    } else {
      const whole = readFileSync(join(folder, read));
      store(
        join(target, `${sample.name}.strace.gz`),
        sample.cut ? whole.subarray(0, sample.cut(whole)) : whole,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function store(path, content) {
  writeFileSync(path, gzipSync(content, { level: 9 }));
  process.stdout.write(
    `${path.slice(target.length)}: ${content.length} bytes, ${statSync(path).size} packed\n`,
  );
}

/** The header of a packed file holds no time or name, so equal logs are equal files; line counts are of the unpacked ones. */
function linesOf(sample) {
  const path = join(target, sample.set ? sample.name : `${sample.name}.strace.gz`);
  const files = sample.set ? readdirSync(path).map((name) => join(path, name)) : [path];
  const counts = files.map(
    (file) => gunzipSync(readFileSync(file)).toString('latin1').split('\n').length - 1,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function readme() {
  const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const there = samples.filter(({ name }) => readdirSync(target).some((file) => file.split('.')[0] === name));
  const rows = there.map((sample) => {
    const file = sample.set ? `${sample.name}/` : `${sample.name}.strace.gz`;
    const shown = commandOf(sample, sample.set ? 'trace' : `${sample.name}.strace`);
    return row([
      `\`${file}\``,
      sample.what,
      `\`${shown}\``,
      sample.strace ?? '6.1',
      String(linesOf(sample)),
      sample.done ?? 'packed',
    ]);
  });
  writeFileSync(
    join(target, 'README.md'),
    `# Logs of real daemons

Debian 12's packages, each at work for a moment, as plain strace wrote them down; test/samples/ holds the laws against them.
\`node scripts/record-samples.mjs\` (as root, on a bare Debian 12) records them anew and writes this page; what each daemon is
asked to do while it is watched stands in scripts/strace-samples.mjs. They are taken in a box without a network, with a file
system whose changes are thrown away and keys that were made for the one log: nothing in them is anybody's.

${row(['file', 'what', 'command', 'strace', 'lines', 'what was done to it'])}
${row(['---', '---', '---', '---', '---', '---'])}
${rows.join('\n')}
`,
  );
}

const chosen = process.argv.slice(2);
const wanted = samples.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
await install([
  ...new Set(['strace', 'curl', 'procps', 'iproute2', ...wanted.flatMap(({ packages }) => packages)]),
]);
for (const sample of wanted) {
  try {
    await record(sample);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
readme();
