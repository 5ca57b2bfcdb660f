/** `npm run daemons`: all daemons and all their checks; else what is quick. */
export const isAll = process.env.DAEMONS === 'all';

/**
 * Whether a test may be left out for what is missing here. `npm run daemons` needs everything: there the test runs, and fails
 * because of what is missing.
 */
export function mayLack(missing: string | undefined): boolean {
  return missing !== undefined && !isAll;
}
