import type { Syscall } from '../trace/event.ts';

/**
 * Whether the kernel did it: a number that is no error. A call that was cut off, or restarted later, did nothing yet; one whose
 * answer strace made up (`-e inject=`) did nothing at all.
 */
export function succeeded({ result }: Syscall): boolean {
  return (
    result.errno === undefined && result.number !== undefined && result.number !== -1 && !result.injected
  );
}

/**
 * The kernel's own error; undefined for a success, for a call that will be restarted, and for what no kernel answers: strace 5.3
 * to 6.6 writes results such as `-1 (errno 18446744073709551514)` for threads that are being killed.
 */
export function failureOf({ result }: Syscall): string | undefined {
  const { errno } = result;
  if (errno === undefined || result.injected || errno.startsWith('ERESTART') || errno.startsWith('E?'))
    return undefined;
  return /^ERRNO_(?:51[2-9]|\d{5,})/.test(errno) ? undefined : errno;
}
