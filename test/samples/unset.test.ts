import { describe, expect, test } from 'vitest';
import { type Context, levels } from '../../src/directives/context.ts';
import { contradictions } from '../../src/directives/contradictions.ts';
import { Plans } from '../../src/directives/plans.ts';
import { directives } from '../../src/directives/registry.ts';
import { againstText } from '../../src/emit/behaviour-text.ts';
import { lossesOf } from '../../src/emit/losses.ts';
import { score } from '../documentation/directives-page.ts';

import { contextFor, readingOf, sampleLogs, settingsOf } from './sample-logs.ts';

/** What is not set has a reason, which `--explain` and the score tell; what is set can be asked for by each of its keys. */

const ways: Partial<Context>[] = [{}, { confine: true }, { network: true }, { onDeny: 'log' }];
const known = new Set(directives.flatMap(({ name, companions }) => [name, ...companions]));
const rows = Object.keys(score.weights).map((field) => ({ name: field, field, exposure: 0.1 }));

describe('each directive is set, or there is a reason why not', () => {
  test.each(sampleLogs.map((log) => [log.name, log] as const))('%s', async (_name, log) => {
    const { profile } = await readingOf(log);
    for (const level of levels) {
      for (const way of ways) {
        const version = 257;
        const context: Context = { ...contextFor(version, level), ...way };
        const { settings } = settingsOf(profile, level, version, way);
        const keys = settings.flatMap(({ assignments }) => assignments.map(({ key }) => key));
        expect(keys.filter((key) => !known.has(key))).toEqual([]);
        const plans = new Plans(profile, context);
        const why = new Map(
          directives.map(({ name }) => [name, contradictions(name, profile, context, plans)]),
        );
        const unset = directives.filter(({ name }) => !settings.some(({ directive }) => directive === name));
        for (const { name } of unset) {
          const reason = why.get(name);
          expect(reason === undefined ? '' : againstText(reason), `${level} ${name}`).toMatch(/^\S.*[^.\s]$/);
        }
        const losses = lossesOf({
          rows,
          settings,
          profile,
          context,
          unitSays: () => undefined,
          against: (name) => why.get(name),
        });
        expect(losses.filter(({ reason }) => reason === 'nothing sets it')).toEqual([]);
      }
    }
  });
});
