import { existsSync } from 'node:fs';
import { plainEnvironment } from '../../systemd/plain-environment.ts';
import { findStrace } from '../../trace/live/find-strace.ts';
import { straceArguments } from '../../trace/live/strace-arguments.ts';
import type { Tracer } from './wrapped-commands.ts';

/**
 * strace as a unit starts it. `-D`: the daemon stays the process that systemd started; `-A`: a command that runs again in the same
 * run of the unit adds to its log. Throws a TraceError where there is no strace.
 */
export async function tracerFor(traces: string): Promise<Tracer> {
  const { path, version } = await findStrace(plainEnvironment.PATH);
  const [last, output] = ['-o', traces];
  const given = straceArguments({ version, output });
  const flags = given.slice(0, given.indexOf(last));
  return {
    words: [path, '-D', '-A', ...flags, last],
    traces: output,
    bash: ['/usr/bin/bash', '/bin/bash'].find((bash) => existsSync(bash)),
  };
}
