import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { behavioursOf } from '../../src/directives/behaviour.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { denialsOf } from '../../src/directives/settings.ts';
import { casesOf, filterOf, linesOf, logOf, readingOf, sampleLogs, settingsOf } from './sample-logs.ts';
import { isMissed } from './taking-out.ts';
import { silentOnes } from './warned-of.ts';

/** What holds for every log of a daemon that we have, at every level, for old and new systemd. */

const each = sampleLogs.map((log) => [log.name, log] as const);

describe('sound: what was seen is let through, or a person is told', () => {
  test.each(each)('%s', async (_name, log) => {
    for (const { profile, level, version, asked, name } of await casesOf(log)) {
      const { settings, warnings } = settingsOf(profile, level, version, asked);
      expect(silentOnes(denialsOf(settings, profile), warnings), name).toEqual([]);
    }
  });

  test.each(each)(
    '%s: by the written words of SystemCallFilter= and SystemCallLog=, too',
    async (_name, log) => {
      for (const { profile, level, version, asked, name } of await casesOf(log)) {
        const { settings, warnings } = settingsOf(profile, level, version, asked);
        const filter = asked.onDeny === 'log' ? logOf(settings, version) : filterOf(settings, version);
        expect(filter.skipped, name).toEqual([]);
        const refused = Object.keys(profile.syscalls).filter((call) => !filter.allows(call));
        const silent = refused.filter((call) => !warnings.some((warning) => warning.includes(` ${call}`)));
        expect(silent, name).toEqual([]);
      }
    },
  );
});

describe('tight: at minimal nothing can be taken out that a call asked for', () => {
  test.each(each)('%s', async (_name, log) => {
    const plain = (await casesOf(log)).filter(
      ({ level, asked }) => level === 'minimal' && Object.keys(asked).length === 0,
    );
    for (const { profile, level, version, name } of plain) {
      const behaviours = [...behavioursOf(profile)];
      const { settings } = settingsOf(profile, level, version);
      const idle = settings.flatMap((setting) =>
        setting.grants
          .filter(
            ({ witnesses, value }) =>
              witnesses.length > 0 && !isMissed({ value, setting, settings, behaviours, version }),
          )
          .map(({ value }) => `${setting.directive}=${value}`),
      );
      expect(idle, name).toEqual([]);
    }
  });
});

describe('total: each line has one class', () => {
  test.each(each)('%s', async (_name, log) => {
    const { profile, unread } = await readingOf(log);
    const { lines, ...classes } = profile.log;
    // Counted by programs that know nothing of a trace; a last line that has no end counts.
    const { stdout } = await execa('sh', [
      '-c',
      'for f; do zcat "$f" | grep -ac ""; done',
      'sh',
      ...log.files,
    ]);
    expect(lines).toBe(sum(stdout.split('\n').map(Number)));
    expect(sum(Object.values(classes))).toBe(lines);
    expect(unread).toEqual([]);
    expect(classes.unread).toBe(0);
  });
});

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe('explained: each word has a call in the log, or a reason', () => {
  test.each(each)('%s', async (_name, log) => {
    const texts = new Map(log.files.map((file) => [log.files.length === 1 ? log.path : file, linesOf(file)]));
    for (const { profile, level, version, asked } of await casesOf(log)) {
      for (const setting of settingsOf(profile, level, version, asked).settings) {
        expect(setting.reason, setting.directive).toMatch(/^[A-Z].*\.$/);
        for (const { value, reason, witnesses } of [...setting.grants, ...setting.left]) {
          expect(reason, `${setting.directive}=${value}`).not.toBe('');
          for (const { call, first, count } of witnesses) {
            expect(count).toBeGreaterThan(0);
            const isThere = texts.get(first.source)?.[first.line]?.includes(`${call}(`);
            expect(isThere, `${setting.directive}=${value}: ${call} at ${first.source}:${first.line}`).toBe(
              true,
            );
          }
        }
        expect(unexplained(setting), setting.directive).toEqual([]);
      }
    }
  });
});

/** Words of allow lists for which no grant stands; a list of refusals, and a lone word, is what the setting's reason explains. */
function unexplained({ directive, grants, assignments }: Setting): string[] {
  const values = new Set(grants.map(({ value }) => value));
  return assignments
    .filter(({ key, words }) => key === directive && words.length > 1 && words[0]?.startsWith('~') === false)
    .filter(() => values.size > 0)
    .flatMap(({ words }) => words)
    .filter((word) => !values.has(word) && word !== 'native');
}
