import { describe, expect, test } from 'vitest';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import { profileSchema } from '../../src/profile/profile.ts';

const evidence = { call: 'openat', first: { source: 'log', line: 1 }, count: 1 };

describe('a profile from a stranger is refused where it holds what no log gives', () => {
  test.each(['relative', '', '/a/../etc', '/a//b', '/a/', '/./a'])('path %j', (path) => {
    const profile = { ...emptyProfile(), paths: { [path]: { write: evidence } } };
    expect(profileSchema.safeParse(profile).success).toBe(false);
  });

  test.each(['AF_INET AF_PACKET', '~AF_INET', 'none', 'AF_INET\nUser=root'])('family %j', (family) => {
    expect(profileSchema.safeParse({ ...emptyProfile(), families: { [family]: evidence } }).success).toBe(
      false,
    );
  });

  test('and taken where it holds what a log gives', () => {
    const paths = Object.fromEntries(
      ['/', '/a/..b', '/proc/[traced]/stat', '/\udcff'].map((path) => [path, {}]),
    );
    const profile = { ...emptyProfile(), paths, families: { AF_INET6: evidence } };
    expect(profileSchema.safeParse(profile).success).toBe(true);
  });
});
