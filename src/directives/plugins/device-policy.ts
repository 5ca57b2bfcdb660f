import { isBelow } from '../../paths/covering-tree.ts';
import { deviceUse } from '../device-nodes.ts';
import { type Assigned, directive, type Inferred } from '../directive.ts';
import type { Grant } from '../grant.ts';
import { witness } from '../path-needs.ts';
import type { Plans } from '../plans.ts';
import { lastBoolean, lastOf } from '../unit-values.ts';
import { privateDevices } from './private-devices.ts';

type Policy = 'auto' | 'closed' | 'strict';

/** DevicePolicy= with the entries of DeviceAllow=: a node, or a group such as `char-rtc`, and what may be done with it. */
export interface DevicesValue {
  policy: Policy;
  allow: { node: string; letters: string }[];
  /** PrivateDevices= is on: what no mount shows in its /dev is not there, so the policy is not asked. */
  isPrivate?: boolean;
}

/**
 * Other people's programs may use any device that is no disk: who writes to a disk below its file system has everything on it.
 * Where one was used no list says which of them others need.
 */
function withoutDisks(plans: Plans): Inferred<DevicesValue> {
  const disk = plans.behaviours.find(
    (behaviour) =>
      behaviour.kind === 'path' && behaviour.facts.kind.includes('block') && behaviour.act !== 'stat',
  );
  const { grants, unknown } = devicesOf(plans);
  const left = grants.filter(({ review }) => review !== undefined);
  if (unknown.length > 0) return leftOut(unknown[0] ?? '', left);
  if (disk !== undefined || left.some(({ value }) => isDiskName(value)))
    return {
      value: { policy: 'auto', allow: [] },
      reason: 'Left out: disks were opened, and no list says which of them others need.',
      grants: [],
      left,
      isAdvice: true,
    };
  return {
    value: { policy: 'closed', allow: [{ node: 'char-*', letters: 'rw' }] },
    reason: 'No disk was opened. Other devices are left to those whose programs it runs.',
    grants: [],
    left,
  };
}

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html#DevicePolicy=auto|closed|strict
 *
 * PrivateDevices= closes it too, so it is set only where that one can't be. A node that is not there when the unit starts is
 * passed over, and ProtectClock= adds `char-rtc r`.
 */
export const devicePolicy = directive<DevicesValue>({
  name: 'DevicePolicy',
  since: 208,
  about: {
    denies: 'Devices, but those and the ones of DeviceAllow=',
    when: 'Only where PrivateDevices= can not be set, and each device that was opened is known; at relaxed against disks alone',
    rules: 'network.md#devices',
  },
  companions: ['DeviceAllow'],
  observes: [],
  values: ['auto', 'closed', 'strict'],
  infer(profile, context, plans) {
    if (context.level === 'relaxed') return withoutDisks(plans);
    if (privateDevices.settle(profile, context, plans) !== undefined)
      return 'PrivateDevices= closes the same';
    const { grants, unknown } = devicesOf(plans);
    const [first] = unknown;
    if (first !== undefined) return leftOut(first);
    const allow = grants.map(({ value }) => {
      const [node = '', letters = ''] = value.split(' ');
      return { node, letters };
    });
    const isMade = allow.some(({ letters }) => letters.includes('m'));
    return {
      value: { policy: 'closed', allow },
      reason: 'No other device was opened than null, zero, random, tty … and those that DeviceAllow= names.',
      grants,
      warnings: isMade
        ? [
            'The daemon makes device nodes: DeviceAllow= passes over one that is not there when the unit starts.',
          ]
        : [],
    };
  },
  read(unit) {
    const policy = lastOf(unit('DevicePolicy'), policyOf) ?? 'auto';
    const allow = entriesOf(unit('DeviceAllow'));
    if (policy === 'auto' && allow.length === 0) return undefined;
    return { policy, allow, isPrivate: lastBoolean(unit, 'PrivateDevices') === true };
  },
  denies({ policy, allow, isPrivate }, behaviour, view) {
    if (policy === 'auto' && allow.length === 0) return undefined;
    const found = deviceUse(behaviour);
    if (found === undefined || found === 'unknown') return undefined;
    const { letter, use, isPseudo } = found;
    if (isPseudo && policy !== 'strict') return undefined;
    const isShown = !isBelow(use.path, '/dev') || view.mountOf(use.path) === use.path;
    if (isPrivate === true && !isShown) return undefined;
    const isAllowed = allow.some(
      ({ node, letters }) =>
        letters.includes(letter) && (isGroup(node) || node === use.path || use.facts.real.includes(node)),
    );
    return isAllowed ? undefined : 'EPERM';
  },
  remedy(_value, behaviour) {
    const found = deviceUse(behaviour);
    const isKnown = found !== undefined && found !== 'unknown';
    const words = isKnown ? [found.use.path, found.letter] : [];
    return { how: 'add', assignment: { key: 'DeviceAllow', words, style: 'plain' } };
  },
  ignores: (words) => (words.length === 1 && policyOf(words[0] ?? '') !== undefined ? [] : [...words]),
  against(_profile, _context, plans) {
    const [first] = devicesOf(plans).unknown;
    return first === undefined ? undefined : `nobody knows which device ${JSON.stringify(first)} is`;
  },
  // What the unit allows stays: these lists only grow.
  besides: (value, unit) => (value.policy === 'auto' || unit.policy !== 'auto' ? undefined : value),
  assignments({ policy, allow }) {
    if (policy === 'auto') return [];
    const line = (key: string, words: string[]) => ({ key, words, style: 'plain' as const });
    const entries = allow.map(({ node, letters }) => line('DeviceAllow', [node, letters]));
    return [line('DevicePolicy', [policy]), ...entries];
  },
});

