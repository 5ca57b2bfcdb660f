/** A unit's name, taken apart: `foo-bar@one.service`. */
export interface UnitName {
  /** `foo-bar` */
  prefix: string;
  /** `one`; empty for a template; undefined where there is no `@` */
  instance: string | undefined;
  /** `service` */
  type: string;
}

/** UNIT_NAME_MAX: src/basic/unit-name.h of systemd. */
const longest = 255;

/** Takes a name apart; undefined where it cannot be a unit's: unit_name_is_valid() in src/basic/unit-name.c. */
export function readUnitName(name: string): UnitName | undefined {
  if (name.length > longest) return undefined;
  const dot = name.lastIndexOf('.');
  const type = name.slice(dot + 1);
  if (
    dot <= 0 ||
    !/^(?:service|socket|target|device|mount|automount|swap|timer|path|slice|scope)$/.test(type)
  )
    return undefined;
  const bare = name.slice(0, dot);
  if (!/^[\w:.\\-][\w:.\\@-]*$/.test(bare)) return undefined;
  const at = bare.indexOf('@');
  return at < 0
    ? { prefix: bare, instance: undefined, type }
    : { prefix: bare.slice(0, at), instance: bare.slice(at + 1), type };
}

export function writeUnitName({ prefix, instance, type }: UnitName): string {
  return `${prefix}${instance === undefined ? '' : `@${instance}`}.${type}`;
}

export type UnitNameKind = 'plain' | 'template' | 'instance';

export function kindOfName({ instance }: UnitName): UnitNameKind {
  if (instance === undefined) return 'plain';
  return instance === '' ? 'template' : 'instance';
}

/**
 * The names under which drop-ins for a unit are looked for, the nearest first: its own, its template's, and those with the end cut
 * off at each dash (`foo-.service` for `foo-bar.service`; a template's loses its `@` with that): unit_file_find_dirs() in
 * src/shared/dropin.c.
 */
export function dropInNames(name: UnitName, found = new Set<string>()): Set<string> {
  const own = writeUnitName(name);
  if (found.has(own)) return found;
  found.add(own);
  const kind = kindOfName(name);
  if (kind === 'instance') dropInNames({ ...name, instance: '' }, found);
  const { prefix } = name;
  const dash = prefix.replace(/-$/, '').lastIndexOf('-');
  if (dash > 0) {
    const instance = kind === 'template' ? undefined : name.instance;
    dropInNames({ ...name, prefix: prefix.slice(0, dash + 1), instance }, found);
  }
  return found;
}
