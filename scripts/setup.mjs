// Prepares a fresh checkout: npm packages, the programs that are asked for, the build. Runs before anything is installed, so it
// uses nothing but Node. Usage: node scripts/setup.mjs [demo|test|daemons]
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));

/** What each purpose runs: the program, and the package that has it (one name where all distributions agree). */
const programs = {
  demo: { strace: 'strace', python3: 'python3', curl: 'curl' },
  test: {
    strace: 'strace',
    python3: 'python3',
    curl: 'curl',
    gcc: ['gcc', 'libc6-dev'],
    xz: 'xz-utils',
    zstd: 'zstd',
  },
  daemons: {
    nginx: 'nginx-light',
    apache2: 'apache2',
    'redis-server': 'redis-server',
    dnsmasq: 'dnsmasq-base',
    dig: 'bind9-dnsutils',
    'php-fpm8.2': 'php-fpm',
    'cgi-fcgi': 'libfcgi-bin',
    ab: 'apache2-utils',
    logrotate: 'logrotate',
    'stress-ng': 'stress-ng',
    'musl-gcc': 'musl-tools',
  },
};
const purpose = process.argv[2] ?? 'demo';

function isThere(program) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return places.some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: home, stdio: ['ignore', 2, 2], ...options });
  if (error !== undefined || status !== 0) {
    process.stderr.write(
      `setup: \`${[command, ...args].join(' ')}\` failed${error ? `: ${error.message}` : ''}.\n`,
    );
    process.exit(1);
  }
}

const installers = {
  'apt-get': ['install', '-y', '--no-install-recommends'],
  dnf: ['install', '-y'],
  zypper: ['-n', 'install'],
};

function installPrograms() {
  const wanted = Object.entries(programs[purpose] ?? programs.demo).filter(([program]) => !isThere(program));
  if (wanted.length === 0) return;
  const packages = wanted.flatMap(([, name]) => name);
  const installer = Object.keys(installers).find(isThere);
  if (process.getuid?.() !== 0 || installer === undefined) {
    process.stderr.write(
      `setup: please install ${packages.join(', ')} (as root: ${installer ?? 'your package manager'} install ${packages.join(' ')}).\n`,
    );
    if (purpose === 'demo') process.exit(1);
    return;
  }
  process.stderr.write(`setup: installing ${packages.join(', ')}\n`);
  withoutStartingServices(() => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    if (installer === 'apt-get') run('apt-get', ['update', '-qq'], { env });
    run(installer, [...installers[installer], ...packages], { env });
  });
}

/** Debian starts what it installs, unless this script says no: https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt */
function withoutStartingServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = existsSync('/usr/sbin') && !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    if (ours) rmSync(policy);
  }
}

/** npm writes this file when it is done: older than the lock file means that the lock file has changed since. */
function installDependencies() {
  const done = join(home, 'node_modules/.package-lock.json');
  const lock = join(home, 'package-lock.json');
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  process.stderr.write('setup: installing npm packages\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

installPrograms();
installDependencies();
run('npm', ['run', '--silent', 'build']);
