import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CheckReport, checkReportSchema } from '../../src/emit/check-report.ts';
import { unwatchedMark } from '../../src/trace/unwatched-mark.ts';
import { sampleLog } from '../samples/sample-logs.ts';
import { emptyDirectory, isSentence, run } from './start-cli.ts';

const nginx = sampleLog('nginx').path;

/** A directory with these files in it. */
function filesIn(files: Readonly<Record<string, string | Buffer>>): string {
  const cwd = emptyDirectory();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  return cwd;
}

async function judged(dropIn: string | Buffer, args: string[] = [nginx]) {
  const cwd = filesIn({ 'mine.conf': dropIn });
  const { status, stdout, stderr } = await run(
    ['check', '--systemd', '252', '--root', 'none', '--format', 'json', 'mine.conf', ...args],
    cwd,
  );
  if (stdout === '') return { status, stderr, report: undefined };
  return { status, stderr, report: checkReportSchema.parse(JSON.parse(stdout)) };
}

/** A log of these lines. */
const logIn = (text: string) => join(filesIn({ 'a.strace': text }), 'a.strace');

const findings = (report: CheckReport | undefined) =>
  (report?.findings ?? []).map(({ directive, says, errno, remedy }) => [
    directive,
    says?.line,
    errno,
    remedy.how,
    ...remedy.lines,
  ]);

describe('calls that were not watched', () => {
  const log = `${unwatchedMark(['futex', 'read'])}1 execve("/bin/d", ["d"], 0x1) = 0\n1 chdir("/") = 0\n`;

  it('are not judged where the drop-in refuses them, and are no finding', async () => {
    const { status, report } = await judged('[Service]\nSystemCallFilter=@default chdir\n', [logIn(log)]);
    expect(status).toBe(1);
    expect(report?.findings).toEqual([]);
    expect(report?.notJudged).toEqual([
      {
        file: expect.stringContaining('mine.conf'),
        line: 2,
        key: 'SystemCallFilter',
        reason:
          'SystemCallFilter= is not judged: it refuses calls of which nobody watched whether they are made: read (--exact watches all).',
      },
    ]);
  });

  it('pass where it lets them through', async () => {
    const { status, report } = await judged('[Service]\nSystemCallFilter=@default @basic-io chdir\n', [
      logIn(log),
    ]);
    expect([status, report?.notJudged]).toEqual([0, []]);
  });
});

