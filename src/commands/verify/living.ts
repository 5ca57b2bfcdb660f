import { setTimeout as delay } from 'node:timers/promises';
import { shellIn } from '../service/machine-host.ts';
import { failuresSince, now } from '../service/settled.ts';
import { journalOf, type RunEnd, systemctl, type UnitHost } from '../service/unit-host.ts';
import { exitInWords, telling } from './exit-words.ts';
import { allListen } from './listeners.ts';
import type { Manner, Noticed, Subject } from './manner.ts';

const patience = 5000;
const lookEvery = 50;
/** Who listens nowhere has this long to show that it fails. */
const quietTime = 600;

/** A service that is started, used, reloaded and stopped. */
export class Living implements Subject {
  readonly noticed: Noticed = { restarts: false, ends: false, steady: 0 };
  readonly #host: UnitHost;
  readonly #unit: string;
  readonly #manner: Manner;
  #turn = now();
  #begun = { at: Date.now(), since: now() };

  constructor(host: UnitHost, unit: string, manner: Manner) {
    this.#host = host;
    this.#unit = unit;
    this.#manner = manner;
  }

  turns(): void {
    this.#turn = now();
  }

  async begins(how: 'start' | 'restart'): Promise<string> {
    await systemctl(this.#host, 'reset-failed', '--', this.#unit);
    this.#begun = { at: Date.now(), since: now() };
    const { exitCode } = await systemctl(this.#host, how, '--', this.#unit);
    if (exitCode !== 0) return this.#failure();
    return untilListening(this.#host, this.#manner, () => this.#lives());
  }

  async exercised(command: string): Promise<string> {
    const ended = await shellIn(this.#host.run, command);
    return (await this.#lives()) || exitOf(ended);
  }

  async canReload(): Promise<boolean> {
    const [can, active] = (await this.#show('CanReload', 'ActiveState')) as [string, string];
    return can === 'yes' && active === 'active';
  }

  async reloads(): Promise<string> {
    const { exitCode, stderr } = await systemctl(this.#host, 'reload', '--', this.#unit);
    if (exitCode !== 0) return (await this.#failure()) || (lastLine(stderr) ?? `status ${exitCode}`);
    await delay(quietTime / 2);
    return this.#lives();
  }

  async stops(): Promise<string> {
    const { exitCode, stderr } = await systemctl(this.#host, 'stop', '--', this.#unit);
    if (exitCode !== 0) return (await this.#failure()) || (lastLine(stderr) ?? `status ${exitCode}`);
    const [result] = await this.#show('Result');
    return result === 'success' ? '' : this.#failure();
  }

  /** One that ends well, or is started again then, is blamed for that only where it did not do so in the run that went well. */
  async #lives(): Promise<string> {
    const lived = Date.now() - this.#begun.at;
    const [active, result, restarts, type] = await this.#show('ActiveState', 'Result', 'NRestarts', 'Type');
    const again = restarts !== '0' && restarts !== '';
    const hasFailed =
      active === 'failed' ||
      result !== 'success' ||
      (again && (await failuresSince(this.#host, this.#unit, this.#begun.since)) > 0);
    if (hasFailed) return this.#failure();
    // A job that is done is well, too.
    const hasEnded = active === 'inactive' && type !== 'oneshot';
    if (!again && !hasEnded) {
      this.noticed.steady = Math.max(this.noticed.steady, lived);
      return '';
    }
    if (again) this.noticed.restarts = true;
    else this.noticed.ends = true;
    const { usual } = this.#manner;
    // Nobody knows what it would have done later.
    const isUsual = usual === undefined || (again ? usual.restarts : usual.ends) || lived > usual.steady;
    if (isUsual) return '';
    const how = again ? 'it ended by itself, and systemd started it again' : 'it ended by itself';
    const said = telling(await this.#journal());
    return said === undefined ? how : `${how}; ${said}`;
  }

  async #failure(): Promise<string> {
    const journal = await this.#journal();
    const [result] = await this.#show('Result');
    return failureInWords(journal, result || 'failed');
  }

  /** Of this step. */
  #journal(): Promise<string[]> {
    return journalOf(this.#host, this.#unit, '--since', this.#turn, '-n', '60');
  }

  async #show(...names: string[]): Promise<string[]> {
    const { stdout } = await systemctl(this.#host, 'show', '-p', names.join(','), '--', this.#unit);
    const said = new Map(
      stdout.split('\n').map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    return names.map((name) => said.get(name) ?? '');
  }
}

/** What the journal and systemd's result say of a failure. */
export function failureInWords(journal: readonly string[], result: string): string {
  const said = telling(journal);
  const how = exitInWords(journal) ?? `systemd calls it ${result}`;
  return said === undefined ? how : `${how}; ${said}`;
}

/** Waits until everything listens that did in the run that went well, as long as `lives` finds nothing wrong. */
export async function untilListening(
  host: UnitHost,
  { listening }: Manner,
  lives: () => Promise<string>,
): Promise<string> {
  const isAwaited = listening !== undefined && listening.size > 0;
  for (let waited = 0; waited < (isAwaited ? patience : quietTime); waited += lookEvery) {
    const why = await lives();
    if (why !== '') return why;
    if (isAwaited && (await allListen(host.run, listening))) return '';
    await delay(lookEvery);
  }
  return '';
}

/** Why a command line failed; nothing where it did not. */
export function exitOf({ exitCode, stdout, stderr }: RunEnd): string {
  if (exitCode === 0) return '';
  const said = lastLine(stderr) ?? lastLine(stdout);
  return `exit status ${exitCode}${said === undefined ? '' : `: ${said}`}`;
}

export function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
