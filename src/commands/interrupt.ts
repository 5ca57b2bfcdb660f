/** Signals by which a user, a terminal or a service manager says that it is enough. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls back at each of them, instead of ending the process. Returns the way to let them end it again. */
export function onInterrupt(handler: () => void): () => void {
  for (const signal of signals) process.on(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}
