import { type Capabilities, capability, capabilityNames, noCapabilities } from '../profile/capabilities.ts';
import { labelWithout } from '../profile/capability-label.ts';
import type { Behaviour } from './behaviour.ts';
import type { Setting } from './directive.ts';

/**
 * Behaviours as they would be under settings that take capabilities away: done by who has those no more. So a model that asks as
 * whom something was done (whether root may go where no mode lets anybody in, or sees the processes of others) need not know
 * which directives stand beside its own.
 */
export function withoutLostCapabilities(settings: readonly Setting[]): (behaviour: Behaviour) => Behaviour {
  const ofRoot = lostBy(settings, true);
  const ofOthers = lostBy(settings, false);
  const labels = new Map<string, string>();
  const left = (label: string) => {
    const known = labels.get(label) ?? labelWithout(label, /^[0?](?: |$)/.test(label) ? ofRoot : ofOthers);
    labels.set(label, known);
    return known;
  };
  return (behaviour) => {
    const { as } = behaviour.evidence;
    if (ofRoot === noCapabilities || as === undefined) return behaviour;
    return { ...behaviour, evidence: { ...behaviour.evidence, as: [...new Set(as.map(left))].sort() } };
  };
}

function lostBy(settings: readonly Setting[], isRoot: boolean): Capabilities {
  const lost = capabilityNames.filter((name) => !settings.every((setting) => setting.keeps(name, isRoot)));
  return lost.reduce((set, name) => set | capability(name.replace('CAP_', '')), noCapabilities);
}
