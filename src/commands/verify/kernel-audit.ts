import { execa } from 'execa';

/** A record of the kernel: a filter of system calls killed a process. */
export interface AuditRecord {
  /** Counted by the kernel. */
  serial: number;
  /** The program, as seen from the kernel. */
  program: string;
  comm: string;
  syscall: number;
}

const record =
  /type=1326 audit\(\d+\.\d+:(\d+)\):.* comm="?([^"\s]*)"? exe="?([^"\s]*)"? sig=31 arch=[0-9a-f]+ syscall=(\d+)/;

/**
 * What the kernel's log says of filters that killed (type=1326, AUDIT_SECCOMP), on the whole host: machines share its kernel. Empty
 * where the log may not be read. https://github.com/torvalds/linux/blob/master/kernel/auditsc.c (audit_seccomp)
 */
export async function auditRecords(): Promise<AuditRecord[]> {
  const { exitCode, stdout } = await execa('dmesg', [], { reject: false, stdin: 'ignore' });
  if (exitCode !== 0 || typeof stdout !== 'string') return [];
  return stdout.split('\n').flatMap((line) => {
    const [, serial, comm, program, syscall] = record.exec(line) ?? [];
    if (serial === undefined || comm === undefined || program === undefined) return [];
    return [{ serial: Number(serial), comm, program, syscall: Number(syscall) }];
  });
}
