import type { Value } from '../trace/event.ts';
import { numberFrom } from '../trace/parse-result.ts';

/** https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/capability.h, in its order. */
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** As systemd writes them: `CAP_CHOWN`. */
export const capabilityNames: readonly string[] = names.map((name) => `CAP_${name}`);

/** A set of capabilities: bit n is capability n. */
export type Capabilities = bigint;

export const noCapabilities: Capabilities = 0n;
export const allCapabilities: Capabilities = (1n << BigInt(names.length)) - 1n;

/** The set of one capability, by its name without `CAP_`. Nothing for a name that is none. */
export function capability(name: string): Capabilities {
  const number = names.indexOf(name);
  return number < 0 ? noCapabilities : 1n << BigInt(number);
}

/** What a change of the file system uid takes and gives: https://man7.org/linux/man-pages/man7/capabilities.7.html */
export const fileSystemCapabilities: Capabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'LINUX_IMMUTABLE',
  'MAC_OVERRIDE',
  'MKNOD',
].reduce((set, name) => set | capability(name), noCapabilities);

/** `all`, `none`, `all but SYS_BOOT`, or names without `CAP_` with commas between. */
export function capabilityText(set: Capabilities): string {
  if (set === noCapabilities) return 'none';
  if (set === allCapabilities) return 'all';
  const held = names.filter((_name, number) => (set >> BigInt(number)) & 1n);
  if (held.length <= names.length / 2) return held.join(',');
  return `all but ${names.filter((name) => !held.includes(name)).join(',')}`;
}

/** One capability of prctl: `CAP_NET_RAW`, or its number. */
export function capabilityOf(value: Value | undefined): Capabilities | undefined {
  if (value?.kind !== 'text') return undefined;
  if (value.text.startsWith('CAP_')) return capability(value.text.slice(4));
  const number = numberFrom(value.text);
  return number === undefined ? undefined : (1n << BigInt(number)) & allCapabilities;
}

/** `1<<CAP_CHOWN|1<<CAP_KILL`, `0`, `0x1ffffffffff`; undefined where strace wrote something else. */
export function capabilitySet(value: Value | undefined): Capabilities | undefined {
  if (value?.kind !== 'text') return undefined;
  let set = noCapabilities;
  for (const part of value.text.split('|')) {
    const name = /^1<<CAP_([A-Z_]+)$/.exec(part)?.[1];
    if (name !== undefined) set |= capability(name);
    else if (/^(?:0x[0-9a-f]+|\d+)$/i.test(part)) set |= BigInt(part);
    else {
      const shift = /^1<<(?:0x)?(\d{1,2})$/.exec(part)?.[1];
      if (shift !== undefined) set |= 1n << BigInt(shift);
      else if (part !== '') return undefined;
    }
  }
  return set & allCapabilities;
}
