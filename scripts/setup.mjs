// Prepares a fresh checkout: npm packages, the programs that are asked for, the build. Runs before anything is installed, so it
// uses nothing but Node. Usage: node scripts/setup.mjs [demo|test|conformance|daemons|bench]
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('..', import.meta.url));

/** What all tests run beside Node: the program, and the packages that have it (Debian's, or by installer where names differ). */
const tools = {
  strace: 'strace',
  python3: 'python3',
  curl: 'curl',
};

/** What builds the part that asks the kernel what programs do: scripts/build-observer.mjs. */
const kernelTools = {
  clang: 'clang',
  gcc: {
    'apt-get': ['gcc', 'libc6-dev'],
    dnf: ['gcc', 'glibc-devel', 'glibc-static'],
    zypper: ['gcc', 'glibc-devel-static'],
  },
  '/usr/include/bpf/libbpf.h': {
    'apt-get': 'libbpf-dev',
    dnf: ['libbpf-devel', 'libbpf-static'],
    zypper: 'libbpf-devel',
  },
  '/usr/include/gelf.h': {
    'apt-get': 'libelf-dev',
    dnf: 'elfutils-libelf-devel-static',
    zypper: 'libelf-devel',
  },
  '/usr/include/zlib.h': { 'apt-get': 'zlib1g-dev', dnf: 'zlib-static', zypper: 'zlib-devel-static' },
};

/** What each purpose runs. A test that lacks one of these is skipped, or says what is missing. */
const programs = {
  demo: tools,
  test: {
    ...tools,
    ...kernelTools,
    xz: { 'apt-get': 'xz-utils', dnf: 'xz', zypper: 'xz' },
    zstd: 'zstd',
    bzip2: 'bzip2',
    ps: { 'apt-get': 'procps', dnf: 'procps-ng', zypper: 'procps' },
    rpmbuild: { 'apt-get': 'rpm', dnf: 'rpm-build', zypper: 'rpm-build' },
    logrotate: 'logrotate',
    'musl-gcc': { 'apt-get': 'musl-tools', dnf: 'musl-gcc' },
  },
  // Roots with other versions of systemd: test/conformance/other-systems.ts
  conformance: { ...tools, mmdebstrap: 'mmdebstrap' },
  bench: {
    ...tools,
    ...kernelTools,
    nginx: 'nginx-light',
    'redis-server': 'redis-server',
    'redis-benchmark': { 'apt-get': 'redis-tools', dnf: 'redis', zypper: 'redis' },
    wrk: 'wrk',
  },
  // Beside these, what each daemon in test/daemons/packaged needs; stress-ng is for test/trace/strace-counts.test.ts.
  daemons: { ...tools, ...kernelTools, 'stress-ng': 'stress-ng' },
};
const purpose = process.argv[2] ?? 'demo';

/** A program by its name, or a file by its path. */
function isThere(program) {
  if (program.startsWith('/')) return existsSync(program);
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

/** @returns why it failed; undefined where it did not. */
function failureOf(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: home, stdio: ['ignore', 2, 2], ...options });
  if (error === undefined && status === 0) return undefined;
  return `\`${[command, ...args].join(' ')}\` failed${error ? `: ${error.message}` : ''}.`;
}

function run(command, args, options) {
  const failure = failureOf(command, args, options);
  if (failure === undefined) return;
  process.stderr.write(`setup: ${failure}\n`);
  process.exit(1);
}

const installers = {
  'apt-get': ['install', '-y', '--no-install-recommends'],
  dnf: ['install', '-y'],
  zypper: ['-n', 'install'],
};

/** What can't be installed is said. The demo and the daemons need all of it; of other tests only some are skipped. */
async function installPrograms() {
  const needed = { ...(programs[purpose] ?? programs.demo), ...(await neededByDaemons()) };
  const wanted = Object.entries(needed).filter(([program]) => !isThere(program));
  if (wanted.length === 0) return;
  const installer = Object.keys(installers).find(isThere);
  const packages = new Set(
    wanted.flatMap(([program, names]) => (typeof names === 'string' ? names : (names[installer] ?? program))),
  );
  const advice = `as root: ${installer ?? 'your package manager'} install ${[...packages].join(' ')}`;
  if (process.getuid?.() !== 0 || installer === undefined) {
    goOnWithout(`Programs are missing (${advice}).`);
    return;
  }
  process.stderr.write(`setup: installing ${[...packages].join(', ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  withoutStartingServices(() => {
    // Lists that are old may do.
    if (installer === 'apt-get') failureOf('apt-get', ['update', '-qq'], { env });
    const failure = failureOf(installer, [...installers[installer], ...packages], { env });
    if (failure !== undefined) goOnWithout(`Programs could not be installed; do it later (${advice}).`);
  });
}

/** Each daemon's file says it; they are of Debian 12, whose units are run. */
async function neededByDaemons() {
  if (purpose !== 'daemons') return {};
  const { packaged } = await import('../test/daemons/packaged.mjs');
  return Object.assign({}, ...packaged.map(({ needs }) => needs));
}

function goOnWithout(what) {
  const isOptional = purpose !== 'demo' && purpose !== 'daemons';
  process.stderr.write(`setup: ${what}${isOptional ? ' Tests that need them are skipped.' : ''}\n`);
  if (!isOptional) process.exitCode = 1;
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

await installPrograms();
if (process.exitCode === 1) process.exit();
installDependencies();
run('npm', ['run', '--silent', 'build']);
