import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import { denialsOf, type Settings } from '../../src/directives/settings.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { type Profile, profileSchema } from '../../src/profile/profile.ts';
import {
  readingOf,
  readPaths,
  type SampleLog,
  sampleLog,
  sampleLogs,
  settingsOf,
  withAndWithoutFacts,
} from './sample-logs.ts';
import { silentOnes } from './warned-of.ts';

/** Profiles of many days or hosts fold into one, in any order. */

const anyLog = fc.constantFrom(...sampleLogs);
/** As one host read a log, or another that had its files beside it. */
const anyProfile = fc.tuple(anyLog, fc.constantFrom(0, 1)).map(([log, which]) => ({ log, which }));

async function profileOf({ log, which }: { log: SampleLog; which: number }): Promise<Profile> {
  const profile = (await withAndWithoutFacts(log))[which];
  if (profile === undefined) throw new Error('There are two profiles of each log.');
  return profile;
}

test('merging is associative and commutative, to the last witness', async () => {
  await fc.assert(
    fc.asyncProperty(anyProfile, anyProfile, anyProfile, async (...chosen) => {
      const [a, b, c] = (await Promise.all(chosen.map(profileOf))) as [Profile, Profile, Profile];
      const folded = mergeProfiles([a, b, c]);
      expect(mergeProfiles([a, mergeProfiles([b, c])])).toEqual(folded);
      expect(mergeProfiles([b, c, a])).toEqual(folded);
      expect(JSON.stringify(mergeProfiles([c, b, a]))).toBe(JSON.stringify(folded));
    }),
    { numRuns: 20 },
  );
});

test.each(sampleLogs.map((log) => [log.name, log] as const))(
  '%s: merged with itself it grants the same',
  async (_name, log) => {
    for (const profile of await withAndWithoutFacts(log)) {
      const twice = mergeProfiles([profile, profile]);
      expect(withoutEvidence(twice)).toEqual(withoutEvidence(mergeProfiles([profile])));
      for (const level of levels) {
        expect(granted(settingsOf(twice, level, 252))).toEqual(granted(settingsOf(profile, level, 252)));
      }
    }
  },
);

test.each([
  ['nginx', 'nginx-reload'],
  ['nginx-workers', 'nginx-cut'],
  ['redis-server', 'redis-attached'],
  ['sshd', 'thirty-two-bits-marked'],
])('reading %s with %s is reading each, saving it, and merging', async (...names) => {
  const logs = names.map(sampleLog);
  const together = await readPaths(logs.map(({ path }) => path));
  const saved = (await Promise.all(logs.map(readingOf))).map(({ profile }) =>
    profileSchema.parse(JSON.parse(JSON.stringify(profile))),
  );
  expect(together.profile).toEqual(mergeProfiles(saved));
  expect(mergeProfiles(saved.toReversed())).toEqual(together.profile);
});

test('what each log needs passes under the settings of all', async () => {
  const some = fc.uniqueArray(anyLog, { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(some, fc.constantFrom(0, 1), fc.constantFrom(...levels), async (logs, which, level) => {
      const profiles = await Promise.all(logs.map((log) => profileOf({ log, which })));
      const { settings, warnings } = settingsOf(mergeProfiles(profiles), level, 252);
      for (const profile of profiles) {
        expect(silentOnes(denialsOf(settings, profile), warnings)).toEqual([]);
      }
    }),
    { numRuns: 25 },
  );
});

test('a profile that was put together of hosts with and without files passes under its own settings', async () => {
  await fc.assert(
    fc.asyncProperty(anyProfile, anyProfile, fc.constantFrom(...levels), async (a, b, level) => {
      const profile = mergeProfiles(await Promise.all([a, b].map(profileOf)));
      const { settings, warnings } = settingsOf(profile, level, 252);
      expect(silentOnes(denialsOf(settings, profile), warnings)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

/** Counts and places are evidence: the facts without them. */
function withoutEvidence(profile: Profile): unknown {
  const text = JSON.stringify(profile, (key, value) =>
    ['count', 'first', 'log'].includes(key) ? undefined : value,
  );
  return JSON.parse(text);
}

function granted({ settings, warnings }: Settings): unknown {
  return { values: settings.map(({ directive, assignments }) => ({ directive, assignments })), warnings };
}
