import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileFacts } from '../../src/paths/file-facts.ts';
import { describeFile, describeProgram, programFacts } from '../../src/paths/program-facts.ts';
import { openRoot } from '../../src/paths/root.ts';

let place: string;
beforeAll(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'program-')));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

test('scripts may name scripts as deep as the kernel follows them', () => {
  const root = openRoot('/');
  let interpreter = '/bin/true';
  for (let depth = 1; depth <= 7; depth++) {
    const script = join(place, `script${depth}`);
    writeFileSync(script, `#!${interpreter}\n`);
    chmodSync(script, 0o755);
    const runs = execaSync(script, { reject: false }).exitCode === 0;
    const facts = programFacts(root, script);
    expect([depth, facts?.missing.length === 0]).toEqual([depth, runs]);
    if (runs) expect(facts?.needs.filter(({ role }) => role === 'interpreter').length).toBe(depth);
    interpreter = script;
  }
});

test('a script needs its interpreter, and that its loader and libraries', () => {
  const script = join(place, 'plain');
  writeFileSync(script, '#!/bin/sh\n');
  const root = openRoot('/');
  const facts = describeProgram(root, script);
  expect(fileFacts.parse(facts)).toEqual(facts);
  expect(facts.format).toEqual(['script']);
  expect(facts.needs).toEqual(
    [root.lookUp('/bin/sh').real, ...describeProgram(root, '/bin/sh').needs].sort(),
  );
});

test('what is no program is described without needs', () => {
  const root = openRoot('/');
  expect(describeProgram(root, '/etc/passwd')).toMatchObject({ format: ['other'], needs: [] });
  expect(describeProgram(root, '/nowhere/x')).toEqual(describeFile(root, '/nowhere/x'));
  expect(describeFile(root, '/nowhere/x')).toEqual({
    real: ['/nowhere/x'],
    kind: ['missing'],
    owner: [],
    needs: [],
    format: [],
  });
  expect(describeFile(root, '/var/run')).toMatchObject({ real: ['/run'], kind: ['directory'] });
});

test('all programs of the system are described in a few seconds', () => {
  const root = openRoot('/');
  const started = performance.now();
  for (const directory of ['/usr/bin', '/usr/sbin']) {
    for (const name of root.list(directory)) describeProgram(root, `${directory}/${name}`);
  }
  expect(performance.now() - started).toBeLessThan(10_000);
});
