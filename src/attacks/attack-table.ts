import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One attack of the probe. */
export interface Attack {
  id: string;
  /** What it tries, in plain words: `read root's SSH key`. */
  title: string;
  /** The probe's source file that has it: `secrets`, `execution` … */
  group: string;
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

const attackSchema = z.array(z.object({ id: z.string(), title: z.string(), group: z.string() }));
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
  return attackSchema.parse(dataOf('attacks'));
}

/** What scripts/attack-closers.mjs has measured, and after it what manuals say of the rest. */
export function closers(): Closer[] {
  return [...closerSchema.parse(dataOf('closers')), ...closerSchema.parse(dataOf('stated-closers'))];
}

function dataOf(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), 'utf8'));
}
