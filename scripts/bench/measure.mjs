// What benchmarks need: commands that are timed, watched for their memory, and compared in turn.
import { readFileSync } from 'node:fs';
import { execa } from 'execa';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The most memory that a process had at once, in MiB, as far as one sees it who looks every few milliseconds. */
function watchMemory(pid) {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
      peak = Math.max(peak, Number(kib ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  }, 5);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** Runs a command to its end: seconds, and its peak memory. Throws where it fails. */
export async function timed(file, args, options = {}) {
  const begin = process.hrtime.bigint();
  const child = execa(file, args, { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', ...options });
  const peakOf = watchMemory(child.pid);
  try {
    await child;
  } finally {
    peakOf();
  }
  return { seconds: Number(process.hrtime.bigint() - begin) / 1e9, peak: peakOf() };
}

/**
 * Runs several commands in turn, over and over, so that what else the machine does meets all of them alike.
 * @param {Record<string, () => Promise<object>>} commands
 * @returns for each name what each of its runs gave, in order
 */
export async function inTurn(commands, rounds) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(commands)) runs[name].push(await run(round));
  return runs;
}

/** The median over all rounds of the ratio of two measures of one round. */
export function ratio(above, below) {
  return median(above.map((value, at) => value / below[at]));
}
