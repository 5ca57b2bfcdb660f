import { describe, expect, test } from 'vitest';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { cli } from '../cli/start-cli.ts';
import { daemons, installed, programsOf } from './daemons.ts';
import { dropInOf } from './profile-daemon.ts';
import { isAll, mayLack } from './required.ts';

const missing = await machineNeeds();

/** How a daemon is watched makes no difference to its drop-in, but for the evidence in its comments: docs/speed.md. All of them with `npm run daemons`. */
describe.skipIf(mayLack(missing))(
  `watched in each way (${missing ?? 'each in a machine of its own'})`,
  () => {
    for (const daemon of isAll ? Object.values(daemons) : [daemons.nginx, daemons.redis]) {
      const absent = [...programsOf(daemon), cli].find((program) => !installed(program));
      const why = absent === undefined ? '' : ` (skipped: ${absent} is not installed)`;
      test.skipIf(mayLack(absent))(
        `${daemon.name} has the same drop-in by every call, by strace and by the kernel${why}`,
        async () => {
          expect(absent, 'what the daemon needs and is not here').toBeUndefined();
          const bare = ['--no-comments', '--level', 'balanced'];
          const exact = await dropInOf(daemon, [...bare, '--exact']);
          expect(exact).toContain('SystemCallFilter=');
          for (const observer of ['strace', 'bpf'])
            expect(await dropInOf(daemon, [...bare, '--observer', observer]), observer).toBe(exact);
        },
        120_000,
      );
    }
  },
);
