import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { attach } from '../../src/trace/live/attach.ts';
import { traceCommand } from '../../src/trace/live/trace-command.ts';
import { noStrace, titled } from './strace-here.ts';

const started: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process that opens /dev/null again and again, and says `ready` first. */
function busyProcess(): { pid: number; ended: Promise<void> } {
  const child = spawn('sh', ['-c', 'while :; do : < /dev/null; sleep 0.01; done'], { stdio: 'ignore' });
  started.push(child);
  return { pid: child.pid ?? 0, ended: new Promise((resolve) => child.once('exit', () => resolve())) };
}

function tracerOf(pid: number): number {
  return Number(/TracerPid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

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
    for (const { pid } of [one, two]) {
      expect(tracerOf(pid)).toBe(0);
      const before = readFileSync(`/proc/${pid}/stat`, 'latin1');
      while (readFileSync(`/proc/${pid}/stat`, 'latin1') === before) await sleep(20);
    }
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