describe('what a drop-in would refuse of a log', () => {
  it('is told with the line of the drop-in, the error and what to add', async () => {
    const { status, report } = await judged(
      '[Service]\n# as in many guides\nProtectSystem=strict\nReadWritePaths=/var/log/nginx /run\nPrivateTmp=yes\n',
    );
    expect(status).toBe(3);
    expect(report?.verdict).toBe('denied');
    expect(findings(report)).toEqual([['ProtectSystem', 3, 'EROFS', 'add', 'ReadWritePaths=/var/lib/nginx']]);
    const [finding] = report?.findings ?? [];
    expect(finding?.below).toBe('/var/lib/nginx');
    expect(finding?.denials.length).toBeGreaterThan(5);
    expect(finding?.denials[0]).toMatchObject({ call: 'mkdir', subject: '/var/lib/nginx/body', count: 1 });
  });

  it('begins with what kills the daemon, and names the line that takes the call away', async () => {
    const { status, report } = await judged(
      '[Service]\nSystemCallFilter=@system-service\nSystemCallFilter=~@clock\nSystemCallFilter=~@privileged\nRestrictAddressFamilies=AF_INET AF_INET6\n',
    );
    expect(status).toBe(3);
    expect(findings(report)).toEqual([
      ['SystemCallFilter', 4, 'SIGSYS', 'add', 'SystemCallFilter=chown setgroups setuid'],
      ['RestrictAddressFamilies', 5, 'EAFNOSUPPORT', 'add', 'RestrictAddressFamilies=AF_UNIX'],
    ]);
  });

  it('is nothing: exit status 0', async () => {
    const { status, report } = await judged('[Service]\nRestart=always\nLockPersonality=yes\nX-Mine=1\n');
    expect({ status, verdict: report?.verdict }).toEqual({ status: 0, verdict: 'passes' });
    expect(report?.ignored).toEqual([]);
  });

  it('hangs on the unit below it', async () => {
    const cwd = filesIn({
      'unit.service': '[Service]\nProtectSystem=strict\nStateDirectory=nginx\nLogsDirectory=nginx\n',
      'over.conf': '[Service]\nReadWritePaths=/run\n',
    });
    const over = await run(['check', '--root', 'none', '--unit', 'unit.service', 'over.conf', nginx], cwd);
    expect(over).toMatchObject({ status: 0 });
    const alone = await run(['check', '--root', 'none', 'unit.service', nginx], cwd);
    expect(alone.status).toBe(3);
    expect(alone.stdout).toMatch(
      /^unit\.service:2: ProtectSystem=strict\n {2}The daemon would get EROFS.*\/run/m,
    );
    expect(alone.stdout).toMatch(/Add: ReadWritePaths=\/run/);
  });

  it('counts what follows from another setting, and says where that one stands', async () => {
    const { status, report } = await judged('[Service]\nDynamicUser=yes\n');
    expect(status).toBe(3);
    const [system] = (report?.findings ?? []).filter(({ directive }) => directive === 'ProtectSystem');
    expect(system?.says).toEqual({ file: 'mine.conf', line: 2, text: 'DynamicUser=yes' });
    expect(report?.notJudged.map(({ key }) => key)).toContain('DynamicUser');
  });

  it('is marked for review where giving way would be dangerous', async () => {
    const cwd = filesIn({
      'mine.conf': '[Service]\nProtectSystem=strict\n',
      't.strace':
        '1 execve("/bin/x", ["x"], 0x7ffc /* 1 var */) = 0\n1 openat(AT_FDCWD, "/etc/cron.d/evil", O_WRONLY|O_CREAT, 0644) = 3\n',
    });
    const { status, stdout } = await run(['check', '--root', 'none', 'mine.conf', 't.strace'], cwd);
    expect(status).toBe(3);
    expect(stdout).toMatch(/REVIEW .*\n {2}Add: ReadWritePaths=\/etc\/cron\.d$/m);
  });

  it('reads 500 files below one directory as one finding', async () => {
    const calls = Array.from(
      { length: 500 },
      (_, at) => `1 openat(AT_FDCWD, "/srv/data/d${at % 7}/f${at}", O_WRONLY|O_CREAT, 0644) = 3\n`,
    );
    const cwd = filesIn({
      'mine.conf': '[Service]\nProtectSystem=strict\n',
      't.strace': `1 execve("/bin/x", ["x"], 0x7ffc /* 1 var */) = 0\n${calls.join('')}`,
    });
    const { stdout } = await run(['check', '--root', 'none', 'mine.conf', 't.strace'], cwd);
    expect(stdout).toMatch(/^mine\.conf: one finding/);
    expect(stdout).toMatch(/or below \/srv\/data:$/m);
    expect(stdout).toMatch(/^ {2}Add: ReadWritePaths=\/srv\/data$/m);
    expect(stdout.split('\n').length).toBeLessThan(20);
  });
});

