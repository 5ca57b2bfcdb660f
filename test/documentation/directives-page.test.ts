import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directives } from '../../src/directives/registry.ts';
import { directivesOf, directivesPage, score } from './directives-page.ts';

const docs = new URL('../../docs/', import.meta.url);

test('the page of directives is what the registry gives (`npm run docs` writes it)', async () => {
  await expect(directivesPage()).toMatchFileSnapshot(new URL('directives.md', docs).pathname);
});

test('what a row says is short, and the rules it names are there', () => {
  for (const { name, about } of directives) {
    expect(about.denies.length, name).toBeLessThanOrEqual(80);
    expect(about.when.length, name).toBeLessThanOrEqual(130);
    if (about.rules === undefined) continue;
    const [page = '', anchor] = about.rules.split('#');
    expect(existsSync(new URL(page, docs)), `${name}: ${about.rules}`).toBe(true);
    const headings = [...readFileSync(new URL(page, docs), 'utf8').matchAll(/^#+ (.*)$/gm)].map(
      ([, heading]) =>
        heading
          ?.toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
    );
    if (anchor !== undefined) expect(headings, `${name}: ${about.rules}`).toContain(anchor);
  }
});

test('each row of the score belongs to a directive', () => {
  const known = new Set(directives.map(({ name }) => name));
  const others = Object.keys(score.weights).filter((field) =>
    directivesOf(field).every((name) => !known.has(name)),
  );
  expect(others).toEqual([]);
});
