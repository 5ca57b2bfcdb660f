import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { allProbes, nameOf } from '../conformance/table.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

/** By page: the words that pick probes, and what is run. */
const commands = pages.flatMap((page) =>
  [
    ...readFileSync(join(root, page), 'utf8').matchAll(
      /`(?:PROBES=(\S+) )?np(?:x vitest run|m run) ([^`\s]+)[^`\n]*`/g,
    ),
  ].map(([command, probes, target = '']) => ({ page, command, probes, target })),
);

test('what a page says to run is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  expect(commands.length).toBeGreaterThan(20);
  for (const { page, command, target } of commands)
    expect(existsSync(join(root, target)) || Object.hasOwn(scripts, target), `${page}: ${command}`).toBe(
      true,
    );
});

test('probes that a page names are there', async () => {
  const names = (await allProbes()).map(nameOf);
  for (const { page, command, probes } of commands) {
    if (probes === undefined) continue;
    expect(names.filter((name) => name.includes(probes)).length, `${page}: ${command}`).toBeGreaterThan(0);
  }
});
