import { table, words } from './table.ts';

interface NumberTable {
  on: Record<string, string>;
}

/** AUDIT_ARCH_… of include/uapi/linux/audit.h: the machine's number in ELF, and whether it has 64 bits and is little-endian. */
const audited: Readonly<Record<string, string>> = {
  '40000003': 'x86',
  c000003e: 'x86-64',
  '40000028': 'arm',
  c00000b7: 'arm64',
  c0000102: 'loongarch64',
  '80000015': 'ppc64',
  c0000015: 'ppc64',
  c00000f3: 'riscv64',
  '80000016': 's390x',
};

const known = new Map<string, Map<number, string>>();

/** The call of a number; undefined where the architecture or the number is not in the table. @param arch as audit records have it */
export function callOfNumber(arch: string, number: number): string | undefined {
  const name = audited[arch.toLowerCase()];
  return name === undefined ? undefined : numbersOf(name).get(number);
}

function numbersOf(architecture: string): Map<number, string> {
  const found = known.get(architecture);
  if (found !== undefined) return found;
  const numbers = new Map<number, string>();
  let next = 0;
  for (const word of words(table<NumberTable>('numbers').on[architecture] ?? '')) {
    if (/^\d+$/.test(word)) next = Number(word);
    else numbers.set(next++, word);
  }
  known.set(architecture, numbers);
  return numbers;
}