/** A path that DeviceAllow= takes without quotes, in one line. */
const plainNode = /^\/dev\/[A-Za-z0-9_.:/-]{1,60}$/;

/** The nodes that were opened or made, as `/dev/net/tun rw`; and what can't be said so. */
function devicesOf(plans: Plans): { grants: Grant[]; unknown: string[] } {
  const uses = new Map<string, { letters: Set<string>; grant: Grant }>();
  const unknown: string[] = [];
  const makesDevices = plans.behaviours.some(
    (behaviour) => behaviour.kind === 'privileged' && behaviour.what.endsWith(' device'),
  );
  for (const behaviour of plans.behaviours) {
    const found = deviceUse(behaviour);
    if (found === undefined || behaviour.kind !== 'path') continue;
    const { path } = behaviour;
    if (found === 'unknown') {
      // mknod(2) makes pipes and sockets too.
      if (behaviour.act !== 'make-node' || makesDevices) unknown.push(path);
      continue;
    }
    if (found.isPseudo) continue;
    if (!plainNode.test(path)) {
      unknown.push(path);
      continue;
    }
    const known = uses.get(path) ?? {
      letters: new Set<string>(),
      grant: { value: path, witnesses: [], reason: 'used', review: reviewOfDevice(path) },
    };
    known.letters.add(found.letter);
    known.grant.witnesses.push(witness(path, behaviour.evidence));
    uses.set(path, known);
  }
  const grants = [...uses.values()].map(({ letters, grant }) => {
    const word = ['r', 'w', 'm'].filter((letter) => letters.has(letter)).join('');
    return { ...grant, value: `${grant.value} ${word}` };
  });
  return { grants: grants.sort((a, b) => (a.value < b.value ? -1 : 1)), unknown };
}

/** Devices behind which the whole machine lies: its memory, its disks, its buses. */
export function reviewOfDevice(path: string): string | undefined {
  const isRaw = /^\/dev\/(?:mem|port|kmem|cpu\/.*)$/.test(path) || isDiskName(path);
  return isRaw ? 'a device that holds what all others on this machine own' : undefined;
}

function isDiskName(path: string): boolean {
  return /^\/dev\/(?:(?:sd|hd|vd|xvd|nvme|mmcblk|dm-|md|loop)[^/]*|mapper\/.*|disk\/.*)$/.test(path);
}

function leftOut(path: string, left: Grant[] = []): Inferred<DevicesValue> {
  const why = `nobody knows which device ${JSON.stringify(path)} is`;
  return {
    value: { policy: 'auto', allow: [] },
    reason: `Left out: ${why}.`,
    grants: [],
    left,
    warnings: [`DevicePolicy= is left out: ${why}, and any other could be refused.`],
    isAdvice: true,
  };
}

function policyOf(word: string): Policy | undefined {
  return (['auto', 'closed', 'strict'] as const).find((policy) => policy === word);
}

/** Of a group we don't know the members, so it counts for any device. */
function isGroup(node: string): boolean {
  return node.startsWith('char-') || node.startsWith('block-');
}

/** One entry an assignment; without letters everything may be done. An empty assignment forgets those before. */
function entriesOf(assigned: readonly Assigned[]): DevicesValue['allow'] {
  const entries: DevicesValue['allow'] = [];
  for (const { words } of assigned) {
    const [node, letters = 'rwm'] = words;
    if (node === undefined) entries.length = 0;
    else entries.push({ node, letters });
  }
  return entries;
}
