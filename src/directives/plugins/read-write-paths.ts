import { covers } from '../../paths/covering-tree.ts';
import { usualTargets } from '../../paths/usual-links.ts';
import type { Context } from '../context.ts';
import type { Grant } from '../grant.ts';
import { pathList } from '../path-list.ts';
import { withoutDash } from '../path-needs.ts';
import type { Plans } from '../plans.ts';
import { systemPlaces } from './protect-system.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ReadWritePaths= */
export const readWritePaths = pathList({
  name: 'ReadWritePaths',
  since: 231,
  about: {
    denies: 'Nothing: it grants writing',
    when: 'Where the daemon writes, by rules of their own',
    rules: 'writable-paths.md',
  },
  infer(_profile, context, plans) {
    const { warnings: missing } = plans.writable;
    const { readWrite } = plans.layout;
    const isRelaxed = context.level === 'relaxed';
    const grants = isRelaxed
      ? readWrite.filter((grant) => isSystem(withoutDash(grant.value), context))
      : readWrite;
    const warnings = [...missing, ...(isRelaxed ? grants.flatMap((grant) => vain(grant, context)) : [])];
    // What ProtectSystem=full leaves writable needs no grant; what is dangerous of it has to be looked at all the same.
    const left = readWrite.filter((grant) => !grants.includes(grant) && grant.review !== undefined);
    if (grants.length + left.length + warnings.length === 0) return whyNone(isRelaxed, plans);
    return {
      value: grants.map((grant) => grant.value),
      reason: 'The daemon writes here; each is a directory where names come and go in it.',
      grants,
      left,
      warnings,
    };
  },
  rules: (words) =>
    words.map((word) => ({ path: withoutDash(word), flag: 'read-write', by: 'ReadWritePaths' })),
});

function whyNone(isRelaxed: boolean, { layout }: Plans): string {
  if (isRelaxed)
    return 'nothing below /usr, /boot or /etc was written, and ProtectSystem=full leaves the rest writable';
  const isGiven = layout.bound.length + layout.own.length > 0;
  return isGiven
    ? 'what it writes it is given by BindPaths=, or by directories of its own (RuntimeDirectory= and their kin)'
    : 'it writes nothing that would be read-only';
}

/** The very directories that ProtectSystem=yes makes read-only stay so: at one path read-only is stronger, also by way of a link. */
function vain({ value, witnesses }: Grant, context: Context): string[] {
  const kept = systemPlaces(context).flatMap((place) => [place, ...usualTargets(place)]);
  if (!kept.includes(withoutDash(value))) return [];
  return witnesses.map(
    ({ subject }) =>
      `Writing to ${JSON.stringify(subject)} is not granted: ProtectSystem= keeps ${value} read-only.`,
  );
}

/** What ProtectSystem=full makes read-only. */
function isSystem(path: string, context: Context): boolean {
  return [...systemPlaces(context), '/etc'].some((place) => covers(place, path));
}
