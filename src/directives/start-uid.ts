import type { Profile } from '../profile/profile.ts';

/** The user id as which the traced programs were started; undefined where a log doesn't tell, or where they differ. */
export function startUid({ sources }: Profile): number | undefined {
  const [first] = sources;
  return sources.every(({ uid }) => uid === first?.uid) ? first?.uid : undefined;
}
