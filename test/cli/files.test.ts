import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/emit/report.ts';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';
import { verifyDropIn } from '../../src/systemd/verify-unit.ts';
import { noStrace, titled } from '../trace-live/strace-here.ts';
import { cli, emptyDirectory, isSentence, python, run } from './start-cli.ts';

const host = await hostSystemd();
const modeOf = (file: string) => statSync(file).mode & 0o777;
/** The assignments of a drop-in, without the comments, which name the source. */
const settings = (dropIn: string) => dropIn.split('\n').filter((line) => /^[A-Z[]/.test(line));

describe.skipIf(noStrace !== undefined)(titled('the files that are written'), () => {
  it('are not replaced without --force, and nothing else is left beside them', async () => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'd.conf'), 'mine\n');
    const refused = await run(['-o', 'd.conf', '--', 'true'], cwd);
    expect(refused.status).toBe(1);
    expect(isSentence(refused.stderr)).toBe(true);
    expect(readFileSync(join(cwd, 'd.conf'), 'utf8')).toBe('mine\n');
    expect((await run(['--force', '-o', 'd.conf', '--', 'true'], cwd)).status).toBe(0);
    expect(readFileSync(join(cwd, 'd.conf'), 'utf8')).toMatch(/^# Written by/);
    expect(readdirSync(cwd)).toEqual(['d.conf']);
  });

  it('never include an override.conf that is there', async () => {
    const cwd = emptyDirectory();
    mkdirSync(join(cwd, 'x.service.d'));
    const file = join(cwd, 'x.service.d/override.conf');
    writeFileSync(file, 'mine\n');
    for (const name of ['x.service.d/override.conf', file, './x.service.d/../x.service.d/override.conf']) {
      const { status, stderr } = await run(['--force', '-o', name, '--', 'true'], cwd);
      expect(status).toBe(1);
      expect(stderr).toMatch(/belongs to `systemctl edit`/);
    }
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
  });

  it('say so where standard output takes no more', () => {
    const { exitCode, stderr } = execaSync(
      'sh',
      ['-c', `"$1" "$2" -- true >/dev/full`, 'sh', process.execPath, cli],
      {
        reject: false,
      },
    );
    expect(exitCode).toBe(1);
    expect(isSentence(stderr)).toBe(true);
    expect(stderr).toMatch(/could not be written to standard output \(ENOSPC\)/);
  });

  it('are private where they hold what the program did; a log and a profile give the settings of the live run', async () => {
    const cwd = emptyDirectory();
    const program = [
      '--',
      python,
      '-c',
      'import socket; socket.socket().bind(("127.0.0.1", 0)); open("made", "w")',
    ];
    const live = await run(['-o', 'live.conf', '--log', 't.strace', '--profile', 'p.json', ...program], cwd);
    expect(live.status).toBe(0);
    expect([modeOf(join(cwd, 't.strace')), modeOf(join(cwd, 'p.json'))]).toEqual([0o600, 0o600]);
    const expected = settings(readFileSync(join(cwd, 'live.conf'), 'utf8'));
    expect(expected.length).toBeGreaterThan(10);
    for (const inputs of [['t.strace'], ['p.json'], ['p.json', 't.strace']]) {
      const { stdout, status } = await run(['replay', '--cwd', cwd, ...inputs], cwd);
      expect({ status, settings: settings(stdout) }).toEqual({ status: 0, settings: expected });
    }
    const before = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
    expect(
      (await run(['-o', 'second.conf', '--profile', 'p.json', '--', 'mkdir', 'other'], cwd)).status,
    ).toBe(0);
    const after = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
    expect(modeOf(join(cwd, 'p.json'))).toBe(0o600);
    expect(Object.keys(after.syscalls)).toEqual(
      expect.arrayContaining([...Object.keys(before.syscalls), 'mkdir']),
    );
    expect(readFileSync(join(cwd, 'second.conf'), 'utf8')).toMatch(/AF_INET/);
  });

  it('hold no argument, environment or buffer, in JSON under its schema, whose lines add up', async () => {
    const cwd = emptyDirectory();
    const code =
      'import os; open("f", "w").write("s3cr3t-buffer"); os.execv("/bin/true", ["true", "s3cr3t-exec"])';
    const { stdout, stderr, status } = await run(
      [
        '--format',
        'json',
        '--profile',
        'p.json',
        '--',
        'env',
        'TOKEN=s3cr3t-environment',
        python,
        '-c',
        code,
        's3cr3t-argv',
      ],
      cwd,
    );
    expect(status).toBe(0);
    const { log } = reportSchema.parse(JSON.parse(stdout));
    const { lines, ...classes } = log;
    expect(Object.values(classes).reduce((sum, count) => sum + count)).toBe(lines);
    expect(stdout + stderr + readFileSync(join(cwd, 'p.json'), 'utf8')).not.toMatch(/s3cr3t/);
    // What was written is no drop-in.
    expect(stderr).not.toMatch(/install -D/);
  });

  it('hold nothing that a hostile name means: neither do the messages', async () => {
    const cwd = emptyDirectory();
    const code = [
      'import os',
      'names = ["a\\n[Service]\\nUser=root", "b\\x1b[31m\\x1b]0;title\\x07", "c%n\\"\'$x", "d\\xc2\\x9b5m", "[Service]"]',
      'for name in names: os.mkdir(name)',
      'open("/proc/self/comm", "w").write("x\\n[Service]")',
    ].join('\n');
    const { stdout, stderr, status } = await run(['--', python, '-c', code], cwd);
    expect(status).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is asked
    expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(stdout.match(/^\[Service\]$/gm)).toHaveLength(1);
    expect(stdout).not.toMatch(/^User=/m);
    if (host !== undefined) expect(await verifyDropIn(minimalUnit(['/bin/true']), `${stdout}\n`)).toEqual([]);
  });

  it('can be had for every version, level and answer; systemd takes those for its own version', async () => {
    const cwd = emptyDirectory();
    expect(
      (await run(['-o', 'd.conf', '--log', 't', '--', 'sh', '-c', 'mkdir d; cat /etc/passwd'], cwd)).status,
    ).toBe(0);
    const variants = [
      ...['239', '247', '252', '257', '999'].map((version) => ['--systemd', version]),
      ...['minimal', 'balanced', 'relaxed'].map((level) => ['--level', level]),
      ...['errno', 'kill', 'log'].map((answer) => ['--on-deny', answer]),
    ];
    for (const variant of variants) {
      const { status, stdout, stderr } = await run(['replay', ...variant, 't'], cwd);
      expect({ variant, status }, stderr).toEqual({ variant, status: 0 });
      if (host === undefined || (variant[0] === '--systemd' && variant[1] !== `${host.version}`)) continue;
      expect({ variant, complaints: await verifyDropIn(minimalUnit(['/bin/sh']), `${stdout}\n`) }).toEqual({
        variant,
        complaints: [],
      });
    }
  });
});
