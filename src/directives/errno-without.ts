import type { Behaviour } from './behaviour.ts';

/** Files of others, and low ports, are refused as to anybody: https://man7.org/linux/man-pages/man2/open.2.html, bind(2). */
const likeAnybody: ReadonlySet<string> = new Set([
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_NET_BIND_SERVICE',
]);

/** What a daemon sees where the capability is gone that something needs. */
export function errnoWithout({ name, evidence }: Extract<Behaviour, { kind: 'capability' }>): string {
  // https://man7.org/linux/man-pages/man2/setpriority.2.html: a nice value below one's limit is EACCES.
  return likeAnybody.has(name) || evidence.call === 'setpriority' ? 'EACCES' : 'EPERM';
}
