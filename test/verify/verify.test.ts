import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evidenceInComments } from '../../src/commands/verify/evidence-in-comments.ts';
import { auditRecords, readRecords } from '../../src/commands/verify/kernel-audit.ts';
import { refine } from '../../src/commands/verify/refine.ts';
import { type Baseline, baseline } from '../../src/commands/verify/trial.ts';
import { verifyReportSchema } from '../../src/emit/verify-report.ts';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { isAll, mayLack } from '../daemons/required.ts';
import { broken } from './broken.ts';
import { acts, doing, installUnit, peer, prepare, removeUnit, unit } from './tried-unit.ts';

/** The built program: `npm test` builds it first. */
const cli = process.env.CLI ?? new URL('../../dist/cli.js', import.meta.url).pathname;
const missing = await machineNeeds();

describe.skipIf(mayLack(missing))(`a unit in machines (${missing ?? 'tried'})`, () => {
  const exercise = doing(acts);
  const plan = { unit, owner: undefined, sockets: [], without: [], exercise, prepare };
  const lines = readUnitText(Buffer.from('[Service]\nStateDirectory=sandbox-profile-tried\n'), unit).lines;
  let before: Baseline;
  let directory: string;
  const tried = (text: string, rounds = 0, use = exercise) => {
    const file = 'tried.conf';
    return refine({ before, plan: { ...plan, exercise: use }, lines, file, text, lifted: undefined, rounds });
  };
  const blamedIn = (report: Awaited<ReturnType<typeof tried>>['report']) =>
    report.findings
      .filter(({ seen }) => seen.length > 0)
      .map(({ directive, remedy }) => [directive, ...wordsIn(remedy.lines)]);
  /** `Key=a b` as `Key=a`, `Key=b`. */
  const wordsIn = (lines: readonly string[]) =>
    lines.flatMap((line) => {
      const [key, ...value] = line.split('=');
      return value
        .join('=')
        .split(' ')
        .map((word) => `${key}=${word}`);
    });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'verify-'));
    await installUnit();
    before = await baseline(plan, undefined);
  });
  afterAll(async () => {
    await removeUnit();
    await rm(directory, { recursive: true, force: true });
  });

  const verify = async (text: string, ...options: string[]) => {
    const file = join(directory, 'tried.conf');
    await writeFile(file, text);
    return execa(process.execPath, [cli, 'verify', unit, file, ...options], { reject: false });
  };

  test('a drop-in under which all goes well holds, and the status says so', async () => {
    const good = `[Service]\nProtectSystem=strict\nPrivateTmp=yes\nNoNewPrivileges=yes\nSystemCallFilter=~@mount\n`;
    const use = doing(['family', 'owner', 'write', 'run', 'peer', 'fifo']);
    const options = ['--prepare', prepare, '--exercise', use, '--format', 'json', '--no-attacks'];
    const { exitCode, stdout, stderr } = await verify(good, ...options);
    expect(stderr).not.toContain('sandbox-profile:');
    const { works, attacks } = verifyReportSchema.parse(JSON.parse(stdout));
    expect(works?.steps.map(({ step, why }) => `${step} ${why}`.trim())).toEqual([
      'start',
      'exercise',
      'reload',
      'restart',
      'exercise again',
      'stop',
    ]);
    expect({ exitCode, holds: works?.holds, findings: works?.findings, attacks }).toEqual({
      exitCode: 0,
      holds: true,
      findings: [],
      attacks: null,
    });
  });

  test('what refuses with an error is named, each with what lifts it; lifted, it holds', async () => {
    const all = broken.filter(({ isAlone }) => isAlone !== true);
    const text = `[Service]\n${all.map(({ said }) => said).join('\n')}\n`;
    const { report } = await tried(text, 8);
    expect(report.holds, JSON.stringify(report)).toBe(true);
    const changed = report.changes.flatMap((change) => change.lines);
    for (const { lifted } of all) expect(wordsIn(changed)).toEqual(expect.arrayContaining(lifted));
    // Several refusals may be lifted by the same line: it is written once.
    expect(changed).toEqual([...new Set(changed)]);
    expect(report.mended?.match(/^# Mended by verify: \w+= was in the way: /gm)?.length).toBe(
      report.changes.length,
    );
  });

  // One by one takes minutes.
  test.runIf(isAll).each(broken)(
    'a drop-in with $said is named and mended, and holds (npm run daemons)',
    async ({ said, use, lifted }) => {
      const { report } = await tried(`[Service]\n${said}\n`, 4, doing(use));
      expect(report.holds, JSON.stringify(report)).toBe(true);
      expect(wordsIn(report.changes.flatMap((change) => change.lines))).toEqual(
        expect.arrayContaining(lifted),
      );
      const [directive] = said.split('=');
      expect(report.changes.map(({ reason }) => reason).join('\n')).toContain(
        `${directive}= was in the way: `,
      );
    },
    120_000,
  );

  test('what a tolerant exercise does not mind is found all the same', async () => {
    const use = doing(['peer', 'shared']).replace('$failed', '0');
    const text = `[Service]\nInaccessiblePaths=${peer}/socket\nPrivateTmp=yes\n`;
    const { report } = await tried(text, 0, use);
    expect(report.steps.filter(({ why }) => why !== '')).toEqual([]);
    expect(report.holds).toBe(false);
    const refused = [...report.unexplained, ...report.findings.flatMap(({ seen }) => seen)];
    const told = refused.map(({ call, subject, errno }) => `${call} ${subject} ${errno}`);
    expect(told).toEqual(
      expect.arrayContaining([
        `connect ${peer}/socket ECONNREFUSED`,
        'openat /tmp/sandbox-profile-tried ENOENT',
      ]),
    );
    expect(blamedIn(report)).toContainEqual(['InaccessiblePaths', `InaccessiblePaths=${peer}/socket`]);
  });

  test('a call that kills is named by the kernel too, and a path that stops the start is told from its log', async () => {
    const text =
      '[Service]\nSystemCallFilter=~mknod mknodat\nReadWritePaths=/srv/sandbox-profile-not-there\n';
    const first = (await auditRecords()).at(-1)?.serial ?? 0;
    const stopped = (await tried(text, 0, doing(['fifo']))).report;
    expect(stopped.steps[0]?.why).toMatch(
      /^status 226\/NAMESPACE: .*sandbox-profile-not-there: No such file/,
    );
    expect(stopped.steps).toHaveLength(1);
    const mended = (await tried(text, 1, doing(['fifo']))).report;
    expect(mended.holds).toBe(false);
    // The kernel passes over records where many come at once; what it has is told, and nothing of what others were killed for.
    const written = (await auditRecords()).filter(({ serial, call }) => serial > first && call === 'mknodat');
    expect(mended.killed).toEqual(
      written.length === 0
        ? []
        : [{ program: written[0]?.program, syscall: written[0]?.syscall, call: 'mknodat' }],
    );
    expect(mended.steps[1]?.why).toContain('a filter of system calls killed it (SIGSYS)');
    // What was logged at one step is not told again at the next.
    expect(mended.steps.slice(2).filter(({ why }) => why.includes('SIGSYS'))).toHaveLength(1);
    expect(blamedIn(mended)).toEqual([
      ['SystemCallFilter', expect.stringMatching(/^SystemCallFilter=mknod(at)?$/)],
    ]);
    const held = (await tried(mended.mended ?? '', 2, doing(['fifo']))).report;
    expect(held.holds, JSON.stringify(held)).toBe(true);
  });

  test('what fails without the drop-in as well is not blamed on it', async () => {
    const { exitCode, stdout, stderr } = await verify('[Service]\n', '--exercise', 'echo no >&2; exit 7');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`Without the drop-in ${unit} fails as well (exercise: exit status 7: no)`);
  });
});

