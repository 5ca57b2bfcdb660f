import { setTimeout as delay } from 'node:timers/promises';
import type { Machine } from '../../systemd/machine.ts';
import { plainEnvironment } from '../../systemd/plain-environment.ts';
import { findStrace } from '../../trace/live/find-strace.ts';
import { letGo } from '../../trace/live/let-go.ts';
import { straceArguments } from '../../trace/live/strace-arguments.ts';
import { Failure } from '../failure.ts';

/** A trace of a machine's service manager, and so of everything that it starts. */
export interface Watch {
  /** The log, seen from us. */
  log: string;
  /** Lets go of what is traced, which lives on; the log is whole then. */
  end(): Promise<void>;
}

const directory = '/.sandbox-profile-watch';
const longest = 30 * 60_000;

/**
 * Attaches strace to a service manager of a machine. What that starts is followed from its fork on, before there is a sandbox around
 * it, and the tracer stays outside: it needs no file, no call and no capability inside, so what is seen is what happens without it.
 */
export async function watchManager(machine: Machine, manager: number): Promise<Watch> {
  const { path, version } = await findStrace(plainEnvironment.PATH);
  await machine.run(['install', '-d', '-m', '0700', directory]);
  const args = straceArguments({ version, output: `${directory}/log`, pids: [manager] });
  const ended = machine.run([path, ...args], { timeout: longest });
  let isOver = false;
  const over = ended.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  let tracer = await tracerOf(machine, manager);
  while (tracer === '0') {
    if (isOver) throw new Failure(`strace cannot watch the machine: ${(await ended).stderr}.`);
    await delay(20);
    tracer = await tracerOf(machine, manager);
  }
  return {
    log: `${machine.root}${directory}/log`,
    async end() {
      await letGo({
        exited: over,
        isOver: () => isOver,
        async signal(name) {
          await machine.run(['kill', '-s', name, tracer]);
        },
      });
      await over;
    },
  };
}

async function tracerOf(machine: Machine, manager: number): Promise<string> {
  const { stdout } = await machine.run(['sed', '-n', 's/^TracerPid:\\t//p', `/proc/${manager}/status`]);
  return stdout.trim();
}
