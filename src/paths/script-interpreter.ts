import { textOfBytes } from './byte-text.ts';

/** What the kernel reads of a program to see how to start it: BINPRM_BUF_SIZE in include/uapi/linux/binfmts.h. */
export const lengthOfStart = 256;

/**
 * The interpreter that a script's first line names, from the first 256 bytes of the file; undefined where it is no script that the
 * kernel starts. The rules are those of fs/binfmt_script.c: https://man7.org/linux/man-pages/man2/execve.2.html, "Interpreter scripts"
 */
export function scriptInterpreter(start: Buffer): string | undefined {
  const text = start.toString('latin1', 0, lengthOfStart);
  if (!text.startsWith('#!')) return undefined;
  const newline = text.indexOf('\n');
  // Behind the end of a short file the kernel sees NULs, which end the line too.
  const line = text.slice(2, newline < 0 ? undefined : newline);
  const match = /^[ \t]*([^ \t\0]+)/.exec(line);
  const name = match?.[1];
  if (name === undefined) return undefined;
  const cutOff = newline < 0 && text.length >= lengthOfStart && match?.[0].length === line.length;
  return cutOff ? undefined : textOfBytes(name);
}
