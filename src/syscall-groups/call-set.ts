/**
 * Sets of calls as bits, for what puts thousands of them together in search of a short list: 32 calls at a time. A set belongs to
 * the numbering that made it.
 */
export type CallSet = Readonly<Uint32Array>;

/** Gives each call a number, in the order of the names. */
export class CallNumbers {
  readonly names: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(names: Iterable<string>) {
    this.names = [...names];
    this.#numbers = new Map(this.names.map((name, number) => [name, number]));
  }

  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  /** Those of the calls that have a number. */
  setOf(calls: Iterable<string>): CallSet {
    const bits = new Uint32Array(Math.ceil(this.names.length / 32));
    for (const call of calls) {
      const number = this.#numbers.get(call);
      if (number !== undefined) bits[number >>> 5] = (bits[number >>> 5] ?? 0) | (1 << (number & 31));
    }
    return bits;
  }

  /** In the order of their numbers. */
  namesOf(set: CallSet): string[] {
    return this.names.filter((_name, number) => (((set[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1);
  }
}

export function union(one: CallSet, other: CallSet): CallSet {
  return one.map((bits, at) => bits | (other[at] ?? 0));
}

/** What is in one and not in the other. */
export function difference(one: CallSet, other: CallSet): CallSet {
  return one.map((bits, at) => bits & ~(other[at] ?? 0));
}

export function isSame(one: CallSet, other: CallSet): boolean {
  return one.every((bits, at) => bits === other[at]);
}

export function countOf(set: CallSet): number {
  let count = 0;
  for (let at = 0; at < set.length; at++) count += ones(set[at] ?? 0);
  return count;
}

/** How many are in both. */
export function countShared(one: CallSet, other: CallSet): number {
  let count = 0;
  for (let at = 0; at < one.length; at++) count += ones((one[at] ?? 0) & (other[at] ?? 0));
  return count;
}

/** The bits that are set: pairs, then fours, then bytes are added up. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
