import {
  allCapabilities,
  type Capabilities,
  capability,
  capabilityText,
  noCapabilities,
} from './capabilities.ts';

/**
 * What the labels of evidence say of capabilities: `0` (all), `33` (none), `0 none`, `33 NET_BIND_SERVICE`, `0 all but SYS_BOOT`.
 * In a user namespace of its own (`1000 userns`) nobody holds one that counts outside; of `?` nothing is known, so it may be root.
 * They are written in credentials.ts.
 */

/** Whether who acted held a capability, by its name without `CAP_`. */
export function labelHolds(label: string, name: string): boolean {
  return (heldBy(label) & capability(name)) !== noCapabilities;
}

/** The label of the same process, had some capabilities been taken from it. */
export function labelWithout(label: string, taken: Capabilities): string {
  const held = heldBy(label);
  const left = held & ~taken;
  if (left === held) return label;
  const [uid = ''] = label.split(' ');
  return left === noCapabilities && uid !== '0' ? uid : `${uid} ${capabilityText(left)}`;
}

/** Of all evidence few labels differ, and each rule asks again. */
const known = new Map<string, Capabilities>();

function heldBy(label: string): Capabilities {
  const held = known.get(label) ?? readLabel(label);
  // A log may hold as many users as it likes.
  if (known.size < 1000) known.set(label, held);
  return held;
}

function readLabel(label: string): Capabilities {
  const [uid = '', ...words] = label.split(' ');
  const text = words.join(' ');
  if (text === '') return uid === '0' || uid === '?' ? allCapabilities : noCapabilities;
  if (text === 'all') return allCapabilities;
  const named = (list: string) =>
    list.split(',').reduce((set, name) => set | capability(name), noCapabilities);
  return text.startsWith('all but ') ? allCapabilities & ~named(text.slice('all but '.length)) : named(text);
}
