import type { Context } from '../../directives/context.ts';
import type { Assigned, Assignment, Setting } from '../../directives/directive.ts';
import type { Grant } from '../../directives/grant.ts';
import { readSettings } from '../../directives/settings.ts';
import type { Place } from '../../trace/event.ts';
import type { UnitSettings } from '../unit-settings.ts';

/** Directives whose words each let something through. */
const lists: ReadonlySet<string> = new Set([
  'AmbientCapabilities',
  'BindPaths',
  'BindReadOnlyPaths',
  'CacheDirectory',
  'CapabilityBoundingSet',
  'ConfigurationDirectory',
  'DeviceAllow',
  'ExecPaths',
  'LogsDirectory',
  'ReadWritePaths',
  'RestrictAddressFamilies',
  'RestrictNamespaces',
  'RuntimeDirectory',
  'SocketBindAllow',
  'StateDirectory',
  'SystemCallArchitectures',
  'SystemCallFilter',
]);

/**
 * What a unit and a drop-in set, as they stand in files: a setting has the evidence that comments give, and what a directive leaves
 * alone is one where comments say so.
 */
export function settingsAsRead(
  unit: UnitSettings,
  context: Context,
  comments: ReadonlyMap<string, string>,
): Setting[] {
  const read = readSettings(unit.values, context).map(({ setting }) => asRead(setting, unit, comments));
  return [...read, ...leftOnly(comments, read)];
}

/**
 * A setting as it stands in files has no evidence but what comments say. Each word of its value is a grant: as systemd merges what
 * several lines say, so that what was emptied or taken out is none; and a list that only takes away grants nothing.
 */
function asRead(setting: Setting, unit: UnitSettings, comments: ReadonlyMap<string, string>): Setting {
  const { directive } = setting;
  const assignments = directive === 'SystemCallFilter' ? linesOf(unit, directive) : setting.assignments;
  const words = assignments
    .filter(({ key, words: [first = ''] }) => key === directive && !first.startsWith('~'))
    .flatMap((assignment) => assignment.words);
  return {
    ...setting,
    assignments,
    reason: comments.get(directive) ?? saidWhere(unit.values(directive).at(-1)?.place),
    grants: (lists.has(directive) ? [...new Set(words)] : []).map((value) =>
      plainGrant(
        value,
        comments.get(`${directive} ${value.replace(/^[-+]+/, '')}`) ??
          comments.get(directive) ??
          saidWhere(placeOf(unit, directive, value)),
      ),
    ),
    left: leftBy(directive, comments),
  };
}

/** A filter that was read has calls and no words, and a call is let through by a word: it is in the lines. */
function linesOf(unit: UnitSettings, directive: string): Assignment[] {
  return inEffect(unit, directive).map(({ words }) => ({
    key: directive,
    words: [...words],
    style: 'plain',
  }));
}

function plainGrant(value: string, reason: string): Grant {
  return { value, witnesses: [], reason, review: undefined };
}

/** What a directive could have taken away, and leaves alone, as comments say. */
function leftBy(directive: string, comments: ReadonlyMap<string, string>): Grant[] {
  const start = `${directive} left alone `;
  return [...comments].flatMap(([key, reason]) =>
    key.startsWith(start) ? [plainGrant(key.slice(start.length), reason)] : [],
  );
}

/** Directives that have nothing but such a comment. */
function leftOnly(comments: ReadonlyMap<string, string>, read: readonly Setting[]): Setting[] {
  const known = new Set(read.map(({ directive }) => directive));
  const names = [...comments.keys()]
    .filter((key) => key.includes(' left alone '))
    .map((key) => key.split(' ')[0]);
  return [...new Set(names)].flatMap((directive = '') =>
    known.has(directive)
      ? []
      : [
          {
            directive,
            reason: comments.get(directive) ?? '',
            grants: [],
            left: leftBy(directive, comments),
            warnings: [],
            assignments: [],
            inForce: true,
            mounts: [],
            ownsMounts: false,
            denies: () => undefined,
            keeps: () => true,
            remedy: () => ({ how: 'add', assignment: { key: directive, words: [], style: 'plain' } }),
          },
        ],
  );
}

function saidWhere(place: Place | undefined): string {
  return place === undefined ? '' : `${place.source}:${place.line} says so`;
}

/** The line that says a word, or anything, of those that count. */
export function placeOf(unit: UnitSettings, directive: string, value: string | undefined): Place | undefined {
  const assigned = inEffect(unit, directive);
  const naming = value === undefined ? undefined : assigned.findLast(({ words }) => words.includes(value));
  return (naming ?? assigned.findLast(({ words }) => words.length > 0))?.place;
}

/** The lines that count: those behind the last one that empties the list. */
function inEffect(unit: UnitSettings, directive: string): readonly Assigned[] {
  const all = unit.values(directive);
  return all.slice(all.findLastIndex(({ words }) => words.length === 0) + 1);
}
