import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LogError } from '../trace/log-error.ts';
import type { LogSource } from '../trace/log-files.ts';
import type { LogAnswer, LogTask } from './log-worker.ts';
import type { GivenOfLog, ReadLog } from './profile-of-log.ts';

/** A log that is being read. */
export interface LogUnderWay {
  /** The traced program (path text), as soon as it is known; empty where the log shows none, or can't be read. */
  program: Promise<string>;
  /** Rejects with a LogError where it can't be read. */
  done: Promise<ReadLog>;
}

/** A thread takes some 20 ms to start: that is the time of a few megabytes. */
const worthThread = 8 * 1024 * 1024;
/** Where it was built: the sources themselves are read by nobody but tests, which read small logs. */
const thread = fileURLToPath(new URL('./log-worker.js', import.meta.url));

/** Large logs are read by threads of their own, as many at once as there are processors; small ones here, one after the other. */
export function readApart(logs: readonly LogSource[], given: GivenOfLog): LogUnderWay[] {
  const places = placesFor(availableParallelism());
  let before: Promise<unknown> = Promise.resolve();
  return logs.map((log) => {
    let knowProgram: (program: string) => void = () => {};
    const program = new Promise<string>((resolve) => {
      knowProgram = resolve;
    });
    const turn = before;
    const done = isLarge(log).then(async (large) => {
      if (large) return places(() => readInThread({ log, given }, knowProgram));
      await turn;
      const { profileOfLog } = await import('./profile-of-log.ts');
      return profileOfLog(log, given, knowProgram);
    });
    before = done.catch(() => undefined);
    done.then(
      () => knowProgram(''),
      () => knowProgram(''),
    );
    return { program, done };
  });
}

async function isLarge({ files }: LogSource): Promise<boolean> {
  if (!existsSync(thread)) return false;
  const sizes = await Promise.all(
    files.map(async ({ path }) =>
      path === '-'
        ? 0
        : await stat(path).then(
            (found) => (found.isFile() ? found.size : 0),
            () => 0,
          ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) >= worthThread;
}

function readInThread(task: LogTask, knowProgram: (program: string) => void): Promise<ReadLog> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(thread, { workerData: task });
    worker.on('message', (answer: LogAnswer) => {
      if ('program' in answer) knowProgram(answer.program);
      else if ('read' in answer) resolve(answer.read);
      else reject(new LogError(answer.failure));
    });
    worker.on('error', reject);
    worker.on('exit', (status) => reject(new Error(`a thread that read a log ended with ${status}`)));
  });
}

/** Lets no more than `most` run at once. */
function placesFor(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
