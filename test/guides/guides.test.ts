import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInputs } from '../../src/commands/read-inputs.ts';
import type { Finding } from '../../src/directives/findings.ts';
import { judge } from '../../src/directives/judge.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { run } from '../cli/start-cli.ts';
import { installed, programsOf } from '../daemons/daemons.ts';
import { isAll, mayLack } from '../daemons/required.ts';
import { explain, serveUnder } from '../daemons/serve-under.ts';
import { readBack } from '../samples/read-back.ts';
import { contextFor, sampleLog } from '../samples/sample-logs.ts';
import { type Guide, guides, pathOf, textOf } from './guides.ts';
import { happened, watching } from './refused.ts';

/** The log, read on the machine that shows this host's files. */
async function profileOf(guide: Guide): Promise<Profile> {
  const paths = [sampleLog(guide.log).path];
  const uid =
    guide.user === undefined
      ? undefined
      : Number(execFileSync('id', ['-u', guide.user], { encoding: 'utf8' }));
  return (await readInputs(paths, { cwd: undefined, root: undefined, architecture: 'x86-64', uid })).profile;
}

const judged = (text: string, profile: Profile, version = 252) =>
  judge(readBack(text, version).values, profile, contextFor(version)).findings;

/** The others take long, so they are left to `npm run daemons`. */
const quick = ['nginx.conf', 'python.conf'];

const without = await machineNeeds();

describe.skipIf(mayLack(without))(`what check finds happens (${without ?? 'can be tried here'})`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootMachine();
  });
  afterAll(async () => {
    await machine?.stop();
  });

  for (const guide of guides) {
    const { daemon } = guide;
    const absent = [...programsOf(daemon), 'strace'].find((program) => !installed(program));
    const isLeft = !isAll && !quick.includes(guide.file);
    const missing = absent === undefined ? '' : ` (skipped: ${absent} is not installed)`;
    const why = isLeft ? ' (npm run daemons)' : missing;
    test.skipIf(isLeft || mayLack(absent))(
      `${guide.file}: each finding is met, what it says to add lifts it, and then the daemon serves${why}`,
      async () => {
        if (guide.prepare !== undefined) await machine.run(['sh', '-c', guide.prepare]);
        const profile = await profileOf(guide);
        let text = textOf(guide);
        const [argv0 = ''] = daemon.argv;
        for (let round = 0; ; round++) {
          const findings = judged(text, profile);
          const isChance = ({ denials }: Finding) =>
            denials.every(({ behaviour }) => behaviour.evidence.call === guide.chance?.call);
          if (findings.every(isChance)) break;
          const watched = await watching(machine, argv0, async () => {
            await serveUnder(machine, daemon, text, 4000);
          });
          const filtered = new Set(
            findings
              .filter(({ directive }) => directive === 'SystemCallFilter')
              .flatMap(({ denials }) => denials.map(({ behaviour }) => behaviour.evidence.call)),
          );
          const met = findings.filter(({ denials }) =>
            denials.some(
              (denial) =>
                happened(watched, denial) &&
                // Where a filter answers first, nothing is known of the capability.
                !(denial.behaviour.kind === 'capability' && filtered.has(denial.behaviour.evidence.call)),
            ),
          );
          const told = findings.map(
            ({ directive, errno, below, denials }) =>
              `${directive} ${errno} ${below ?? ''} ${denials[0]?.behaviour.evidence.call}`,
          );
          const failed = watched.lines.filter((line) => / = -1 E(?!NOENT|AGAIN|INTR|EXIST)/.test(line));
          expect(
            met.length,
            `${told.join('\n')}\nnone of which happened:\n${failed.join('\n')}`,
          ).toBeGreaterThan(0);
          expect(round).toBeLessThan(12);
          const lines = met.flatMap(({ remedy }) => remedy.assignments.flatMap(renderAssignment));
          text += `${lines.join('\n')}\n`;
        }
        const served = await serveUnder(machine, daemon, text);
        expect(served.ok, `${text}\n${explain(served)}`).toBe(true);
      },
    );
  }
});

test('the program says the same of a file: where it stands, what the daemon would see, what to add', async () => {
  const [guide] = guides.filter(({ log }) => log === 'unbound');
  if (guide === undefined) throw new Error('There is no such guide.');
  const log = sampleLog(guide.log).path;
  const { status, stdout } = await run(['check', '--systemd', '252', '--root', 'none', pathOf(guide), log]);
  expect(status).toBe(3);
  expect(stdout).toMatch(
    /unbound\.conf:\d+: SystemCallFilter=~@resources chroot\n {2}The daemon would get EPERM/,
  );
  expect(stdout).toMatch(/Add: CapabilityBoundingSet=CAP_SYS_CHROOT/);
  // ProtectControlGroups= leaves /run writable, so the pid file is no finding.
  expect(stdout).not.toMatch(/\/run/);
});
