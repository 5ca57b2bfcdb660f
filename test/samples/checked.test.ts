import { describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import { judge } from '../../src/directives/judge.ts';
import { contextFor, readBack, textOf } from './read-back.ts';
import { sampleLogs, settingsOf, versions, withAndWithoutFacts } from './sample-logs.ts';
import { silentOnes } from './warned-of.ts';

/** What is written, read back as somebody else's would be: a second way through everything that plugins know. */

const each = sampleLogs.map((log) => [log.name, log] as const);

describe('a drop-in that was written denies nothing of its own log', () => {
  test.each(each)('%s', async (_name, log) => {
    for (const profile of await withAndWithoutFacts(log)) {
      for (const level of levels) {
        for (const version of versions) {
          const { settings, warnings } = settingsOf(profile, level, version);
          const { values, ignored, unclear } = readBack(textOf(settings, version), version);
          const where = `${level}, systemd ${version}`;
          expect({ ignored, unclear }, where).toEqual({ ignored: [], unclear: [] });
          const { findings, notJudged } = judge(values, profile, contextFor(version));
          const denials = findings.flatMap((finding) => finding.denials);
          expect(silentOnes(denials, warnings), where).toEqual([]);
          expect(notJudged, where).toEqual([]);
        }
      }
    }
  });
});
