import { attacks, type Thing, things } from './attack-table.ts';

/** A thing with its ways that are open without a sandbox and with it, as ids of attacks. */
export interface OpenThing extends Thing {
  before: string[];
  after: string[];
}

/** The things of which at least one way is open, before or after. */
export function openThings(before: readonly string[], after: readonly string[]): OpenThing[] {
  const thingOf = new Map(attacks().map(({ id, thing }) => [id, thing]));
  return things()
    .map((thing) => {
      const waysIn = (open: readonly string[]) => open.filter((id) => thingOf.get(id) === thing.id);
      return { ...thing, before: waysIn(before), after: waysIn(after) };
    })
    .filter((thing) => thing.before.length + thing.after.length > 0);
}
