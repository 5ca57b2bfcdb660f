// How many requests a server answers while it is watched, against how many it answers alone.
import { join } from 'node:path';
import { inTurn, ratio } from './measure.mjs';
import { loaded, servers } from './servers.mjs';

/** @returns rows of the table: `{ what, value, reach }`; `reach` is a smallest value where it is positive. */
export async function overhead(cli, workshop, { rounds, seconds, requests }) {
  const log = join(workshop, 'strace.log');
  const watched = (server, ...options) => [
    process.execPath,
    cli,
    ...options,
    ...['--accept-failed', '--force', '-o', join(workshop, 'made.conf'), '--', ...server.argv],
  ];
  const rows = [];
  const details = {};
  for (const server of servers(workshop, { seconds, requests })) {
    const native = () => loaded(server, server.argv);
    const strace = () => loaded(server, watched(server, '--observer', 'strace'));
    // Where the difference is small, one run more or less of a noisy machine would decide.
    const runs = await inTurn(
      { native, default: () => loaded(server, watched(server)), strace },
      2 * rounds + 1,
    );
    const slow = await inTurn(
      {
        native,
        strace,
        exact: () => loaded(server, watched(server, '--exact')),
        'strace -f': () => loaded(server, ['strace', '-f', '-o', log, ...server.argv]),
      },
      // Many times slower: that one run tells.
      Math.max(1, rounds - 2),
    );
    details[server.name] = { runs, slow };
    const opens = server.name.includes('opened');
    rows.push(
      {
        what: `${server.name}: requests/s by default, of native`,
        value: ratio(runs.default, runs.native),
        least: opens ? 0.65 : 0.95,
      },
      { what: `${server.name}: --observer strace, of native`, value: ratio(runs.strace, runs.native) },
      {
        what: `${server.name}: --observer strace, of strace -f`,
        value: ratio(slow.strace, slow['strace -f']),
        ...(opens ? { least: 1.3 } : {}),
      },
      { what: `${server.name}: --exact, of native`, value: ratio(slow.exact, slow.native) },
      { what: `${server.name}: strace -f, of native`, value: ratio(slow['strace -f'], slow.native) },
    );
  }
  return { rows, details };
}
