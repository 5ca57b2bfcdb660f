import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/properties.ts'],
    // One for each core: many wait for machines and tracers most of the time.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
