import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { TraceError } from './trace-error.ts';

/**
 * Why strace could not start a program, given that it ended with status 1. `lines` is the number of lines in the log, `first`
 * the first of them. Undefined where the program did run: then the status is its own.
 */
export async function explainFailedStart(
  strace: string,
  program: string,
  lines: number,
  first: string,
): Promise<TraceError | undefined> {
  // The child that was to become the program may have left its exit line.
  if (lines <= 1 && !/^(?:\d+ +)?execve\(/.test(first)) {
    const { stderr } = await execa(strace, ['-o', '/dev/null', 'true'], { reject: false, stdin: 'ignore' });
    if (/ptrace|permitted|denied/i.test(stderr)) return new TraceError(await forbidden());
    const said = firstLine(stderr);
    return new TraceError(
      said === ''
        ? `strace ended before it had traced ${JSON.stringify(program)}; its own message says why.`
        : `strace does not work here (${said}); try: ${strace} true`,
    );
  }
  const errno = lines <= 3 ? /^(?:\d+ +)?execve\(.* = -1 (E[A-Z0-9]+) /.exec(first)?.[1] : undefined;
  if (errno === undefined) return undefined;
  return new TraceError(`Cannot start ${JSON.stringify(program)}: ${execFailures[errno] ?? errno}`);
}

/** https://man7.org/linux/man-pages/man2/execve.2.html */
const execFailures: Record<string, string> = {
  ENOEXEC: 'the kernel does not know its format; a script needs a first line such as #!/bin/sh',
  ENOENT: 'the interpreter that it names does not exist; install it or correct the first line of the script',
  EACCES: 'the user that it is started as may not execute it; check its mode and those of its directories',
  ENOTDIR: 'a part of the path of its interpreter is no directory; correct the first line of the script',
};

/** Why strace could not attach, from what it said. */
export async function explainFailedAttach(pids: readonly number[], messages: string): Promise<TraceError> {
  const which = pids.length === 1 ? `process ${pids[0]}` : `any of the processes ${pids.join(', ')}`;
  if (/no such process/i.test(messages))
    return new TraceError(`Cannot attach to ${which}: there is no such process; check the number with ps.`);
  if (/operation not permitted/i.test(messages)) {
    const tracers = await Promise.all(pids.map(tracerOf));
    const tracer = tracers.find((pid) => pid !== 0);
    if (tracer !== undefined)
      return new TraceError(
        `Cannot attach to ${which}: process ${tracer} traces it already; end that one first.`,
      );
    return new TraceError(`Cannot attach to ${which}. ${await forbidden()}`);
  }
  return new TraceError(`Cannot attach to ${which}: ${firstLine(messages) || 'strace gave no reason'}`);
}

async function tracerOf(pid: number): Promise<number> {
  return tracerIn(await readFile(`/proc/${pid}/status`, 'latin1').catch(() => ''));
}

function tracerIn(status: string): number {
  return Number(/\nTracerPid:\t(\d+)\n/.exec(status)?.[1] ?? 0);
}

/** Which of the locks on ptrace(2) is closed. https://docs.kernel.org/admin-guide/LSM/Yama.html */
async function forbidden(): Promise<string> {
  const scope = await readFile('/proc/sys/kernel/yama/ptrace_scope', 'utf8').then(Number, () => 0);
  const status = await readFile('/proc/self/status', 'latin1').catch(() => '');
  const root = process.geteuid?.() === 0;
  const tracer = tracerIn(status);
  if (tracer !== 0)
    return `Process ${tracer} traces this one already, and a process has only one tracer; run it again without the other.`;
  if (scope === 3)
    return 'This host forbids all tracing until it is rebooted (kernel.yama.ptrace_scope is 3).';
  if (scope > 0 && !root)
    return `This host lets only root trace like that (kernel.yama.ptrace_scope is ${scope}); run it again with sudo.`;
  // The seccomp filter of a container engine, or a capability that it took away.
  if (/\nSeccomp:\t2\n/.test(status) || root)
    return 'Tracing is forbidden here, probably by a container; start the container with --cap-add=SYS_PTRACE, or run it on the host.';
  return 'Only root may trace processes of other users; run it again with sudo.';
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