test('what comments of a drop-in say of each word is found again', () => {
  const comments = evidenceInComments(
    '# ReadWritePaths: what is written\n#   /run: made by the daemon: openat "/run/x", a:1\n# REVIEW /run: broad.\nReadWritePaths=/run\n# ReadOnlyPaths: the rest\n#   left alone, /proc: written by the daemon\n',
  );
  expect(comments.get('ReadOnlyPaths left alone /proc')).toBe('written by the daemon');
  expect(comments.get('ReadWritePaths /run')).toBe('made by the daemon: openat "/run/x", a:1');
  expect(comments.get('ReadWritePaths')).toBe('what is written');
});

test("what a filter killed for is read from the kernel's log, and from auditd's", () => {
  const kernel =
    '[ 426.903523] audit: type=1326 audit(1795739877.957:2): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=24274 comm="mkdir" exe="/usr/bin/mkdir" sig=31 arch=c000003e syscall=83 compat=0 ip=0x7f59dec4bf37 code=0x80000000';
  const daemon =
    'type=SECCOMP msg=audit(1795739878.001:7): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=3 comm=61206220 exe=2F6F70742F612062 sig=31 arch=c00000b7 syscall=33 compat=0 ip=0x1 code=0x0 AUID="unset"';
  const logged = kernel.replace('sig=31', 'sig=0').replace('0x80000000', '0x7ffc0000');
  expect(
    readRecords([kernel, logged, daemon, 'type=SYSCALL msg=audit(1.1:8): syscall=1'].join('\n')),
  ).toEqual([
    { serial: 2, program: '/usr/bin/mkdir', syscall: 83, call: 'mkdir' },
    { serial: 7, program: '/opt/a b', syscall: 33, call: 'mknodat' },
  ]);
});
