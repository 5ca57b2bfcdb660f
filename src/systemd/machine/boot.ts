import { access, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { plainEnvironment } from '../plain-environment.ts';
import { becomeSystemd, enterNamespaces, insideDirectory } from './boot-script.ts';
import { processesOf } from './cgroup.ts';
import type { MountPlan } from './mount-plan.ts';

export interface BootPlan {
  /** The machine's own directory on the host; what is mounted there is only to be seen inside. */
  directory: string;
  cgroup: string;
  /** The root directory that is shown: this host's, or another one on it. */
  root: string;
  /** The program, as it is named in that root directory. */
  systemd: string;
  mounts: MountPlan;
  /** The most that may be written: a size for tmpfs, `50%` or `2G`. */
  size: string;
  /** Milliseconds. */
  timeout: number;
}

/** A machine's first process, by the host's numbers. */
export interface Booted {
  pid: number;
  /** Paths that could not be shown after all. */
  leftOut: string[];
  /** Kills everything in the machine; resolves when the first process is gone. */
  kill(): Promise<void>;
}

/**
 * Starts systemd in namespaces of its own and waits until it is up and has proved that it denies what it is told to deny.
 * @throws when a step fails, when it takes too long, or when the proof fails. Nothing runs on then.
 */
export async function boot(plan: BootPlan): Promise<Booted> {
  const logPath = join(plan.directory, 'boot.log');
  const { overlays, copies, rootLimits } = plan.mounts;
  const shown = [
    ...overlays.map(({ path, limits }) => ['overlay', path, limits] as const),
    ...copies.map((path) => ['copy', path, ''] as const),
  ];
  const root = [plan.root, rootLimits];
  const second = [plan.directory, `mode=0755,size=${plan.size}`, plan.systemd, ...root, ...shown.flat()];
  const first = [String(process.pid), plan.cgroup, logPath, becomeSystemd, 'machine', ...second];
  // In a session of its own: Ctrl-C in our terminal would reach its pid 1, which takes SIGINT for a request to reboot.
  const owner = execa(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', '/bin/sh', '-c', enterNamespaces, 'machine', ...first],
    {
      detached: true,
      cleanup: false,
      reject: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
      extendEnv: false,
      env: plainEnvironment,
    },
  );
  let ended = false;
  const end = owner.then(() => {
    ended = true;
  });
  const kill = async () => {
    owner.ref();
    owner.kill('SIGKILL');
    await end;
  };
  try {
    const pid = await waitUntilUp(plan, owner.pid, () => ended);
    // A machine that nobody stops must not keep our process from ending.
    owner.unref();
    const indexes = [...(await readLog(logPath)).matchAll(/^left out (\d+)$/gm)].map((match) =>
      Number(match[1]),
    );
    return { pid, leftOut: indexes.flatMap((index) => shown[index - 1]?.[1] ?? []), kill };
  } catch (error) {
    await kill();
    const why = whatFailed(await readLog(logPath));
    throw new Error(`${(error as Error).message}${why === '' ? '' : `: ${why}`}.`);
  }
}

async function waitUntilUp(plan: BootPlan, owner: number | undefined, ended: () => boolean): Promise<number> {
  const deadline = Date.now() + plan.timeout;
  let pid: number | undefined;
  for (;;) {
    if (ended() || owner === undefined) throw new Error('The machine did not start');
    pid ??= await childOf(owner, plan.cgroup);
    if (pid !== undefined && (await isUp(pid))) break;
    if (Date.now() > deadline)
      throw new Error(`The machine was not up within ${plan.timeout / 1000} seconds`);
    await delay(5);
  }
  const inside = `/proc/${pid}/root${insideDirectory}`;
  if ((await exists(`${inside}/denied`)) || !(await exists(`${inside}/allowed`))) {
    throw new Error(
      'The systemd of the machine does not deny what SystemCallFilter= tells it to: nothing can be tried there',
    );
  }
  return pid;
}

/** Until it has a root directory of its own we would look at ours, which may be that of a machine as well. */
async function isUp(pid: number): Promise<boolean> {
  const [its, ours] = await Promise.all([stat(`/proc/${pid}/root`).catch(() => undefined), stat('/')]);
  return (
    its !== undefined && its.dev !== ours.dev && (await exists(`/proc/${pid}/root${insideDirectory}/ready`))
  );
}

/** The step that failed, which the script prints last, and before that what the program said. */
function whatFailed(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '' && !line.includes('dmesg(1)'));
  const step = lines.at(-1)?.startsWith('could not ') ? lines.pop() : undefined;
  return [step, lines.at(-1)?.replace(/\.$/, '')].filter((part) => part !== undefined).join(': ');
}

/** The child of `parent` in a cgroup: the machine's pid 1. It goes into init.scope when it has become systemd. */
async function childOf(parent: number, cgroup: string): Promise<number | undefined> {
  for (const directory of [cgroup, join(cgroup, 'init.scope')]) {
    for (const pid of processesOf(directory)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (status.includes(`\nPPid:\t${parent}\n`)) return pid;
    }
  }
  return undefined;
}

async function readLog(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
