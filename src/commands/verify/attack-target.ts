import { realpathSync } from 'node:fs';
import type { Target } from '../../attacks/explain.ts';
import type { Context } from '../../directives/context.ts';
import { contradictions } from '../../directives/contradictions.ts';
import { Plans } from '../../directives/plans.ts';
import { bytesOfText, textOfBytes } from '../../paths/byte-text.ts';
import type { Profile } from '../../profile/profile.ts';

/** What an attack that is open is explained by, beside the settings: the host, and what the daemon did if somebody watched. */
export function targetOf(context: Context, profile: Profile | undefined): Target {
  const { systemd, bpf, groups } = context;
  const host = { systemd, bpf, groups, realPath };
  if (profile === undefined) return host;
  const plans = new Plans(profile, context);
  return {
    ...host,
    seen: (call) => (Object.hasOwn(profile.syscalls, call) ? profile.syscalls[call]?.first : undefined),
    against: (directive) => contradictions(directive, profile, context, plans),
  };
}

function realPath(path: string): string {
  try {
    return textOfBytes(realpathSync(bytesOfText(path), 'latin1'));
  } catch {
    return path;
  }
}
