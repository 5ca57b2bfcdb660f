/** Signals by which a user, a terminal or a service manager says that it is enough. */
export const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** From `holdInterrupts` to `release`, those signals don't end this process. */
export interface Interrupts {
  /** Calls back at each one, also for those that came before anybody listened. */
  listen(handler: () => void): void;
  /** Whoever presses Ctrl-C once more, while the work is being finished, must not lose it. */
  ignore(): void;
  release(): void;
}

let holders = 0;

export function holdInterrupts(): Interrupts {
  let missed = 0;
  let handler = () => {
    missed++;
  };
  const deliver = () => handler();
  for (const signal of interrupts) process.on(signal, deliver);
  holders++;
  return {
    listen(next) {
      handler = next;
      for (; missed > 0; missed--) next();
    },
    ignore() {
      handler = () => {};
    },
    release() {
      holders--;
      for (const signal of interrupts) process.off(signal, deliver);
    },
  };
}

/** Whether somebody else decides how this process ends. */
export function areHeld(): boolean {
  return holders > 0;
}
