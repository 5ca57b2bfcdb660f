import { visible } from '../emit/escaping.ts';
import { TraceError } from '../trace/live/trace-error.ts';
import { LogError } from '../trace/log-error.ts';
import { Failure } from './failure.ts';

/** One sentence for a user, safe for a terminal. What nobody foresaw is called a fault of ours, with where it arose. */
export function explain(error: unknown): string {
  if (error instanceof Failure || error instanceof TraceError || error instanceof LogError)
    return visible(error.message);
  if (!(error instanceof Error)) return visible(String(error));
  const place = /\(?(?:file:\/\/)?([^\s()]+:\d+):\d+\)?/.exec(error.stack?.split('\n')[1] ?? '')?.[1] ?? '';
  return visible(
    `this is a fault in sandbox-profile, please report it: ${error.message} (${place.split('/').at(-1)})`,
  );
}
