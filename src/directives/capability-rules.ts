import { readFileSync } from 'node:fs';

/** What the kernel asks of who does something: an entry of data/capabilities-of-calls.json or of data/capabilities-of-places.json. */
export interface Need {
  /** All of these, `CAP_CHOWN`; none where the kernel does not ask. */
  readonly needs: readonly string[];
  /** Any of these is enough in the place of each. */
  readonly instead?: readonly string[];
  /** What is met without, where it is not EPERM: an errno, or words where nothing fails. */
  readonly errno?: string;
  /** Whether it works for nobody without: what worked then tells that he had it. */
  readonly certain?: boolean;
  /** Where the rule comes from: a manual page, or the source of the kernel. */
  readonly source: string;
}

interface CallNeed extends Need {
  readonly calls: readonly string[];
  /** Of which class the arguments are, as a regular expression; all of them where left out. */
  readonly what?: string;
  /** Why nothing is needed, where one could think otherwise. */
  readonly why?: string;
}

interface PlaceNeed extends Need {
  /** A regular expression. */
  readonly path: string;
  readonly acts: readonly string[];
}

/** What the kernel asks for a call whose arguments are of this class: the first entry of the call that fits it. */
export function needOfCall(call: string, what: string): Need | undefined {
  calls ??= callsByName();
  return calls.get(call)?.find(({ pattern }) => pattern === undefined || pattern.test(what))?.need;
}

/** What the kernel asks for an act at a place of its own (/proc, /sys, /dev), whoever owns it. */
export function needsAtPlace(path: string, act: string): Need[] {
  places ??= placesByAct();
  const all = places.get(act) ?? [];
  return all.filter(({ pattern }) => pattern.test(path)).map(({ need }) => need);
}

let calls: ReadonlyMap<string, { need: Need; pattern: RegExp | undefined }[]> | undefined;
let places: ReadonlyMap<string, { need: Need; pattern: RegExp }[]> | undefined;

function placesByAct() {
  const byAct = new Map<string, { need: Need; pattern: RegExp }[]>();
  for (const need of read<PlaceNeed>('capabilities-of-places')) {
    const pattern = new RegExp(need.path);
    for (const act of need.acts) byAct.set(act, [...(byAct.get(act) ?? []), { need, pattern }]);
  }
  return byAct;
}

function callsByName() {
  const byName = new Map<string, { need: Need; pattern: RegExp | undefined }[]>();
  for (const need of read<CallNeed>('capabilities-of-calls')) {
    const pattern = need.what === undefined ? undefined : new RegExp(need.what);
    for (const name of need.calls) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [{ need, pattern }]);
      else known.push({ need, pattern });
    }
  }
  return byName;
}

/** The shape is held against a schema in test/directives/capability-rules.test.ts. */
function read<N extends Need>(name: string): readonly N[] {
  return JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), 'utf8'));
}
