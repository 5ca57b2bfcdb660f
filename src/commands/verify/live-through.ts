import { setTimeout as delay } from 'node:timers/promises';
import { systemctl, type UnitHost } from '../service/unit-host.ts';
import { exitInWords, telling } from './exit-words.ts';
import { listeners } from './listeners.ts';

export const stepNames = ['start', 'exercise', 'reload', 'restart', 'exercise again', 'stop'] as const;
export type StepName = (typeof stepNames)[number];

/** One step of a trial: `why` is empty where it went well. */
export interface Step {
  step: StepName;
  why: string;
}

/** What is known of a unit from a run that went well. */
export interface Manner {
  /** What listens once it is ready; undefined where nobody has looked yet. */
  listening: ReadonlySet<string> | undefined;
  /** Sockets that must be there before it starts. */
  sockets: readonly string[];
}

export interface Life {
  steps: Step[];
  /** The unit's journal. */
  journal: string[];
}

const patience = 5000;
const lookEvery = 50;
/** Who listens nowhere has this long to show that it fails. */
const quietTime = 600;

/** Lets a unit go through what its life will bring: start, use, reload, restart, use, stop. What failed is told, and the rest still tried where that makes sense. */
export async function liveThrough(
  host: UnitHost,
  unit: string,
  exercise: string,
  manner: Manner,
  beforeStop?: () => Promise<void>,
): Promise<Life> {
  const steps: Step[] = [];
  const living = new Living(host, unit, manner);
  const take = async (step: StepName, act: () => Promise<string>) => {
    const why = await act();
    steps.push({ step, why });
    return why === '';
  };
  for (const socket of manner.sockets) await systemctl(host, 'start', '--', socket);
  if (await take('start', () => living.begins('start'))) {
    await take('exercise', () => living.exercised(exercise));
    if (await living.canReload()) await take('reload', () => living.told('reload'));
    if (await take('restart', () => living.begins('restart')))
      await take('exercise again', () => living.exercised(exercise));
    await beforeStop?.();
    await take('stop', () => living.told('stop'));
  }
  return { steps, journal: await living.journal() };
}

class Living {
  readonly #host: UnitHost;
  readonly #unit: string;
  readonly #manner: Manner;

  constructor(host: UnitHost, unit: string, manner: Manner) {
    this.#host = host;
    this.#unit = unit;
    this.#manner = manner;
  }

  /** Starts it, until it listens where it did in the run that went well. */
  async begins(how: 'start' | 'restart'): Promise<string> {
    await systemctl(this.#host, 'reset-failed', '--', this.#unit);
    const { exitCode } = await systemctl(this.#host, how, '--', this.#unit);
    if (exitCode !== 0) return this.#failure();
    const wanted = this.#manner.listening;
    const left = wanted !== undefined && wanted.size > 0 ? patience : quietTime;
    for (let waited = 0; waited < left; waited += lookEvery) {
      const why = await this.#lives();
      if (why !== '') return why;
      if (wanted !== undefined && wanted.size > 0) {
        const now = await listeners(this.#host.run);
        if ([...wanted].every((each) => now.has(each))) return '';
      }
      await delay(lookEvery);
    }
    return '';
  }

  async exercised(command: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#host.run(['/bin/sh', '-c', command]);
    const lives = await this.#lives();
    if (lives !== '') return lives;
    if (exitCode === 0) return '';
    const said = lastLine(stderr) ?? lastLine(stdout);
    return `exit status ${exitCode}${said === undefined ? '' : `: ${said}`}`;
  }

  async told(what: 'reload' | 'stop'): Promise<string> {
    const { exitCode, stderr } = await systemctl(this.#host, what, '--', this.#unit);
    if (exitCode !== 0) return (await this.#failure()) || (lastLine(stderr) ?? `status ${exitCode}`);
    if (what === 'reload') {
      await delay(quietTime / 2);
      return this.#lives();
    }
    const result = await this.#show('Result');
    return result === 'success' ? '' : this.#failure();
  }

  async canReload(): Promise<boolean> {
    return (await this.#show('CanReload')) === 'yes';
  }

  async journal(): Promise<string[]> {
    const argv = ['journalctl', '-u', this.#unit, '-n', '60', '-o', 'cat', '--no-pager', '-q'];
    return (await this.#host.run(argv)).stdout.split('\n');
  }

  /** A job that is done is well, too. */
  async #lives(): Promise<string> {
    const [active = '', result = '', restarts = '0', type = ''] = (
      await this.#show('ActiveState,Result,NRestarts,Type')
    ).split('\n');
    const isDone = active === 'inactive' && type === 'oneshot' && result === 'success';
    const isWell = (active === 'active' || active === 'reloading' || isDone) && restarts === '0';
    return isWell ? '' : this.#failure();
  }

  async #failure(): Promise<string> {
    const journal = await this.journal();
    const state = (await this.#show('Result')) || 'failed';
    const said = telling(journal);
    const how = exitInWords(journal) ?? `systemd calls it ${state}`;
    return said === undefined ? how : `${how}; ${said}`;
  }

  /** The values, each on its line, in the order in which systemctl knows them. */
  async #show(names: string): Promise<string> {
    const { stdout } = await systemctl(this.#host, 'show', '-p', names, '--', this.#unit);
    const said = new Map(
      stdout.split('\n').map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    return names
      .split(',')
      .map((name) => said.get(name) ?? '')
      .join('\n');
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
