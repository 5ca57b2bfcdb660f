// How long it takes to make a drop-in of a long log, against the pipeline of the guides and against counting its lines.
import { linkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lengthen, record } from './logs.mjs';
import { inTurn, median, ratio, timed } from './measure.mjs';
import { lineCount } from './servers.mjs';

const megabyte = 1e6;

/** The guides list the calls of a log so; the name stands in the second column, behind a time in the third. */
const pipeline = (column) => `awk '{print $${column}}' "$1" | cut -d'(' -f1 | sort | uniq`;

export async function replay(cli, workshop, { rounds, small, large }) {
  const made = join(workshop, 'made.conf');
  const run = (...logs) => timed(process.execPath, [cli, 'replay', '--force', '-o', made, ...logs]);
  const shell = (script, log) => timed('sh', ['-c', script, 'sh', log]);
  const recorded = await record(workshop);
  const rows = [];
  const details = {};
  const pick = (runs, key) => runs.map((each) => each[key]);
  for (const [name, log] of Object.entries(recorded)) {
    const logs = { short: join(workshop, `${name}.short`), long: join(workshop, `${name}.long`) };
    lengthen(log, logs.short, small * megabyte);
    lengthen(log, logs.long, large * megabyte);
    const runs = await inTurn(
      {
        ours: () => run(logs.short),
        guides: () => shell(pipeline(name === 'nginx' ? 3 : 2), logs.short),
        asWritten: () => shell(pipeline(2), logs.short),
        lines: () => timed('wc', ['-l', logs.short]),
      },
      rounds,
    );
    const long = await inTurn(
      { ours: () => run(logs.long), short: () => run(logs.short) },
      Math.max(1, rounds - 2),
    );
    const seconds = median(pick(runs.ours, 'seconds'));
    const bytes = statSync(logs.short).size;
    details[name] = { ...runs, long: long.ours, bytes, lines: lineCount(logs.short) };
    rows.push(
      {
        what: `${name}: time of ${small} MB, of the guides' pipeline`,
        value: ratio(pick(runs.ours, 'seconds'), pick(runs.guides, 'seconds')),
        most: 0.5,
      },
      {
        what: `${name}: the same, with column 2 of every log`,
        value: ratio(pick(runs.ours, 'seconds'), pick(runs.asWritten, 'seconds')),
      },
      {
        what: `${name}: time of ${small} MB, of wc -l`,
        value: ratio(pick(runs.ours, 'seconds'), pick(runs.lines, 'seconds')),
      },
      { what: `${name}: MB/s`, value: bytes / megabyte / seconds },
      { what: `${name}: million lines/s`, value: details[name].lines / 1e6 / seconds },
      {
        what: `${name}: time of ${large} MB, of ${small} MB`,
        value: ratio(pick(long.ours, 'seconds'), pick(long.short, 'seconds')),
        most: 10.5 * (large / small / 10),
      },
      {
        what: `${name}: peak memory of ${large} MB, MiB`,
        value: Math.max(...pick(long.ours, 'peak')),
        most: 200,
      },
      {
        what: `${name}: peak memory of ${large} MB, of ${small} MB`,
        value: Math.max(...pick(long.ours, 'peak')) / Math.max(...pick(long.short, 'peak')),
        most: 1.2,
      },
    );
  }
  // Two that take the same time: of unequal ones a core would wait for the other at the end.
  const both = [join(workshop, 'nginx.long'), join(workshop, 'nginx-again.long')];
  linkSync(both[0], both[1]);
  const twice = await inTurn(
    {
      one: () =>
        timed('taskset', ['-c', '0', process.execPath, cli, 'replay', '--force', '-o', made, ...both]),
      two: () => run(...both),
    },
    rounds,
  );
  details.both = twice;
  rows.push({
    what: 'two logs: time on one core, of two',
    value: ratio(pick(twice.one, 'seconds'), pick(twice.two, 'seconds')),
    least: 1.7,
  });
  return { rows, details };
}
