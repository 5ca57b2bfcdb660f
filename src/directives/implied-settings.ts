import { bindWordOf } from '../paths/bind-word.ts';
import type { Context } from './context.ts';
import type { Assigned, UnitValues } from './directive.ts';
import { impliesNoNewPrivileges } from './implied-no-new-privileges.ts';
import { ownRoots } from './own-directories.ts';
import { ownDirectoriesOf } from './own-directory.ts';
import { booleanOf, lastBoolean, lastOf } from './unit-values.ts';

/**
 * What a unit has because it has something else: each plugin's `read` sees it as if it were written where its cause is.
 * https://github.com/systemd/systemd/blob/v252/src/core/unit.c (unit_patch_contexts)
 */
export function withImplied(unit: UnitValues, context: Context): UnitValues {
  return (key) => [...unit(key), ...impliedFor(key, unit, context)];
}

/** What DynamicUser= sets, whatever the unit says itself. */
const ofDynamicUser: Readonly<Record<string, string>> = {
  ProtectSystem: 'strict',
  PrivateTmp: 'yes',
  RemoveIPC: 'yes',
  NoNewPrivileges: 'yes',
  RestrictSUIDSGID: 'yes',
};

const hidesHomes: ReadonlySet<string> = new Set(['read-only', 'tmpfs']);

function impliedFor(key: string, unit: UnitValues, context: Context): Assigned[] {
  // Under DynamicUser= they are writable, and in a place that is otherwise empty they are there: what either list would give.
  if (key === 'ReadWritePaths') return ownDirectories(unit, context);
  if (key === 'BindPaths')
    return ownDirectories(unit, context).map(({ words, place }) => ({
      words: words.map((path) => bindWordOf(path, false)),
      place,
    }));
  if (key === 'NotifyAccess') return listening(unit);
  if (key === 'DevicePolicy') return closedPolicy(unit);
  const word = Object.hasOwn(ofDynamicUser, key) ? ofDynamicUser[key] : undefined;
  if (word === undefined && key !== 'ProtectHome') return [];
  const cause = dynamicUser(unit);
  if (cause === undefined) {
    const implied = key === 'NoNewPrivileges' ? impliesNoNewPrivileges(unit, context) : undefined;
    return implied === undefined ? [] : [{ words: ['yes'], place: implied.place }];
  }
  if (word !== undefined) return [{ words: [word], place: cause.place }];
  const homes = unit('ProtectHome').findLast(({ words }) => words.length === 1)?.words[0] ?? 'no';
  const isHidden = hidesHomes.has(homes) || booleanOf(homes) === true;
  return isHidden ? [] : [{ words: ['read-only'], place: cause.place }];
}

/**
 * systemd listens to the main process where it waits for its word or keeps its files, though it is told to listen to nobody.
 * https://github.com/systemd/systemd/blob/v252/src/core/service.c (service_add_extras)
 */
function listening(unit: UnitValues): Assigned[] {
  const access = unit('NotifyAccess').findLast(({ words }) => words.length === 1)?.words[0] ?? 'none';
  if (access !== 'none') return [];
  const last = (key: string) => unit(key).findLast(({ words }) => words.length > 0);
  const cause = [
    [last('Type'), /^notify/],
    [last('WatchdogSec'), /[1-9]|infinity/],
    [last('FileDescriptorStoreMax'), /[1-9]/],
  ] as const;
  const found = cause.find(([assigned, pattern]) => pattern.test(assigned?.words.join(' ') ?? ''))?.[0];
  return found === undefined ? [] : [{ words: ['main'], place: found.place }];
}

/** The assignment that turns DynamicUser= on; undefined where it is off. */
function dynamicUser(unit: UnitValues): Assigned | undefined {
  const last = unit('DynamicUser').findLast(
    ({ words }) => words.length === 1 && booleanOf(words[0] ?? '') !== undefined,
  );
  return last !== undefined && booleanOf(last.words[0] ?? '') === true ? last : undefined;
}

function ownDirectories(unit: UnitValues, context: Context): Assigned[] {
  // Without it their own directives say what they mount.
  if (dynamicUser(unit) === undefined) return [];
  return ownDirectoriesOf(unit, context)
    .filter(({ isReadOnly }) => !isReadOnly)
    .map(({ path, directive, place }) => {
      // Under DynamicUser= the directory itself lies deeper, and what is named is a link to it.
      const root = ownRoots[directive];
      const deeper = `${root}/private${path.slice(root.length)}`;
      return { words: directive === 'ConfigurationDirectory' ? [path] : [path, deeper], place };
    });
}

/** PrivateDevices= closes the policy where the unit leaves it open: a node that a bind shows in its /dev can't be opened yet. */
function closedPolicy(unit: UnitValues): Assigned[] {
  if (lastBoolean(unit, 'PrivateDevices') !== true) return [];
  const said = lastOf(unit('DevicePolicy'), (word) => (policies.has(word) ? word : undefined)) ?? 'auto';
  const cause = unit('PrivateDevices').findLast(({ words }) => booleanOf(words[0] ?? '') === true);
  return said === 'auto' && cause !== undefined ? [{ words: ['closed'], place: cause.place }] : [];
}

const policies: ReadonlySet<string> = new Set(['auto', 'closed', 'strict']);
