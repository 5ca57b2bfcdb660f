import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acts } from '../../src/profile/acts.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import { eachOnce, mergeProfiles } from '../../src/profile/merge.ts';
import { type Profile, profileSchema } from '../../src/profile/profile.ts';

/** Keys that are something else in an object, and such as sort as numbers. */
const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '7', '10', '/a', '/b'),
  fc.string({ maxLength: 4, unit: 'binary' }),
);
/** Paths of a profile are absolute, their names anything. */
const path = key
  .filter((name) => !name.split('/').some((part) => part === '.' || part === '..'))
  .map((name) => `/${name.replaceAll('/', '|')}`);
const family = fc.constantFrom('AF_UNIX', 'AF_INET', 'AF_NETLINK');
const small = fc.integer({ min: 0, max: 3 });
const place = fc.record({ source: fc.constantFrom('a', 'b', '__proto__'), line: small });
const call = fc.constantFrom('open', 'openat', '__proto__');
const evidence = fc.record(
  {
    call,
    first: place,
    count: small,
    as: fc.uniqueArray(fc.constantFrom('0', '33', '0 none')).map((list) => list.sort()),
  },
  { requiredKeys: ['call', 'first', 'count'] },
);
const failure = fc
  .tuple(evidence, fc.constantFrom('ENOENT', 'EEXIST'))
  .map(([each, errno]) => ({ ...each, errno }));

function table<T>(value: fc.Arbitrary<T>, keys: fc.Arbitrary<string> = key): fc.Arbitrary<Record<string, T>> {
  return fc.array(fc.tuple(keys, value), { maxLength: 5 }).map((entries) => Object.fromEntries(entries));
}

function byAct<T>(value: fc.Arbitrary<T>) {
  return fc
    .array(fc.tuple(fc.constantFrom(...acts), value), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

const list = fc.uniqueArray(key, { maxLength: 3 }).map((items) => items.sort());

/** A list as the makers of such facts give it. */
function eachOf<T>(fact: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(fact, { maxLength: 3 }).map(eachOnce);
}
const owner = fc.constantFrom('0:0:0755', '33:4:0640', 'nobody:0:?');
const preparation = fc.record({
  kind: fc.constantFrom('directory' as const, 'file' as const),
  owner,
  by: key,
});
const rotation = fc.record(
  { logs: key, by: key, create: owner, su: owner },
  { requiredKeys: ['logs', 'by'] },
);

const profile: fc.Arbitrary<Profile> = fc
  .record({
    sources: fc.array(
      fc.record(
        {
          name: key,
          how: fc.constantFrom('log' as const, 'traced' as const),
          program: key,
          architecture: fc.constant('x86-64'),
          uid: small,
          gid: small,
        },
        { requiredKeys: ['name', 'how', 'program', 'architecture'] },
      ),
      { maxLength: 2 },
    ),
    syscalls: table(fc.record({ count: small, first: place })),
    abis: table(evidence),
    paths: table(byAct(evidence), path),
    tried: table(byAct(failure), path),
    moves: fc.array(
      fc.record({ how: fc.constantFrom('rename' as const, 'link' as const), from: key, to: key, evidence }),
      { maxLength: 3 },
    ),
    links: fc.array(fc.record({ path: key, target: key, evidence }), { maxLength: 3 }),
    families: table(evidence, family),
    endpoints: fc.array(
      fc.record({
        act: fc.constantFrom('bind' as const, 'connect' as const),
        family: fc.constantFrom('AF_INET', 'AF_UNIX'),
        address: key,
        port: small,
        evidence,
      }),
      { maxLength: 3 },
    ),
    credentials: fc.array(fc.record({ call, from: key, to: key, evidence }), { maxLength: 3 }),
    privileged: fc.array(fc.record({ call, what: key, evidence }), { maxLength: 3 }),
    unresolved: table(evidence),
    shipped: table(list, path),
    closed: table(list, path),
    prepared: table(eachOf(preparation), path),
    rotated: table(eachOf(rotation), path),
    limits: list,
    files: table(fc.record({ real: list, kind: list, owner: list, needs: list, format: list }), path),
  })
  // One log never has a fact twice: merging with nothing brings it into the form that profiles have.
  .map((facts) => mergeProfiles([{ ...emptyProfile(), ...facts }]));

function written(value: Profile): string {
  return JSON.stringify(value);
}

/** The facts alone: what two readings of one log have in common. */
function facts(value: Profile): string {
  return JSON.stringify({ ...value, log: undefined }, (name, inner) =>
    name === 'count' ? undefined : inner,
  );
}

test('merging is associative', () => {
  fc.assert(
    fc.property(profile, profile, profile, (a, b, c) => {
      expect(written(mergeProfiles([mergeProfiles([a, b]), c]))).toBe(
        written(mergeProfiles([a, mergeProfiles([b, c])])),
      );
    }),
  );
});

test('merging is commutative, also where two logs have one name', () => {
  fc.assert(
    fc.property(profile, profile, (a, b) => {
      expect(written(mergeProfiles([a, b]))).toBe(written(mergeProfiles([b, a])));
    }),
  );
});

test('merging a profile with itself changes nothing but counts', () => {
  fc.assert(
    fc.property(profile, (a) => {
      expect(facts(mergeProfiles([a, a]))).toBe(facts(a));
    }),
  );
});

test('nothing is the neutral element', () => {
  fc.assert(
    fc.property(profile, (a) => {
      expect(written(mergeProfiles([a, emptyProfile()]))).toBe(written(a));
    }),
  );
});

test('a profile that was written and read again lacks nothing, whatever its keys are', () => {
  fc.assert(
    fc.property(profile, (a) => {
      expect(written(profileSchema.parse(JSON.parse(written(a))))).toBe(written(a));
    }),
  );
});

test('what is no profile is refused, and the message names the place', () => {
  const wrong = { ...emptyProfile(), unresolved: { __proto__x: 1, there: { call: 'open' } } };
  const { error } = profileSchema.safeParse(wrong);
  expect(error?.issues.map(({ path }) => path.join('.'))).toContain('unresolved.there.first');
  expect(profileSchema.safeParse({ ...emptyProfile(), paths: [] }).success).toBe(false);
});

test('a profile of before there were credentials, or facts of packages, can still be read', () => {
  const {
    links: _,
    credentials: __,
    privileged: ___,
    prepared: ____,
    rotated: _____,
    ...older
  } = emptyProfile();
  expect(profileSchema.parse(older)).toEqual(emptyProfile());
});
