import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/emit/report.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';
import { sampleLog } from '../samples/sample-logs.ts';
import { emptyDirectory, isSentence, run } from './start-cli.ts';

const nginx = sampleLog('nginx').path;
const host = await hostSystemd();
const canScore = host !== undefined && host.version >= 250;

const replay = (args: string[], cwd?: string) => run(['replay', '--root', 'none', ...args, nginx], cwd);

describe('--explain', () => {
  it('prints each call that asked for a setting, and no drop-in', async () => {
    const { status, stdout, stderr } = await replay(['--explain', 'capabilityboundingset=']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^CAP_NET_BIND_SERVICE: used\n {2}bind "127\.0\.0\.1 port 80", .*nginx\.strace\.gz:223$/m,
    );
    expect(stdout).not.toMatch(/^\[Service\]$/m);
  });

  it('says what speaks against a directive that is not set', async () => {
    const { stdout } = await replay(['--explain', 'ProtectSystem', '--systemd', '252']);
    expect(stdout).toMatch(/^ {4}ProtectSystem=strict$/m);
    const { stdout: absent } = await replay(['--explain', 'ExecPaths', '--systemd', '239']);
    expect(absent).toBe('ExecPaths= is not set: systemd 239 has none (it came with 248).');
  });

  it('knows the keys that come with a directive', async () => {
    const { stdout: denied } = await replay(['--explain', 'ipaddressallow', '--network']);
    expect(denied).toMatch(/^IPAddressAllow= comes with IPAddressDeny=\.\n\nIPAddressDeny: /);
    const { stdout: group } = await replay(['--explain', 'Group']);
    expect(group).toMatch(/^Group= comes with User=\.\n\nUser= is not set: /);
  });

  it.each([
    ['ProcSubset', 'not at --level balanced'],
    ['RestrictNetworkInterfaces', 'only with --network'],
    ['DevicePolicy', 'PrivateDevices= closes the same'],
    ['MountAPIVFS', 'only with --confine'],
    ['SystemCallLog', 'only in a dry run (--on-deny log)'],
    ['Delegate', 'no control group was made or changed'],
  ])('%s: %s', async (directive, why) => {
    const { stdout } = await replay(['--explain', directive, '--systemd', '252']);
    expect(stdout).toBe(`${directive}= is not set: ${why}.`);
  });

  it('names the nearest directives for one that is none', async () => {
    const { status, stdout, stderr } = await replay(['--explain', 'ReadWritePath']);
    expect({ status, stdout, sentence: isSentence(stderr) }).toEqual({
      status: 1,
      stdout: '',
      sentence: true,
    });
    expect(stderr).toMatch(/did you mean ReadWritePaths\?/);
  });
});

it('--no-comments leaves the settings as they are, and the summary, too', async () => {
  const [bare, explained] = await Promise.all([replay(['--no-comments']), replay([])]);
  const settings = (text: string) => text.split('\n').filter((line) => /^[A-Z[]/.test(line));
  expect(bare.stdout).not.toMatch(/^\s*#|^$(?!\n?$)/m);
  expect(bare.stdout.split('\n')).toEqual(settings(explained.stdout));
  expect(bare.stderr).toBe(explained.stderr);
});

describe('--unit', () => {
  const unit = `[Service]
ExecStart=/usr/sbin/nginx
ProtectHome=yes
LockPersonality=yes
StateDirectory=nginx
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID
`;

  it('leaves out what the unit has, lifts nothing, and says what will not work', async () => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'web.service'), unit);
    const { status, stdout, stderr } = await replay(['--no-comments', '--unit', 'web.service'], cwd);
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/^(?:ProtectHome|LockPersonality|StateDirectory)=/m);
    expect(stdout).not.toMatch(/CAP_KILL|CAP_CHOWN/);
    expect(stdout).not.toMatch(/^(?:ReadWritePaths|BindPaths)=.*\/var\/lib\/nginx/m);
    expect(stderr).toMatch(/stays so: web\.service:6 .*CAP_CHOWN.*nginx\.strace\.gz:203/);
    expect(stderr).toMatch(/UNIT=web\.service$/m);
  });

  it('is what a check of both together agrees with', async () => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'web.service'), unit.replace(/^Capability.*\n/m, ''));
    await replay(['--unit', 'web.service', '-o', 'over.conf'], cwd);
    const checked = await run(['check', '--root', 'none', '--unit', 'web.service', 'over.conf', nginx], cwd);
    expect(checked).toMatchObject({ status: 0 });
  });

  it('is a sentence where there is none', async () => {
    const { status, stderr } = await replay(['--unit', 'nosuch.service']);
    expect({ status, sentence: isSentence(stderr) }).toEqual({ status: 1, sentence: true });
  });
});

describe.skipIf(!canScore)('the exposure (needs systemd-analyze of systemd 250)', () => {
  it('has a reason for each point that is still lost, the dearest first', async () => {
    const [text, json] = await Promise.all([replay([]), replay(['--format', 'json'])]);
    expect(text.stderr).toMatch(/Still lost, and why:\n {2}0\.\d /);
    expect(text.stderr).toMatch(/ {2}0\.\d CAP_SETGID CAP_SETUID: CAP_SETGID used: setgid .*:257/);
    const { exposure } = reportSchema.parse(JSON.parse(json.stdout));
    const losing = exposure?.losing ?? [];
    expect(losing.length).toBeGreaterThan(5);
    expect(losing.map(({ points }) => points)).toEqual(
      losing.map(({ points }) => points).sort((a, b) => b - a),
    );
    expect(losing.filter(({ reason }) => reason === '')).toEqual([]);
    expect(losing).toContainEqual(
      expect.objectContaining({ name: 'CAP_NET_BIND_SERVICE', reason: expect.stringMatching(/port 80/) }),
    );
  });
});
