import type { Profile } from '../profile/profile.ts';
import type { Context } from './context.ts';
import type { Against } from './directive.ts';
import type { Plans } from './plans.ts';
import { directives } from './registry.ts';

/**
 * What speaks against a directive, or against its strictest value: the first behaviour that it would refuse, or a reason in words.
 * @returns undefined where nothing does, where the grants of its setting say it, and for a name that is no directive's.
 */
export function contradictions(
  name: string,
  profile: Profile,
  context: Context,
  plans: Plans,
): Against | undefined {
  const directive = directives.find((each) => each.name === name);
  if (directive === undefined) return undefined;
  if (directive.since > context.systemd)
    return `systemd ${context.systemd} has none (it came with ${directive.since})`;
  return directive.against(profile, context, plans);
}
