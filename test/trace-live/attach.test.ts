import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { attach } from '../../src/trace/live/attach.ts';
import { traceCommand } from '../../src/trace/live/trace-command.ts';
import { noStrace, titled } from './strace-here.ts';
import { vforkLoop } from './vfork-loop.ts';

const started: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process that opens /dev/null again and again. */
const busyProcess = () => spawned(['sh', '-c', 'while :; do : < /dev/null; sleep 0.01; done']);

function spawned([program = '', ...args]: string[]) {
  const child = spawn(program, args, { stdio: 'ignore' });
  started.push(child);
  return { pid: child.pid ?? 0 };
}

function tracerOf(pid: number): number {
  return Number(/TracerPid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Nobody traces it, and it is at work. */
async function livesOn(pid: number): Promise<void> {
  expect(tracerOf(pid)).toBe(0);
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'latin1');
  const before = stat();
  await expect.poll(stat, long).not.toBe(before);
}

/** For machines that are busy with other things. */
const long = { timeout: 30_000 };

describe.skipIf(noStrace !== undefined)(titled('attached processes'), () => {
  test.each(['stop', 'kill'] as const)('are let go of by %s(), and live on', async (how) => {
    const [one, two] = [busyProcess(), busyProcess()];
    const seen = new Set<number>();
    let both = () => {};
    const bothSeen = new Promise<void>((resolve) => {
      both = resolve;
    });
    const session = await attach({
      pids: [one.pid, two.pid],
      onLine(line) {
        seen.add(Number(/^\d+/.exec(line)?.[0]));
        if (seen.has(one.pid) && seen.has(two.pid)) both();
      },
    });
    await bothSeen;
    expect(session.tracees()).toEqual(expect.arrayContaining([one.pid, two.pid]));
    session[how]();
    expect(await session.ended).toEqual({});
    for (const { pid } of [one, two]) await livesOn(pid);
  });

  test('are let go of while a child of vfork(2) runs, where it and strace come to wait for each other', async () => {
    const target = spawned(['perl', '-e', vforkLoop]);
    let begins = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      begins = resolve;
    });
    const session = await attach({
      pids: [target.pid],
      onLine: (line) => (/^\d+ +clone\(.*unfinished/.test(line) ? begins() : undefined),
    });
    await hasBegun;
    session.stop();
    expect(await session.ended).toEqual({});
    await livesOn(target.pid);
  });

  test('are followed until they end', async () => {
    const target = busyProcess();
    let lines = 0;
    const session = await attach({ pids: [target.pid], onLine: () => void lines++ });
    await session.begun;
    process.kill(target.pid, 'SIGTERM');
    expect(await session.ended).toEqual({ exitCode: 0 });
    expect(lines).toBeGreaterThan(0);
  });

  test('that nobody can attach to are said in one sentence', async () => {
    const child = spawn('true');
    await new Promise((resolve) => child.once('exit', resolve));
    const gone = await attach({ pids: [child.pid ?? 0], onLine() {} });
    await expect(gone.ended).rejects.toThrow(/^Cannot attach to process \d+: there is no such process/);

    const session = await traceCommand({ argv: ['sleep', '100'], onLine() {} });
    const taken = await attach({ pids: session.tracees(), onLine() {} });
    await expect(taken.ended).rejects.toThrow(`: process ${session.pid} traces it already`);
    session.kill();
    await session.ended;

    await expect(attach({ pids: [], onLine() {} })).rejects.toThrow(/^Cannot attach to process none/);
    await expect(attach({ pids: [process.pid], onLine() {} })).rejects.toThrow(
      /^Cannot attach to process \d+;/,
    );
  });
});
