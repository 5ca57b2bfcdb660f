import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = readdirSync(join(root, 'docs')).map((name) => `docs/${name}`);
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

test.each(['README.md', ...pages])('%s: each link leads to a page, and to a heading of it', (page) => {
  const links = textOf(page).matchAll(
    /\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)|^\[[^\]]+\]: (?!https?:)([^#\s]+)(?:#(\S+))?/gm,
  );
  for (const [link, inline, inlineAnchor, listed, listedAnchor] of links) {
    const file = inline ?? listed ?? '';
    const target = file === '' ? page : join(dirname(page), file);
    expect(existsSync(join(root, target)), link).toBe(true);
    const anchor = inlineAnchor ?? listedAnchor;
    if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
  }
});

test('the README leads to each page', () => {
  const readme = textOf('README.md');
  expect(pages.filter((page) => !readme.includes(`](${page})`))).toEqual([]);
});
