import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directives } from '../../src/directives/registry.ts';

test('the page of directives has a row for each directive that can be set, with its version', () => {
  const page = readFileSync(new URL('../../docs/directives.md', import.meta.url), 'utf8');
  for (const { name, since } of directives) {
    const row = page.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${name}\``));
    expect(row, name).toMatch(new RegExp(`\\| ${since} \\|`));
  }
});