describe('what systemd would ignore', () => {
  it.each([
    ['ProtectSytem=strict', /mine\.conf:2: systemd knows no ProtectSytem=.* did you mean ProtectSystem=\?/],
    ['protectsystem=strict', /did you mean ProtectSystem=/],
    ['ProtectSystem=strickt', /does not know strickt in ProtectSystem=/],
    ['ProtectSystem=', /ProtectSystem= has no value/],
    ['PrivateTmp=yes # really', /does not know yes # really/],
    ['CapabilityBoundingSet=~CAP_SYS_ADMN', /CAP_SYS_ADMN/],
    ['SystemCallFilter=~@nosuch', /@nosuch/],
    ['RestrictAddressFamilies=AF_INET AF_UNIX AF_INTE6 AF_NETLINK', /AF_INTE6/],
    ['ReadWritePaths=relative', /not an absolute path/],
    ['NoExecPaths', /no "="/],
    ['PrivatePIDs=yes', /252 has no PrivatePIDs=|knows no PrivatePIDs/],
  ])('%s', async (line, why) => {
    const { status, report } = await judged(`[Service]\n${line}\n`);
    expect(report?.ignored.join('\n')).toMatch(why);
    expect(report?.ignored.join('\n')).toMatch(/^mine\.conf:2: /);
    expect(status).toBe(0);
  });

  it('has a section of its own', async () => {
    const { report } = await judged('[Unit]\nProtectHome=yes\n[Servce]\nProtectHome=yes\n');
    expect(report?.ignored.join('\n')).toMatch(/:2: ProtectHome= stands in \[Unit\]/);
    expect(report?.ignored.join('\n')).toMatch(/:3: this section is unknown/);
    expect(report?.verdict).toBe('passes');
  });
});

describe('what cannot be judged: exit status 1', () => {
  it.each([
    ['RootDirectory=/srv/tree', /another file tree/],
    ['User=www-data', /this user may not do/],
    ['AppArmorProfile=mine', /profile may refuse/],
    ['ReadWritePaths=%m/x', /%m/],
  ])('%s', async (line, why) => {
    const { status, report } = await judged(`[Service]\n${line}\n`);
    expect({ status, verdict: report?.verdict }).toEqual({ status: 1, verdict: 'not judged' });
    expect(report?.notJudged).toHaveLength(1);
    expect(report?.notJudged[0]).toMatchObject({
      file: 'mine.conf',
      line: 2,
      reason: expect.stringMatching(why),
    });
  });

  it.each(['RootDirectory=/', 'User=root', 'DynamicUser=no', 'User=', 'AppArmorProfile='])(
    '%s is no obstacle',
    async (line) => {
      expect((await judged(`[Service]\n${line}\n`)).status).toBe(0);
    },
  );

  it('says nothing of paths in another file tree, but still of calls', async () => {
    const { status, report } = await judged(
      '[Service]\nRootDirectory=/srv/tree\nProtectSystem=strict\nSystemCallFilter=~@setuid\n',
    );
    expect(status).toBe(3);
    expect(report?.findings.map(({ directive }) => directive)).toEqual(['SystemCallFilter']);
  });

  it.each([
    [['missing.conf', nginx], /missing\.conf cannot be read: there is no such file/],
    [['.', nginx], /is a directory/],
    [['mine.conf', 'missing.strace'], /missing\.strace cannot be read/],
    [['mine.conf', 'mine.conf'], /No system call was read|not a log|no line/],
    [['nosuch-unit-here.service', nginx], /no unit nosuch-unit-here\.service/],
  ])('%j: one sentence', async (args, why) => {
    const cwd = filesIn({ 'mine.conf': '[Service]\nProtectSystem=strict\n' });
    const { status, stdout, stderr } = await run(['check', ...args], cwd);
    expect(stderr).toMatch(why);
    expect({ status, stdout, sentence: isSentence(stderr) }).toEqual({
      status: 1,
      stdout: '',
      sentence: true,
    });
  });
});

describe('hostile input', () => {
  it('brings nothing to the terminal that it would obey', async () => {
    const evil = '\x1b]0;owned\x07\x9b31m\u202e';
    const cwd = filesIn({
      'mine.conf': `[Service]\nProtectSystem=strict${evil}\n${evil}=1\nInaccessiblePaths="/srv/${evil}"\nProtectSystem=strict\nReadWritePaths=rel${evil}\n`,
      't.strace': `1 execve("/bin/x", ["x"], 0x7ffc /* 1 var */) = 0\n1 openat(AT_FDCWD, "/srv/\\33]0;owned\\7/${evil}", O_WRONLY|O_CREAT, 0644) = 3\n1 \x1b[31mfoo() = 0\n`,
    });
    const { status, stdout, stderr } = await run(['check', '--root', 'none', 'mine.conf', 't.strace'], cwd);
    expect(status).toBe(3);
    expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(stderr).not.toMatch(/fault/);
  });

  it('is read in time that grows with its size', async () => {
    const words = Array.from({ length: 40_000 }, (_, at) => `/srv/d${at}`).join(' ');
    const { status } = await judged(
      `[Service]\nProtectSystem=strict\n${`ReadWritePaths=${words.slice(0, 500_000)}\n`.repeat(2)}`,
    );
    expect(status).toBe(3);
  });

  it('may be no text at all', async () => {
    const { status, report } = await judged(Buffer.from([0x5b, 0xff, 0xfe, 0x00, 0x0a, 0x3d, 0x3d]));
    expect(status).toBe(0);
    expect(report?.ignored.length).toBeGreaterThan(0);
  });
});

it('finds the name of the unit in its place, for specifiers', async () => {
  const cwd = emptyDirectory();
  mkdirSync(join(cwd, 'nginx.service.d'));
  writeFileSync(
    join(cwd, 'nginx.service.d/mine.conf'),
    '[Service]\nProtectSystem=strict\nReadWritePaths=/run %L/%p %S/%N\n',
  );
  expect(await run(['check', '--root', 'none', 'nginx.service.d/mine.conf', nginx], cwd)).toMatchObject({
    status: 0,
  });
});
