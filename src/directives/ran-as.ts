import type { Profile } from '../profile/profile.ts';

/** The users other than root as whom the daemon ran, by number: as whom it was started, and whom it became. */
export function usersOf(profile: Profile): Set<number> {
  const users = new Set<number>();
  const add = (id: string | number | undefined) => {
    const number = Number(id);
    if (Number.isSafeInteger(number) && number > 0) users.add(number);
  };
  for (const { uid } of profile.sources) add(uid);
  for (const { call, to } of profile.credentials)
    if (call.includes('uid')) for (const id of to.split(':')) add(id);
  for (const acts of Object.values(profile.paths))
    for (const { as } of Object.values(acts)) for (const label of as ?? []) add(label.split(' ')[0]);
  return users;
}

/** The groups other than root's that the daemon was in or kept in reserve, by number: from its start, or taken on. */
export function groupsOf(profile: Profile): Set<number> {
  const started = profile.sources.map(({ gid }) => gid ?? 0);
  const taken = profile.credentials
    .filter(({ call }) => call.includes('gid') || call.includes('groups'))
    .flatMap(({ to }) => to.split(/[:,]/).map(Number));
  return new Set([...started, ...taken].filter((id) => Number.isSafeInteger(id) && id > 0));
}
