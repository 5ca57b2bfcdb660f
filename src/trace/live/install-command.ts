import { readFile } from 'node:fs/promises';

/** How each family of distributions installs a package, by the ID or ID_LIKE of os-release. */
const installers: Record<string, string> = {
  debian: 'apt-get install',
  ubuntu: 'apt-get install',
  fedora: 'dnf install',
  rhel: 'dnf install',
  centos: 'dnf install',
  suse: 'zypper install',
  opensuse: 'zypper install',
  sles: 'zypper install',
  arch: 'pacman -S',
  alpine: 'apk add',
};

/**
 * The command that installs `packageName` on this host, or undefined where its distribution is not known.
 * https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export async function installCommand(packageName: string): Promise<string | undefined> {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return installCommandFor(text, packageName);
  }
  return undefined;
}

/** The same for the text of an os-release file. */
export function installCommandFor(osRelease: string, packageName: string): string | undefined {
  for (const id of [...words(osRelease, 'ID'), ...words(osRelease, 'ID_LIKE')]) {
    // `opensuse-tumbleweed`, `opensuse-leap`: the family stands before the dash.
    const installer = ownValue(id) ?? ownValue(id.split('-')[0] ?? '');
    if (installer !== undefined) return `${installer} ${packageName}`;
  }
  return undefined;
}

function ownValue(id: string): string | undefined {
  return Object.hasOwn(installers, id) ? installers[id] : undefined;
}

function words(osRelease: string, key: string): string[] {
  const line = osRelease.split('\n').find((text) => text.startsWith(`${key}=`));
  if (line === undefined) return [];
  return line
    .slice(key.length + 1)
    .replace(/["']/g, '')
    .trim()
    .split(' ');
}
