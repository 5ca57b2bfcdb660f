import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';

/** The built program: `npm test` builds it first. */
const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const page = readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8');

test.each([[[]], [['replay']], [['check']], [['verify']]])(
  '%j --help has examples, and docs/options.md has its options',
  (command) => {
    const { stdout } = execaSync(process.execPath, [cli, ...command, '--help']);
    const options = [...stdout.matchAll(/^ {2}(?:-\w, | {4})?--([a-z-]+)/gm)].map(([, name]) => name);
    expect(options.length).toBeGreaterThan(5);
    // A switch that is on unless it is turned off is used, and documented, as that.
    const missing = options.filter((name) => !page.includes(`--${name}`) && !page.includes(`--no-${name}`));
    expect(missing).toEqual([]);
    const examples = stdout.slice(stdout.indexOf('Examples:')).match(/sandbox-profile/g) ?? [];
    expect(examples.length).toBeGreaterThanOrEqual(4);
  },
);

test('docs/options.md has no option that is not there', () => {
  const help = [[], ['replay'], ['check'], ['verify']].map(
    (command) => execaSync(process.execPath, [cli, ...command, '--help']).stdout,
  );
  const named = new Set(
    [...page.matchAll(/--([a-z][a-z-]*)/g)].map(([, name = '']) => name.replace(/^no-/, '')),
  );
  expect([...named].filter((name) => !help.some((text) => text.includes(`--${name}`)))).toEqual([]);
});
