import type { Interrupts } from '../../lifetime/interrupt.ts';
import { Failure } from '../failure.ts';
import type { UnitHost } from './unit-host.ts';

/**
 * A host on which work ends when somebody presses Ctrl-C: what runs then is ended, and nothing more is begun. What has been done by
 * then is undone on the host itself, where a second Ctrl-C ends nothing.
 */
export function interruptible(host: UnitHost, interrupts: Interrupts): UnitHost {
  const controller = new AbortController();
  interrupts.listen(() => controller.abort());
  const check = () => {
    if (controller.signal.aborted) throw new Failure('It was interrupted.');
  };
  return {
    ...host,
    run: async (argv) => {
      check();
      const ended = await host.run(argv, controller.signal);
      check();
      return ended;
    },
  };
}
