import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { TraceError } from './trace-error.ts';

/**
 * Makes sure that strace's `-u NAME` will work: only root may, and NAME must be a name (not a number) that the user database
 * knows. https://man7.org/linux/man-pages/man1/strace.1.html  https://man7.org/linux/man-pages/man1/getent.1.html
 */
export async function checkUser(name: string): Promise<void> {
  if (process.geteuid?.() !== 0)
    throw new TraceError(
      `Only root can start the command as another user: run with sudo, or leave out --user ${name}.`,
    );
  if (name === '' || name.startsWith('-') || name.includes(':') || !(await isKnown(name)))
    throw new TraceError(
      `There is no user named ${JSON.stringify(name)} on this system; give a name that "getent passwd" lists.`,
    );
}

async function isKnown(name: string): Promise<boolean> {
  const { stdout, exitCode } = await execa('getent', ['passwd', name], { reject: false, stdin: 'ignore' });
  // No getent (a small container): the file is all there is.
  const records = exitCode === undefined ? await readFile('/etc/passwd', 'utf8').catch(() => '') : stdout;
  // getent also takes a number for a name.
  return records.split('\n').some((record) => record.startsWith(`${name}:`));
}
