import { shellIn } from '../service/machine-host.ts';
import { now } from '../service/settled.ts';
import { startSockets } from '../service/start-with-sockets.ts';
import { journalOf, systemctl, type UnitHost } from '../service/unit-host.ts';
import { allInstancesOf } from '../service/unit-state.ts';
import { exitOf, failureInWords, untilListening } from './living.ts';
import type { Manner, Noticed, Subject } from './manner.ts';

/** A template of which each connection starts an instance (Accept=yes): its sockets are up, and its instances come and go. */
export class Connections implements Subject {
  readonly noticed: Noticed = { restarts: false, ends: true, steady: 0 };
  readonly #host: UnitHost;
  /** A pattern. */
  readonly #instances: string;
  readonly #manner: Manner;
  #turn = now();

  constructor(host: UnitHost, unit: string, manner: Manner) {
    this.#host = host;
    this.#instances = allInstancesOf(unit);
    this.#manner = manner;
  }

  turns(): void {
    this.#turn = now();
  }

  async begins(how: 'start' | 'restart'): Promise<string> {
    if (how === 'restart') {
      const why = await this.stops();
      if (why !== '') return why;
    }
    const failed = await startSockets(this.#host, this.#manner.sockets);
    return failed ?? untilListening(this.#host, this.#manner, () => this.#lives());
  }

  async exercised(command: string): Promise<string> {
    const ended = await shellIn(this.#host.run, command);
    return (await this.#lives()) || exitOf(ended);
  }

  async canReload(): Promise<boolean> {
    return false;
  }

  async reloads(): Promise<string> {
    return '';
  }

  async stops(): Promise<string> {
    await systemctl(this.#host, 'stop', '--', ...this.#manner.sockets);
    await systemctl(this.#host, 'stop', '--', this.#instances);
    return this.#lives();
  }

  /** What has failed is told once. */
  async #lives(): Promise<string> {
    const { stdout } = await systemctl(this.#host, 'show', '-P', 'Result', '--', this.#instances);
    const failed = stdout.split('\n').find((result) => result !== '' && result !== 'success');
    if (failed === undefined) return '';
    const journal = await journalOf(this.#host, this.#instances, '--since', this.#turn, '-n', '60');
    await systemctl(this.#host, 'reset-failed', '--', this.#instances);
    return failureInWords(journal, failed);
  }
}
