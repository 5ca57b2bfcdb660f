import { readdir } from 'node:fs/promises';
import type { Probe, ProbeFile } from './probe.ts';

export interface NumberedProbe extends Probe {
  directive: string;
  number: number;
}

/** What a probe is, in words. */
export function nameOf({ directive, user = 'root', unit = [], lines, act }: NumberedProbe): string {
  return `${directive}: ${user}: ${[...unit, ...lines].join(', ')}: ${act}`;
}

/** Every probe of every file in probes/: a new one is a file there that has a `ProbeFile` as its default export. */
export async function allProbes(): Promise<NumberedProbe[]> {
  const directory = new URL('probes/', import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ts')).sort();
  const files = await Promise.all(
    names.map(
      async (name) => ((await import(new URL(name, directory).href)) as { default: ProbeFile }).default,
    ),
  );
  const probes = files.flatMap(({ directive, probes }) => probes.map((probe) => ({ ...probe, directive })));
  return probes.map((probe, at) => ({ ...probe, number: at + 1 }));
}
