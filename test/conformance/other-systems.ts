import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

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
  const root = join(cacheDirectory(), 'roots', suite);
  if (await isThere(join(root, 'usr/lib/systemd/systemd'))) return { root };
  const attempt = `${root}.${process.pid}`;
  await mkdir(attempt, { recursive: true });
  // An archive that nobody renews any more serves as well.
  const options = [
    '--variant=minbase',
    `--include=${packages}`,
    '--aptopt=Acquire::Check-Valid-Until "false"',
  ];
  const mirror = await archiveOfHost();
  const made = await execa(
    'mmdebstrap',
    ['--quiet', '--skip=check/empty', ...options, suite, attempt, ...(mirror === undefined ? [] : [mirror])],
    { reject: false, stdin: 'ignore', timeout: 600_000 },
  );
  if (made.exitCode === 0) {
    await rm(root, { recursive: true, force: true });
    await rename(attempt, root);
    return { root };
  }
  await rm(attempt, { recursive: true, force: true });
  const why = made.code === 'ENOENT' ? 'mmdebstrap is not installed' : made.stderr.trim().split('\n').at(-1);
  return { missing: `no root with ${suite}: ${why ?? 'mmdebstrap failed'}` };
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
