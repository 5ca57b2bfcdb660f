import { parentPort, workerData } from 'node:worker_threads';
import { LogError } from '../trace/log-error.ts';
import type { LogSource } from '../trace/log-files.ts';
import { type GivenOfLog, profileOfLog, type ReadLog } from './profile-of-log.ts';

/** A thread that reads one log: see read-apart.ts. */

export interface LogTask {
  log: LogSource;
  given: GivenOfLog;
}

export type LogAnswer = { program: string } | { read: ReadLog } | { failure: string };

const answer = (message: LogAnswer) => parentPort?.postMessage(message);
const { log, given } = workerData as LogTask;
try {
  answer({ read: await profileOfLog(log, given, (program) => answer({ program })) });
} catch (error) {
  if (!(error instanceof LogError)) throw error;
  answer({ failure: error.message });
}
