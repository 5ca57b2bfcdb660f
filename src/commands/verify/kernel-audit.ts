import { open } from 'node:fs/promises';
import { execa } from 'execa';
import { callOfNumber } from '../../syscall-groups/numbers.ts';

/** A record of the kernel: a filter of system calls killed a process. */
export interface AuditRecord {
  /** Counted by the kernel. */
  serial: number;
  /** The program, as seen from the kernel. */
  program: string;
  syscall: number;
  /** Undefined where no table here has the number. */
  call: string | undefined;
}

/** Where auditd(8) writes what the kernel tells it, which is then not in the kernel's log. */
const auditLog = '/var/log/audit/audit.log';
/** Of a log that has grown for months the end is enough. */
const tail = 2 ** 20;

/** AUDIT_SECCOMP is 1326; auditd writes its name. */
const record =
  /\b(?:type=1326 audit|type=SECCOMP msg=audit)\(\d+\.\d+:(\d+)\):.* exe=("[^"]*"|[0-9A-Fa-f]+) sig=31 arch=([0-9a-f]+) syscall=(\d+)/;

/**
 * What the kernel said of filters that killed, on the whole host: machines share its kernel. Empty where neither log may be read.
 * https://github.com/torvalds/linux/blob/master/kernel/auditsc.c (audit_seccomp)
 */
export async function auditRecords(): Promise<AuditRecord[]> {
  const found = [await kernelLog(), await endOf(auditLog)].flatMap((text) => readRecords(text));
  return found.sort((a, b) => a.serial - b.serial);
}

export function readRecords(text: string): AuditRecord[] {
  return text.split('\n').flatMap((line) => {
    const [, serial, exe, arch, syscall] = record.exec(line) ?? [];
    if (serial === undefined || exe === undefined || arch === undefined || syscall === undefined) return [];
    const number = Number(syscall);
    const call = callOfNumber(arch, number);
    return [{ serial: Number(serial), program: programOf(exe), syscall: number, call }];
  });
}

/** A name with a quote, a blank or a control character stands there in hexadecimal: audit_log_untrustedstring() in kernel/audit.c. */
function programOf(exe: string): string {
  return exe.startsWith('"') ? exe.slice(1, -1) : Buffer.from(exe, 'hex').toString();
}

async function kernelLog(): Promise<string> {
  const { exitCode, stdout } = await execa('dmesg', [], { reject: false, stdin: 'ignore' });
  return exitCode === 0 && typeof stdout === 'string' ? stdout : '';
}

async function endOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, tail);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
