import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ancestorsOf,
  commonAncestor,
  coveringTree,
  isBelow,
  nameOf,
  parentOf,
} from '../../src/paths/covering-tree.ts';

const path = fc
  .array(fc.constantFrom('a', 'ab', 'a-b', 'b', 'é'), { maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`);

/** The same questions asked of components. */
const parts = (text: string): string[] => text.split('/').filter((part) => part !== '');
const holds = (directory: string, inner: string): boolean =>
  parts(inner).length > parts(directory).length &&
  parts(directory).every((part, i) => parts(inner)[i] === part);

test('isBelow, parentOf and commonAncestor go by components', () => {
  fc.assert(
    fc.property(path, path, (a, b) => {
      expect(isBelow(a, b)).toBe(holds(b, a));
      expect(parentOf(a)).toBe(`/${parts(a).slice(0, -1).join('/')}`);
      const shared = parts(a).findIndex((part, i) => part !== parts(b)[i]);
      expect(commonAncestor(a, b)).toBe(
        `/${parts(a)
          .slice(0, shared < 0 ? undefined : shared)
          .join('/')}`,
      );
      for (const ancestor of ancestorsOf(a)) expect(isBelow(a, ancestor)).toBe(true);
    }),
    { numRuns: 1000 },
  );
  expect([parentOf('/'), nameOf('/'), nameOf('/a/b'), isBelow('/', '/'), isBelow('/ab', '/a')]).toEqual([
    '/',
    '',
    'b',
    false,
    false,
  ]);
});

test('a covering tree covers every path, holds nothing below another, and is part of what was given', () => {
  fc.assert(
    fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
      const tree = coveringTree(paths);
      for (const each of paths) expect(tree.some((top) => top === each || isBelow(each, top))).toBe(true);
      for (const a of tree) for (const b of tree) expect(isBelow(a, b)).toBe(false);
      expect(tree.every((top) => paths.includes(top))).toBe(true);
      expect(coveringTree(tree)).toEqual(tree);
    }),
  );
  expect(coveringTree(['/a/b', '/a-b', '/a', '/a'])).toEqual(['/a', '/a-b']);
  expect(coveringTree(['/x/y', '/'])).toEqual(['/']);
});
