import { defineConfig } from 'vitest/config';

/** These install a unit on this host, which others that compare what is read of the host must not see come and go. */
const changesTheHost = ['test/verify/**/*.test.ts', 'test/daemons/**/*.test.ts', 'test/guides/**/*.test.ts'];

export default defineConfig({
  test: {
    setupFiles: ['test/properties.ts'],
    // One for each core: many wait for machines and tracers most of the time.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'first',
          // Their files share one process for each core: loading all modules anew for each took a tenth of the time. What is
          // read once in a process (this host's units, its systemd) no test of this group changes.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: changesTheHost,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'then', include: changesTheHost, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
