import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import split2 from 'split2';
import { type ToldArguments, type ToldCall, type ToldRecord, toldCall } from '../told-call.ts';
import { TraceError } from './trace-error.ts';

/** What the kernel told at the end, beside the calls. */
export interface KernelCounts {
  /** How often each call was made in the words in which it was told, by key. */
  times: [key: string, times: number][];
  /** How often each returned at all. */
  calls: [name: string, times: number][];
  /** Different calls that could not be told, because they came too fast. */
  lost: number;
  /** Paths that were too long to be told whole. */
  cut: number;
}

/** What the kernel can't count, since it never returns. */
export const neverReturning: readonly string[] = ['exit', 'exit_group'];

/** A program in the kernel that tells what the processes do which strace, started by this process, traces. */
export interface KernelObserver {
  /** The calls of which it tells: strace need not stop for them. */
  readonly watches: readonly string[];
  /** It tells, and counts, what programs of so many bits do, and nothing of others. */
  readonly bits: 64;
  /** Ends it, once all of its traced processes have ended. Every call was handed on before. */
  end(): Promise<KernelCounts>;
  /** Ends it at once. */
  kill(): void;
}

/** From dist/trace/live/ the first is there, from src/trace/live/ (tests) the second. */
const places = ['../kernel-observer', '../../../dist/trace/kernel-observer'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

const patience = 10_000;

type Line =
  | { watches: ToldArguments[] }
  | ToldRecord
  | { key: string; times: number }
  | { called: string; times: number }
  | { lost: number; cut: number };

/**
 * Starts it; from then on each different call is handed to `onTold` as it comes. Everything in the kernel goes with this process.
 * @throws TraceError where this machine has no such thing: not root, a kernel without BPF or without its types, or a build without it.
 */
export async function startKernelObserver(onTold: (told: ToldCall) => void): Promise<KernelObserver> {
  if (process.geteuid?.() !== 0)
    throw new TraceError('Only root can ask the kernel what a program does: run with sudo.');
  const program = places.find((place) => existsSync(place));
  if (program === undefined)
    throw new TraceError(
      'The part that asks the kernel was not built: install clang, gcc, libbpf-dev, libelf-dev and zlib1g-dev, and run `npm run build`.',
    );
  // cleanup: its standard input ends when we do, and so does it.
  const child = execa(program, {
    stdin: 'pipe',
    stdout: 'pipe',
    buffer: { stdout: false },
    reject: false,
    cleanup: false,
  });
  const counts: KernelCounts = { times: [], calls: [], lost: 0, cut: 0 };
  const shapes = new Map<string, ToldArguments>();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const read = (async () => {
    for await (const text of child.stdout.setEncoding('latin1').pipe(split2())) {
      const line = JSON.parse(String(text)) as Line;
      if ('watches' in line) {
        for (const shape of line.watches) shapes.set(shape.call, shape);
        begin();
      } else if ('call' in line) {
        const shape = shapes.get(line.call);
        if (shape !== undefined) onTold(toldCall(line, shape, nameOfErrno));
      } else if ('key' in line) counts.times.push([line.key, line.times]);
      else if ('called' in line) counts.calls.push([line.called, line.times]);
      else Object.assign(counts, line);
    }
  })();
  read.catch(() => child.kill('SIGKILL'));
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await Promise.race([begun, child, read.catch(() => undefined)]);
  clearTimeout(timer);
  if (shapes.size === 0) {
    const { stderr } = await child;
    const why = stderr.trim().split('\n').at(-1) ?? '';
    throw new TraceError(
      `The kernel can't be asked what a program does here (${why || 'it gave no reason'}).`,
    );
  }
  return {
    watches: [...shapes.keys()],
    bits: 64,
    async end() {
      child.stdin.end();
      await read;
      await child;
      return counts;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

const errnoNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

function nameOfErrno(number: number): string {
  // Two names for one number: strace writes the first.
  if (number === constants.errno.EAGAIN) return 'EAGAIN';
  return errnoNames.get(number) ?? `ERRNO_${number}`;
}
