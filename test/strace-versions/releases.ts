import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { missing } from '../profile/compiled.ts';

/** The strace of a Debian release: a program to start, or a word why there is none. */
export interface Release {
  name: string;
  strace: string;
  version: number;
  why: string;
}

const results = z.array(
  z.object({
    suite: z.string(),
    version: z.string().default(''),
    strace: z.string().default(''),
    why: z.string().default(''),
  }),
);

/** Fetches them where that was not done before (scripts/fetch-strace.mjs). Without a C compiler there is nothing to trace. */
export async function straceOfReleases(): Promise<Release[]> {
  const script = fileURLToPath(new URL('../../scripts/fetch-strace.mjs', import.meta.url));
  const { stdout } = await execa(process.execPath, [script], { stderr: 'ignore' });
  return results.parse(JSON.parse(stdout)).map(({ suite, version, strace, ...fetched }) => {
    const why = fetched.why || missing || '';
    const name = why === '' ? `strace ${version} of ${suite}` : `strace of ${suite} (skipped: ${why})`;
    return { name, strace, version: comparable(version), why };
  });
}

/** `6.13` is 6.013, so that versions compare as numbers. */
export function comparable(version: string): number {
  const [major = '0', minor = '0'] = version.split('.');
  return Number(major) + Number.parseInt(minor, 10) / 1000;
}
