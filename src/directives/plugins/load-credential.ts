import { isBelow, nameOf } from '../../paths/covering-tree.ts';
import type { Profile } from '../../profile/profile.ts';
import { advice } from '../advice.ts';
import { changeOfUser } from '../change-of-user.ts';
import { isClosed } from '../closed-files.ts';
import type { Grant } from '../grant.ts';
import { notAtLevel } from '../on-off.ts';
import { witness } from '../path-needs.ts';

/** Where private keys lie, and how they are called. */
const keyPlaces = ['/etc/ssl/private', '/etc/pki/tls/private', '/etc/letsencrypt'];
const keyName = /\.(?:jks|key|keytab|p12|pem|pfx)$/;

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#LoadCredential=
 *
 * A key that root reads before it becomes somebody else is the one thing for which it has to start as root: systemd can read it in
 * its stead, and shows it to the daemon's user alone. The daemon must be told the new place, so a person must do it.
 */
export const loadCredential = advice({
  name: 'LoadCredential',
  since: 247,
  about: {
    denies: 'Reading keys as root: systemd does it',
    when: 'Advice only: root read private keys before it became another user',
    rules: 'process-directives.md#advice',
  },
  advise(profile, context) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const change = changeOfUser(profile);
    if (change === undefined)
      return 'it does not become one other user for good before it starts anything else';
    const grants = keysReadByRoot(profile);
    if (grants.length === 0) return 'root read no private key for it';
    return {
      value: grants.map(({ value }) => ({ key: 'LoadCredential', words: [value], style: 'plain' as const })),
      reason: `User ${change.uid} may not read these keys, and root reads them for it: systemd can do that, and show them in $CREDENTIALS_DIRECTORY, of which the daemon has to be told.`,
      grants,
    };
  },
});

function keysReadByRoot(profile: Profile): Grant[] {
  const taken = new Set<string>();
  return Object.entries(profile.paths).flatMap(([path, { read }]) => {
    if (read?.as?.includes('0') !== true || !isKey(path) || !isClosed(profile, path)) return [];
    // The whole rest of the line is the path, and no quotes are known there: only plain names can be written.
    const name = nameOf(path);
    if (!/^\/[A-Za-z0-9_./-]+$/.test(path) || taken.has(name)) return [];
    taken.add(name);
    return [
      {
        value: `${name}:${path}`,
        witnesses: [witness(path, read)],
        reason: 'read by root',
        review: undefined,
      },
    ];
  });
}

function isKey(path: string): boolean {
  return keyName.test(path) || keyPlaces.some((place) => isBelow(path, place));
}
