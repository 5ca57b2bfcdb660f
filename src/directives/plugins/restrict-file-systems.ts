import type { Act } from '../../profile/acts.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Context } from '../context.ts';
import { type Assignment, directive } from '../directive.ts';
import { fileSystems, type MountedKind } from '../file-systems.ts';
import { withoutBpf } from '../no-bpf.ts';
import { notAtLevel } from '../on-off.ts';
import type { Plans } from '../plans.ts';
import { touchedPlaces } from '../touched-places.ts';
import { polarList } from '../unit-values.ts';

export interface KindsValue {
  mode: 'allow' | 'deny';
  /** Kinds of file systems, with those that the kernel can't tell from them. */
  kinds: string[];
  works: boolean;
}

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RestrictFileSystems=
 *
 * The kernel asks when a file is opened, for whatever, by the magic number of its file system. Which disk has which kind no trace
 * tells, and another machine has others: so the kernel's own are refused that hold secrets or powers, and no kind of a disk.
 */
export const restrictFileSystems = directive<KindsValue>({
  name: 'RestrictFileSystems',
  since: 250,
  about: {
    denies: 'Opening files of other kinds of file systems',
    when: 'Powerful ones of the kernel (debugfs, tracefs, bpf, efivarfs …) at whose places nothing was used or mounted',
    rules: 'process-directives.md',
  },
  observes: ['mount', 'fsopen'],
  infer(profile, context, plans) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const kinds = unusedKinds(profile, context, plans);
    if (kinds.length === 0) return 'each powerful file system of the kernel was used';
    const reason = 'Nothing of these file systems of the kernel was used.';
    return {
      value: { mode: 'deny', kinds, works: context.bpf !== false },
      reason: withoutBpf(reason, context),
      grants: [],
    };
  },
  read(unit, context) {
    const list = polarList(unit('RestrictFileSystems'), (word) => fileSystems().kindsOf(word));
    return list === undefined
      ? undefined
      : { mode: list.mode, kinds: [...list.names], works: context.bpf !== false };
  },
  denies(value, behaviour) {
    return value.works && placesOpened(behaviour).some((path) => refuses(value, path)) ? 'EPERM' : undefined;
  },
  remedy(value, behaviour) {
    const refused = placesOpened(behaviour).filter((path) => refuses(value, path));
    const words = refused.flatMap((path) => fileSystems().at(path)?.slice(0, 1) ?? ['@common-block']);
    return { how: value.mode === 'allow' ? 'add' : 'take out', assignment: write([...new Set(words)]) };
  },
  besides(value, unit) {
    const refused = (kind: string) => unit.kinds.includes(kind) === (unit.mode === 'deny');
    if (value.kinds.every(refused)) return undefined;
    if (unit.mode === 'deny')
      return { ...value, kinds: [...new Set([...unit.kinds, ...value.kinds])].sort() };
    return { ...value, mode: 'allow', kinds: unit.kinds.filter((kind) => !value.kinds.includes(kind)) };
  },
  ignores: (words) => words.filter((word) => !fileSystems().knows(word.replace(/^~/, ''))),
  assignments: ({ mode, kinds }) => [
    write([]),
    write(mode === 'allow' ? kinds : kinds.map((kind, at) => (at === 0 ? `~${kind}` : kind))),
  ],
});

function write(words: string[]): Assignment {
  return { key: 'RestrictFileSystems', words, style: 'plain' };
}

/** Acts for which a file or directory is opened. */
const opening: ReadonlySet<Act> = new Set(['read', 'write', 'create', 'list', 'execute', 'map']);

function placesOpened(behaviour: Behaviour): readonly string[] {
  return behaviour.kind === 'path' && opening.has(behaviour.act) ? behaviour.facts.real : [];
}

function refuses({ mode, kinds }: KindsValue, path: string): boolean {
  const there = fileSystems().at(path);
  if (mode === 'deny') return there?.every((kind) => kinds.includes(kind)) === true;
  // On a disk it may be any of those that are no file systems of the kernel.
  return there === undefined
    ? kinds.every((kind) => fileSystems().isOfKernel(kind))
    : !there.some((kind) => kinds.includes(kind));
}

/** Kinds that are worth closing, and of which nothing was used, looked for or mounted. */
function unusedKinds(profile: Profile, context: Context, { unit }: Plans): string[] {
  const touched = touchedPlaces(profile, unit, context.level === 'balanced');
  const isTouched = ({ path }: MountedKind) => touched.has(path);
  const mounts = new Set(
    profile.privileged.filter(({ call }) => /^(?:mount|fsopen)$/.test(call)).map(({ what }) => what),
  );
  const { places } = fileSystems();
  const closing = places.filter(({ closes }) => closes !== undefined).flatMap(({ kinds }) => kinds);
  const isUsed = (kind: string) => places.some((place) => place.kinds.includes(kind) && isTouched(place));
  return closing.filter((kind) => !isUsed(kind) && ![...mounts].some((what) => what.includes(kind))).sort();
}
