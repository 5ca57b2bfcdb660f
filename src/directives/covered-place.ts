import { type Act, namingActs } from '../profile/acts.ts';
import { labelHolds } from '../profile/capability-label.ts';
import type { PathFacts } from './path-facts.ts';

/** Who acts, as far as the mode of a directory is concerned. */
export interface Actor {
  /** Goes where the mode says no: CAP_DAC_OVERRIDE. */
  overrides: boolean;
  /** Owns what systemd puts in the place of something else. */
  isRoot: boolean;
}

/** Of all that did it, the one for whom modes count most: labels as in the profile's evidence; without any, root. */
export function actorOf(labels: readonly string[] | undefined): Actor {
  const who = labels ?? ['0'];
  return {
    overrides: who.every((label) => labelHolds(label, 'DAC_OVERRIDE')),
    isRoot: who.every((label) => /^[0?](?: |$)/.test(label)),
  };
}

/** Acts on an inode that a read-only mount refuses before it asks who one is. */
const onInode: ReadonlySet<Act> = new Set(['chmod', 'chown', 'xattr', 'utimes']);

/**
 * What an act on an inaccessible path itself comes to: a node of the same kind, mode 000, on a read-only mount, takes its place.
 * An open of a file or a list of a directory would work for root, but what it is for is not there: EACCES stands for that.
 * https://github.com/systemd/systemd/blob/v252/src/basic/inode-util.c (inaccessible nodes)
 */
export function atInaccessible(act: Act, { kind }: PathFacts, actor: Actor): string | undefined {
  if (act === 'stat' || act === 'link' || act === 'mount') return undefined;
  if (onInode.has(act)) return 'EROFS';
  if (!actor.overrides) return 'EACCES';
  if (act === 'enter' || act === 'chroot') return undefined;
  if (act === 'may-execute') return kind.includes('directory') ? undefined : 'EACCES';
  if (act === 'connect') return 'ECONNREFUSED';
  // A device node is on a mount that knows no devices.
  return act === 'write' && kind.includes('file') ? 'EROFS' : 'EACCES';
}

/** What becomes of an act below an inaccessible directory: a new name meets a read-only mount, but only right below it. */
export function belowInaccessible(act: Act, isRightBelow: boolean, actor: Actor): string {
  if (!actor.overrides) return 'EACCES';
  return namingActs.has(act) && isRightBelow ? 'EROFS' : 'ENOENT';
}

/**
 * What an act comes to on a directory that is there only to be empty: the root of a tmpfs, or what leads to a mount in it. Its
 * names and the changes to them are those of the tmpfs, which nobody will see who looks for the host's.
 */
export function atEmptied(
  act: Act,
  isReadOnly: boolean,
  isOpenToAll: boolean,
  actor: Actor,
): string | undefined {
  if (act === 'list' || act === 'watch') return 'ENOENT';
  if (!onInode.has(act)) return undefined;
  if (isReadOnly) return 'EROFS';
  if (actor.overrides || actor.isRoot) return undefined;
  // Whoever may write may set the times to now.
  if (act === 'utimes') return isOpenToAll ? undefined : 'EACCES';
  return 'EPERM';
}
