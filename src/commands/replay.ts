import { architectureOf } from '../syscall-groups/architectures.ts';
import type { OutputOptions } from './options.ts';
import { checkOutput } from './output-file.ts';
import { readInputs } from './read-inputs.ts';

export interface ReplayOptions extends OutputOptions {
  logs: string[];
  cwd: string | undefined;
  uid: number | undefined;
  root: string | undefined;
}

/** `replay LOG…`: saved logs and profiles become one drop-in. */
export async function replay(options: ReplayOptions): Promise<void> {
  await checkFirst(options);
  const reading = readInputs(options.logs, {
    cwd: options.cwd,
    root: options.root,
    architecture: architectureOf(process.arch),
    uid: options.uid,
  });
  // What fails is said below.
  reading.catch(() => undefined);
  // The directives are loaded while threads read.
  const { conclude, askAhead } = await import('./conclude.ts');
  askAhead(options);
  const { profile, unread, hasFileFacts, root } = await reading;
  const warnings = hasFileFacts
    ? []
    : [
        'The machine on which the log was taken is not this one: links, libraries and owners could not be looked up, so library directories are granted whole (--root DIR names a copy of its files).',
      ];
  await conclude({ profile, unread, warnings, root }, options);
}

/** What would fail after the logs were read is said before. */
async function checkFirst(options: ReplayOptions): Promise<void> {
  if (options.explain !== undefined) (await import('./explain-setting.ts')).checkExplain(options.explain);
  await checkOutput(options);
  if (options.profile !== undefined) await (await import('./profile-file.ts')).checkProfile(options.profile);
}
