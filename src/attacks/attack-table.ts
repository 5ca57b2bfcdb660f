import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One attack of the probe. */
export interface Attack {
  id: string;
  /** What it tries, in plain words: `read root's SSH key`. */
  title: string;
  /** The probe's source file that has it: `secrets`, `execution` … */
  group: string;
  /** The id of the thing that it is a way to. */
  thing: string;
  /** What it goes for in the file system, where that is one place. */
  path?: string | undefined;
}

/** What an attacker wants: an end to which one attack or several are ways. It is open as long as any of them is. */
export interface Thing {
  id: string;
  title: string;
}

/** A line that closes attacks all by itself. */
export interface Closer {
  directive: string;
  /** `ProtectSystem=strict` */
  line: string;
  /** Another line without which it closes nothing. */
  besides?: string | undefined;
  closes: string[];
  /** Works only where systemd can run BPF programs. */
  bpf?: boolean | undefined;
  /** Where it says so, for what could not be measured. */
  source?: string | undefined;
}

const thingSchema = z.object({ id: z.string(), title: z.string() });
const attackSchema = thingSchema.extend({
  group: z.string(),
  thing: z.string(),
  path: z.string().optional(),
});
const closerSchema = z.array(
  z.object({
    directive: z.string(),
    line: z.string(),
    besides: z.string().optional(),
    closes: z.array(z.string()),
    bpf: z.boolean().optional(),
    source: z.string().optional(),
  }),
);

/** Every attack, in the order in which the probe tries them. */
export function attacks(): Attack[] {
  return z.array(attackSchema).parse(dataOf('attacks'));
}

/** Every thing, in the order in which its first attack is tried, more or less. */
export function things(): Thing[] {
  return z.array(thingSchema).parse(dataOf('things'));
}

/** What scripts/attack-closers.mjs has measured, and after it what manuals say of the rest. */
export function closers(): Closer[] {
  return [...closerSchema.parse(dataOf('closers')), ...closerSchema.parse(dataOf('stated-closers'))];
}

function dataOf(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), 'utf8'));
}
