import { type Places, serviceText } from './places.ts';
import type { UnitHost } from './unit-host.ts';

/** The unit below a new drop-in, for `--unit`: its files, without those that we have put there. */
export async function baseOf(host: UnitHost, unit: string, places: Places): Promise<string[]> {
  const all = await serviceText(host, unit);
  const ours = [places.applied, places.traceDropIn];
  if (!host.isUser && !all.dropIns.some((file) => ours.includes(file))) return [unit];
  const { fragment, dropIns } = await serviceText(host, unit, ours);
  return [fragment, ...dropIns];
}
