import { readFileSync } from 'node:fs';

/**
 * Owner, group and permission bits as the profile has them (`33:33:0750`), from the words of a configuration file. A user whom
 * /etc/passwd does not know stays a name, bits that nobody gave are `?`.
 */
export function ownerText(user: string, group: string, mode: string | undefined): string {
  return `${idIn('/etc/passwd', user)}:${idIn('/etc/group', group)}:${bitsOf(mode)}`;
}

function idIn(file: string, name: string): string {
  try {
    const record = readFileSync(file, 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`${name}:`));
    return record?.split(':')[2] ?? name;
  } catch {
    return name;
  }
}

function bitsOf(mode: string | undefined): string {
  if (mode === undefined || !/^[0-7]{1,6}$/.test(mode)) return '?';
  return (Number.parseInt(mode, 8) & 0o7777).toString(8).padStart(4, '0');
}
