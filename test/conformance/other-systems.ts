import { access, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { sweepPrivateDirectories } from '../../src/lifetime/private-directory.ts';
import { keepRoot } from './kept-roots.ts';

/** Releases of Debian whose systemd is newer than that of the release before. */
export const suites = ['trixie', 'testing'] as const;

/** What a machine and the probes need in a root directory. */
const packages = 'systemd,systemd-sysv,dbus,python3,libseccomp2,strace,util-linux,iproute2';

/** Where roots are kept: $SANDBOX_PROFILE_CACHE, else where the XDG directories say. */
function cacheDirectory(): string {
  const { SANDBOX_PROFILE_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  return own ?? join(shared ?? join(homedir(), '.cache'), 'sandbox-profile');
}

/**
 * A root directory with a release of Debian, made by mmdebstrap from the archive that this host's apt asks; kept for the next time.
 * @returns its path, or in one sentence why there is none.
 */
export async function rootOf(suite: string): Promise<{ root: string } | { missing: string }> {
  const directory = join(cacheDirectory(), 'roots');
  await mkdir(directory, { recursive: true });
  sweepPrivateDirectories(directory);
  const root = join(directory, suite);
  if (await isThere(root)) return await checked(root, suite);
  const { exitCode } = await execa('mmdebstrap', ['--version'], { reject: false, stdin: 'ignore' });
  if (exitCode !== 0) return { missing: `no root with ${suite}: mmdebstrap is not installed` };
  const mirror = await archiveOfHost();
  const why = await keepRoot(directory, suite, ({ tree }) => [
    'mmdebstrap',
    '--quiet',
    '--skip=check/empty',
    '--variant=minbase',
    `--include=${packages}`,
    // An archive that nobody renews any more serves as well.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    suite,
    tree,
    ...(mirror === undefined ? [] : [mirror]),
  ]);
  return why === undefined ? await checked(root, suite) : { missing: `no root with ${suite}: ${why}` };
}

async function checked(root: string, suite: string): Promise<{ root: string } | { missing: string }> {
  if (await isThere(join(root, 'usr/lib/systemd/systemd'))) return { root };
  return { missing: `no root with ${suite}: ${root} has no systemd, so it was not made here: remove it` };
}

/** The first archive in apt's list that has Debian's main releases; undefined where there is none: then mmdebstrap knows one. */
async function archiveOfHost(): Promise<string | undefined> {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = /^(?:URIs:|deb)\s+(?:\[[^\]]*\]\s+)?(https?:\S*\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
