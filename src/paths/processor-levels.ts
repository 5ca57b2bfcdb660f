import { readFileSync } from 'node:fs';

/** What each x86-64 level adds, as /proc/cpuinfo spells it: https://gitlab.com/x86-psABIs/x86-64-ABI, table "Micro-Architecture Levels". */
const x86Levels: [name: string, features: string][] = [
  ['x86-64-v2', 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3'],
  ['x86-64-v3', 'avx avx2 bmi1 bmi2 f16c fma abm movbe xsave'],
  ['x86-64-v4', 'avx512f avx512bw avx512cd avx512dq avx512vl'],
];

let remembered: string[] | undefined;

/**
 * The glibc-hwcaps directories that the loader searches on this processor, best first; none on other machines than x86-64.
 * https://man7.org/linux/man-pages/man8/ld.so.8.html, "glibc hwcaps"
 */
export function processorLevels(): readonly string[] {
  remembered ??= levelsOf(processorInformation());
  return remembered;
}

/** The levels that the text of /proc/cpuinfo allows. */
export function levelsOf(information: string): string[] {
  const features = new Set(/^flags\s*:(.*)$/m.exec(information)?.[1]?.trim().split(/\s+/) ?? []);
  const levels: string[] = [];
  for (const [name, needed] of x86Levels) {
    if (!needed.split(' ').every((feature) => features.has(feature))) break;
    levels.unshift(name);
  }
  return levels;
}

function processorInformation(): string {
  if (process.arch !== 'x64') return '';
  try {
    return readFileSync('/proc/cpuinfo', 'latin1');
  } catch {
    return '';
  }
}
