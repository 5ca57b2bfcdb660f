import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { hasLoneByte, textOfBytes } from '../paths/byte-text.ts';
import { plainEnvironment } from '../systemd/plain-environment.ts';
import { isOfInterest, namesOf, type PackageFiles } from './package-listing.ts';

/** Where rpm keeps its database, by distribution and format: https://rpm-software-management.github.io/rpm/manual/ */
const directories = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'];
const formats = ['rpmdb.sqlite', 'Packages.db', 'Packages'];
const timeout = 20_000;

/**
 * The files of the package that has a program, and of its sister packages: all that were built from the same source
 * (`php-fpm` and `php-common`). rpm is asked, and only reads: https://man7.org/linux/man-pages/man8/rpm.8.html
 * @param program path text; it is passed as an argument and never run
 * @returns nothing where rpm is not the package manager, or knows no such program.
 */
export async function rpmFiles(
  program: string,
  database = directories.find(isDatabase),
): Promise<PackageFiles> {
  // No argument of a program can hold what is not UTF-8.
  if (database === undefined || hasLoneByte(program) || program.includes('\0')) return new Map();
  const ask = (...args: string[]) => query(['--dbpath', database, ...args]);
  for (const path of namesOf(program)) {
    const sources = new Set(await ask('-qf', '--queryformat', '%{SOURCERPM}\n', '--', path));
    if (sources.size === 0) continue;
    const installed = await ask('-qa', '--queryformat', '%{SOURCERPM} %{NAME}\n');
    const names = installed.map((line) => line.split(' ')).filter(([source = '']) => sources.has(source));
    const packages = names.flatMap(([, name]) => name ?? []).sort();
    const files = await ask('-q', '--queryformat', '[%{=NAME} %{FILENAMES}\n]', '--', ...packages);
    return new Map(
      packages.map((name) => [
        name,
        files
          .filter((line) => line.startsWith(`${name} `))
          .map((line) => textOfBytes(line.slice(name.length + 1)))
          .filter(isOfInterest),
      ]),
    );
  }
  return new Map();
}

/** The lines of an answer; none where rpm is missing, fails, or takes too long. */
async function query(args: string[]): Promise<string[]> {
  const { stdout, exitCode } = await execa('rpm', args, {
    reject: false,
    stdin: 'ignore',
    encoding: 'latin1',
    env: plainEnvironment,
    extendEnv: false,
    cwd: '/',
    timeout,
  });
  return exitCode === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}

function isDatabase(directory: string): boolean {
  return formats.some((name) => existsSync(`${directory}/${name}`));
}
