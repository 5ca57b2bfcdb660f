import type { Behaviour } from './behaviour.ts';

/** Files of others, and low ports, are refused as to anybody: https://man7.org/linux/man-pages/man2/open.2.html, bind(2). */
const likeAnybody: ReadonlySet<string> = new Set([
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_NET_BIND_SERVICE',
]);

/** What a daemon sees where the capability is gone that something needs. */
export function errnoWithout({ name, errno }: Extract<Behaviour, { kind: 'capability' }>): string {
  return errno ?? (likeAnybody.has(name) ? 'EACCES' : 'EPERM');
}
