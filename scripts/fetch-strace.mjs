// Fetches the strace of other Debian releases, with the C library it was built for, into .cache/strace/SUITE: nothing is installed,
// and apt's own state is left alone. Prints a JSON list: {suite, version, strace} (a program to start) or {suite, why} where one
// can't be had. Delete the directory to fetch anew. Usage: node scripts/fetch-strace.mjs [SUITE…]
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cache = fileURLToPath(new URL('../.cache/strace', import.meta.url));
/** Releases with different versions of strace; sid has the newest. */
const suites = ['bullseye', 'bookworm', 'trixie', 'sid'];
const keyrings = ['gpg', 'pgp'].map((end) => `/usr/share/keyrings/debian-archive-keyring.${end}`);

const start = promisify(execFile);

/** Throws an Error whose message is the first complaint of the program. */
async function run(program, args) {
  try {
    const { stdout } = await start(program, args, {
      timeout: 240_000,
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    return stdout;
  } catch (error) {
    const complaint = /^(?:[EW]: )?\S.*$/m.exec(error.stderr ?? '')?.[0] ?? error.message;
    throw new Error(`\`${program}\` says: ${complaint}`);
  }
}

/**
 * Where this system gets Debian from: https://manpages.debian.org/stable/apt/apt-get.8.en.html (indextargets). The origin is
 * known only where lists were fetched already: whatever else has Debian's names is asked last, and its keys won't fit.
 */
async function mirrors() {
  if (!keyrings.some(existsSync)) throw new Error('there is no keyring of Debian (debian-archive-keyring)');
  const format = ['$(ORIGIN)', '$(RELEASE)', '$(REPO_URI)'].join('\t');
  const targets = await run('apt-get', [
    'indextargets',
    '--format',
    format,
    'Created-By: Packages',
    'Component: main',
  ]);
  const rows = targets.split('\n').map((line) => line.split('\t'));
  const isRelease =
    /^(?:stretch|buster|bullseye|bookworm|trixie|forky|duke|sid|(?:old)*stable|testing|unstable)$/;
  const [own, others] = [true, false].map((own) =>
    rows
      .filter(([origin, release]) => (origin === 'Debian') === own && isRelease.test(release))
      .map(([, , uri]) => uri),
  );
  const found = [...new Set([...own, ...others])];
  if (found.length === 0) throw new Error('the sources of apt name no Debian');
  return found;
}

/** apt with everything that it reads and writes in one directory, but how this system reaches its mirrors. */
function privateApt(folder, uri, suite) {
  for (const name of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(
    join(folder, 'sources.list'),
    `deb [signed-by=${keyrings.find(existsSync)}] ${uri} ${suite} main\n`,
  );
  const settings = {
    'Dir::Etc::SourceList': join(folder, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::State::extended_states': join(folder, 'extended_states'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Log': folder,
    'APT::Sandbox::User': 'root',
    'APT::Update::Error-Mode': 'any',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '20',
    'Acquire::https::Timeout': '20',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
  };
  // What this system does after an update is for its own lists.
  const cleared = ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success'].map(
    (hook) => `#clear APT::Update::${hook};\n`,
  );
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  writeFileSync(join(folder, 'apt.conf'), [...cleared, ...lines].join(''));
  return (...args) => run('apt-get', ['-c', join(folder, 'apt.conf'), '-qq', ...args]);
}

/** Unpacks strace and what it depends on below `folder`/root. */
async function unpack(folder, uri, suite) {
  const apt = privateApt(folder, uri, suite);
  await apt('update');
  await apt('install', '-y', '--download-only', '--no-install-recommends', 'strace');
  const archives = join(folder, 'cache/archives');
  for (const name of readdirSync(archives).filter((name) => name.endsWith('.deb')))
    await run('dpkg-deb', ['-x', join(archives, name), join(folder, 'root')]);
}

/** Each regular file below a directory: links may lead out of it, to this system's own files. */
function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

/** The program of another release runs by that release's own loader: https://man7.org/linux/man-pages/man8/ld.so.8.html */
function writeStarter(folder) {
  const root = join(folder, 'root');
  const files = filesBelow(root);
  const loader = files.find((path) => /^ld(?:-linux.*|64|-\d[\d.]*)?\.so(?:\.\d)?$/.test(basename(path)));
  const libraries = [
    ...new Set(files.filter((path) => /\.so(?:\.\d+)*$/.test(path)).map((path) => join(path, '..'))),
  ];
  if (loader === undefined) throw new Error('its C library has no loader');
  const here = (path) => `"\${0%/*}/${relative(folder, path)}"`;
  const search = libraries
    .filter((path) => !/gconv|audit/.test(path))
    .map(here)
    .join(':');
  writeFileSync(
    join(folder, 'strace'),
    `#!/bin/sh\nexec ${here(loader)} --library-path ${search} ${here(join(root, 'usr/bin/strace'))} "$@"\n`,
    { mode: 0o755 },
  );
}

async function fetchSuite(suite, uris) {
  const place = join(cache, suite);
  if (!existsSync(join(place, 'version'))) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, `${suite}.`));
    try {
      await firstThatWorks(await uris(), (uri) => unpack(folder, uri, suite));
      writeStarter(folder);
      for (const name of readdirSync(folder))
        if (name !== 'root' && name !== 'strace') rmSync(join(folder, name), { recursive: true });
      const said = await run(join(folder, 'strace'), ['--version']);
      writeFileSync(join(folder, 'version'), /version (\S+)/.exec(said)?.[1] ?? '?');
      // Another run may have been faster.
      if (!existsSync(join(place, 'version'))) {
        rmSync(place, { recursive: true, force: true });
        renameSync(folder, place);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { suite, version: readFileSync(join(place, 'version'), 'utf8'), strace: join(place, 'strace') };
}

async function firstThatWorks(uris, attempt) {
  for (const [index, uri] of uris.entries()) {
    try {
      return await attempt(uri);
    } catch (error) {
      if (index === uris.length - 1) throw error;
    }
  }
}

let found;
const uris = () => (found ??= mirrors());
const wanted = process.argv.length > 2 ? process.argv.slice(2) : suites;
const results = await Promise.all(
  wanted.map((suite) => fetchSuite(suite, uris).catch((error) => ({ suite, why: error.message }))),
);
process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
