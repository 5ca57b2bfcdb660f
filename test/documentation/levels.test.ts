import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directives } from '../../src/directives/registry.ts';
import { sampleLogs, settingsOf, withAndWithoutFacts } from '../samples/sample-logs.ts';

const page = readFileSync(new URL('../../docs/levels.md', import.meta.url), 'utf8');

test('what is set at relaxed for any of the recorded daemons stands in docs/levels.md, and nothing else does', async () => {
  const [, text = ''] = /At `relaxed` these are set and no others: (.*?)\. A program/s.exec(page) ?? [];
  const named = new Set([...text.matchAll(/`(\w+)=`/g)].map(([, name = '']) => name));
  const found = new Set<string>();
  const small = sampleLogs.filter(({ name }) => ['cron', 'memcached', 'python-http-server'].includes(name));
  for (const log of small) {
    for (const profile of await withAndWithoutFacts(log)) {
      for (const { directive } of settingsOf(profile, 'relaxed', 252).settings) found.add(directive);
    }
  }
  expect([...found].filter((name) => !named.has(name))).toEqual([]);
  const known = new Set(directives.map(({ name }) => name));
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
});
