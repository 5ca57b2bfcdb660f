import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { allCalls, releaseAt, resolvedBy } from './architectures.ts';
import { makeGroups, type SyscallGroups } from './groups.ts';
import { releaseDay } from './version-groups.ts';

/** Runs `systemd-analyze` with arguments and gives what it printed; undefined when it is absent or fails. */
export type RunAnalyze = (args: string[]) => Promise<string | undefined>;

const environment = {
  LC_ALL: 'C',
  NO_COLOR: '1',
  SYSTEMD_COLORS: '0',
  SYSTEMD_PAGER: '',
  SYSTEMD_LOG_LEVEL: 'err',
};

const runAnalyze: RunAnalyze = async (args) => {
  const { failed, stdout } = await execa('systemd-analyze', args, {
    env: environment,
    // A Ctrl-C at the terminal is meant for the trace, and would make this host look as if it had no systemd.
    detached: true,
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
  });
  return failed ? undefined : stdout;
};

/**
 * The groups of this host's systemd, which is of that version, as `systemd-analyze syscall-filter` lists them; undefined where there is
 * none. https://www.freedesktop.org/software/systemd/man/latest/systemd-analyze.html
 */
export async function groupsOfHost(
  version: number,
  run: RunAnalyze = runAnalyze,
): Promise<SyscallGroups | undefined> {
  const listing = await run(['syscall-filter', '--no-pager']);
  if (listing === undefined) return undefined;
  const listed = parseGroupListing(listing);
  if (!listed.has('@default')) return undefined;
  const resolved = (await namesOfLibseccomp()) ?? resolvedBy(releaseAt(releaseDay(version)));
  return makeGroups(`systemd ${version}, this host`, version, listed, (name) => resolved.has(name));
}

/**
 * Reads the listing: a group's name at the start of a line, its members indented below. What stands behind `#`
 * (descriptions; at the end the calls that are in no group) is no member.
 */
export function parseGroupListing(listing: string): Map<string, string[]> {
  const listed = new Map<string, string[]>();
  let members: string[] | undefined;
  for (const line of listing.split('\n')) {
    const word = line.trim();
    if (word === '' || word.startsWith('#')) {
      if (line.startsWith('#')) members = undefined;
    } else if (word === line && word.startsWith('@')) {
      members = [];
      listed.set(word, members);
    } else if (members !== undefined && word !== line && /^@?[\w-]+$/.test(word)) {
      members.push(word);
    }
  }
  return listed;
}

/**
 * The names that the installed libseccomp resolves. Its table of names is read from its file without running it:
 * distributions add names to a release. Older builds fold strings that end alike, so the release's own names count too.
 */
async function namesOfLibseccomp(): Promise<Set<string> | undefined> {
  const found = await findLibseccomp();
  if (found === undefined) return undefined;
  const strings = new Set((await readFile(found.path, 'latin1').catch(() => '')).split('\0'));
  return new Set([...resolvedBy(found.release), ...allCalls().filter((name) => strings.has(name))]);
}

/** The release is in the file's name (`libseccomp.so.2.5.4`). */
async function findLibseccomp(): Promise<{ path: string; release: string } | undefined> {
  for (const root of ['/usr/lib', '/usr/lib64', '/lib', '/lib64']) {
    const entries = await readdir(root).catch(() => []);
    const nested = entries.filter((name) => name.includes('-linux-')).map((name) => `${root}/${name}`);
    for (const directory of [...nested, root]) {
      for (const name of await readdir(directory).catch(() => [])) {
        const release = /^libseccomp\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1];
        if (release !== undefined) return { path: `${directory}/${name}`, release };
      }
    }
  }
  return undefined;
}
