import { architectureOf } from '../syscall-groups/architectures.ts';
import { conclude } from './conclude.ts';
import { checkExplain } from './explain-setting.ts';
import { knownHost } from './known-host.ts';
import type { OutputOptions } from './options.ts';
import { checkOutput } from './output-file.ts';
import { checkProfile } from './profile-file.ts';
import { readInputs } from './read-inputs.ts';

export interface ReplayOptions extends OutputOptions {
  logs: string[];
  cwd: string | undefined;
  uid: number | undefined;
  root: string | undefined;
}

/** `replay LOG…`: saved logs and profiles become one drop-in. */
export async function replay(options: ReplayOptions): Promise<void> {
  void knownHost();
  checkExplain(options.explain);
  await checkOutput(options);
  await checkProfile(options.profile);
  const { profile, unread, hasFileFacts, root } = await readInputs(options.logs, {
    cwd: options.cwd,
    root: options.root,
    architecture: architectureOf(process.arch),
    uid: options.uid,
  });
  const warnings = hasFileFacts
    ? []
    : [
        'The machine on which the log was taken is not this one: links, libraries and owners could not be looked up, so library directories are granted whole (--root DIR names a copy of its files).',
      ];
  await conclude({ profile, unread, warnings, root }, options);
}
