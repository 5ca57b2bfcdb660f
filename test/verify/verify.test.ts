import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evidenceInComments } from '../../src/commands/verify/attacks-open.ts';
import { refine } from '../../src/commands/verify/refine.ts';
import { type Baseline, baseline } from '../../src/commands/verify/trial.ts';
import { verifyReportSchema } from '../../src/emit/verify-report.ts';
import { machineNeeds } from '../../src/systemd/machine.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { exercise, installUnit, peer, prepare, removeUnit, state, tool, unit } from './tried-unit.ts';

/** The built program: `npm test` builds it first. */
const cli = process.env.CLI ?? new URL('../../dist/cli.js', import.meta.url).pathname;
const missing = await machineNeeds();

describe.skipIf(missing !== undefined)(`a unit in machines (${missing ?? 'tried'})`, () => {
  const plan = { unit, without: [], exercise, prepare };
  const lines = readUnitText(Buffer.from('[Service]\nStateDirectory=sandbox-profile-tried\n'), unit).lines;
  let before: Baseline;
  let directory: string;
  const tried = (text: string, rounds = 0) =>
    refine({ before, plan, lines, file: 'tried.conf', text, lifted: undefined, rounds });
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
    const options = ['--prepare', prepare, '--exercise', exercise, '--format', 'json'];
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

  /** Each broken in one known way: what is to be named, and the line that lifts it. */
  const broken: [string, string, string[][]][] = [
    [
      'a call refused with an error',
      'SystemCallFilter=@system-service\nSystemCallFilter=~@chown\nSystemCallErrorNumber=EPERM',
      [['SystemCallFilter', 'SystemCallFilter=chown']],
    ],
    [
      'a family',
      'RestrictAddressFamilies=AF_INET AF_UNIX',
      [['RestrictAddressFamilies', 'RestrictAddressFamilies=AF_INET6']],
    ],
    ['a place to write', `ReadOnlyPaths=${state}`, [['ReadOnlyPaths', `ReadOnlyPaths=${state}`]]],
    [
      'a program',
      'NoExecPaths=/\nExecPaths=/usr/bin /usr/lib /lib64 /lib',
      [['NoExecPaths', `ExecPaths=${tool}`, `BindReadOnlyPaths=${tool}`]],
    ],
    ['a hidden socket', `InaccessiblePaths=${peer}`, [['InaccessiblePaths', `InaccessiblePaths=${peer}`]]],
    [
      'a capability',
      'CapabilityBoundingSet=~CAP_CHOWN',
      [['CapabilityBoundingSet', 'CapabilityBoundingSet=CAP_CHOWN']],
    ],
  ];

  test('what refuses with an error is named, each with what lifts it; lifted, it holds', async () => {
    // What forbids to write is left to the one by one: the daemon would not live to do the rest.
    const all = broken.filter(([what]) => what !== 'a place to write' && what !== 'a capability');
    const text = `[Service]\n${all.map(([, said]) => said).join('\n')}\n`;
    const { report } = await tried(text, 8);
    expect(report.holds, JSON.stringify(report)).toBe(true);
    const changed = wordsIn(report.changes.flatMap((change) => change.lines));
    for (const [, , named] of all)
      for (const [, ...remedy] of named) expect(changed).toEqual(expect.arrayContaining(remedy));
    expect(report.mended?.match(/^# Mended by verify: \w+= was in the way: /gm)?.length).toBe(
      report.changes.length,
    );
  });

  // One by one takes a minute: VERIFY=all does it.
  test.runIf(process.env.VERIFY === 'all').each(broken)('missing: %s', async (_, said, named) => {
    const { report } = await tried(`[Service]\n${said}\n`);
    expect(report.holds).toBe(false);
    for (const [directive, ...remedy] of named)
      expect(blamedIn(report).find(([name]) => name === directive)).toEqual(expect.arrayContaining(remedy));
    const refined = await tried(`[Service]\n${said}\n`, 4);
    expect(refined.report.holds, JSON.stringify(refined.report)).toBe(true);
  });

  test('a call that kills is named by the kernel too, and a path that stops the start is told from its log', async () => {
    const text =
      '[Service]\nSystemCallFilter=~mknod mknodat\nReadWritePaths=/srv/sandbox-profile-not-there\n';
    const stopped = (await tried(text)).report;
    expect(stopped.steps[0]?.why).toMatch(
      /^status 226\/NAMESPACE: .*sandbox-profile-not-there: No such file/,
    );
    const mended = (await tried(text, 1)).report;
    expect(mended.holds).toBe(false);
    expect(mended.mended).toContain('\nReadWritePaths=-/srv/sandbox-profile-not-there\n');
    expect(mended.steps[1]?.why).toContain('a filter of system calls killed it (SIGSYS)');
    expect(blamedIn(mended)).toEqual([
      ['SystemCallFilter', expect.stringMatching(/^SystemCallFilter=mknod(at)?$/)],
    ]);
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
