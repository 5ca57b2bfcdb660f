import type { Act } from '../profile/acts.ts';
import type { Evidence, Profile } from '../profile/profile.ts';
import { type Need, needOfCall, needsAtPlace } from './capability-rules.ts';
import { type CapabilityUse, couldUse } from './capability-use.ts';
import { heldFromStart } from './held-capabilities.ts';
import { askedByOwner } from './owner-rules.ts';

/**
 * Which capabilities were used. No trace shows a capability: it is told from what was done, by whom, and to whose file.
 * https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
export function* usedCapabilities(profile: Profile): Generator<CapabilityUse> {
  const isHeld = heldFromStart(profile);
  for (const use of possibleUses(profile)) if (couldUse(use.evidence, use.name) || isHeld(use)) yield use;
  yield* keptSets(profile);
}

function* possibleUses(profile: Profile): Generator<CapabilityUse> {
  for (const { call, what, evidence } of profile.privileged)
    yield* usesOf(needOfCall(call, what), what, evidence);
  for (const { call, from, to, evidence } of profile.credentials)
    if (from !== to) yield* usesOf(needOfCall(call, ''), `${from} to ${to}`, evidence);
  for (const { act, family, address, port, evidence } of profile.endpoints) {
    const isLow = act === 'bind' && family.startsWith('AF_INET') && port > 0 && port < 1024;
    const subject = `${address} port ${port}`;
    if (isLow) yield { name: 'CAP_NET_BIND_SERVICE', subject, isCertain: true, evidence };
  }
  for (const [family, evidence] of Object.entries(profile.families))
    yield* usesOf(needOfCall('socket', family), family, evidence);
  for (const [path, acts] of Object.entries(profile.paths)) {
    for (const [act, evidence] of Object.entries(acts) as [Act, Evidence][]) {
      for (const asked of askedByOwner(profile, path, act)) yield { ...asked, subject: path, evidence };
      for (const need of needsAtPlace(path, act)) yield* usesOf(need, path, evidence);
    }
  }
}

function* usesOf(need: Need | undefined, subject: string, evidence: Evidence): Generator<CapabilityUse> {
  if (need === undefined) return;
  const { needs, instead, errno, certain: isCertain } = need;
  for (const name of needs) yield { name, subject, instead, errno, isCertain, evidence };
}

/**
 * Who says by name which capabilities he goes on with must have had them: capset fails as a whole where one is missing, and that he has
 * them he need not show in any other way. https://man7.org/linux/man-pages/man2/capset.2.html
 */
function* keptSets(profile: Profile): Generator<CapabilityUse> {
  for (const { call, what, evidence } of profile.privileged) {
    const names = call === 'capset' ? /^keeps ([A-Z_,]+)$/.exec(what)?.[1] : undefined;
    const isNamespaced = evidence.as?.every((label) => label.endsWith(' userns')) === true;
    if (names === undefined || isNamespaced) continue;
    for (const name of names.split(','))
      yield { name: `CAP_${name}`, subject: 'named by capset', errno: 'EPERM', evidence };
  }
}
