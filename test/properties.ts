import fc from 'fast-check';
import { beforeAll } from 'vitest';

/**
 * The cases of properties are the same in each run, so that a change is what makes a run fail. `SEED=7 RUNS=50 npx vitest run
 * test/samples/links.test.ts` looks at others, and fifty times as many of them.
 */
beforeAll(() => {
  fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
});

/** How many cases a property of the laws is tried with. */
export function runs(usual: number): number {
  return usual * Number(process.env.RUNS ?? 1);
}
