import { existsSync } from 'node:fs';
import { isRoot, missing } from '../profile/compiled.ts';

const isBuilt = existsSync(new URL('../../dist/trace/kernel-observer', import.meta.url));

/** Why the kernel can't be asked here what programs do that are built for it; undefined where it can. */
export const kernelMissing =
  missing ??
  (isRoot ? undefined : 'it needs root') ??
  (isBuilt ? undefined : 'the kernel observer was not built');
