import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { fileSystems } from '../../src/directives/file-systems.ts';
import { judge } from '../../src/directives/judge.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import { emptyProfile } from '../../src/profile/empty-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readBack } from '../samples/read-back.ts';
import { contextFor, settingsOf } from '../samples/sample-logs.ts';

const { stdout: theirs } = await execa('systemd-analyze', ['filesystems', '--no-pager'], { reject: false });

test.skipIf(!theirs)(
  'the sets are those of systemd (skipped where it is built without BPF, and says nothing of them)',
  () => {
    const kinds = fileSystems();
    const sets = theirs?.split(/\n(?=@)/).map((block) => block.split('\n')) ?? [];
    for (const [name = '', ...lines] of sets) {
      const members = lines.flatMap((line) => /^ {4}(\w[\w.-]*) \(magic/.exec(line)?.[1] ?? []);
      expect(
        members.filter((kind) => !kinds.kindsOf(name).includes(kind)),
        name,
      ).toEqual([]);
    }
  },
);

test('what the kernel has mounted here is of the kind that the table says', () => {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const last = new Map(mounts.map(([, path = '', kind = '']) => [path, kind]));
  const wrong = fileSystems().places.filter(({ path, kinds }) => {
    const kind = last.get(path);
    return (
      kind !== undefined &&
      !fileSystems()
        .kindsOf(kind)
        .some((each) => kinds.includes(each))
    );
  });
  expect(wrong).toEqual([]);
  expect(last.get('/proc')).toBe('proc');
});

const evidence = { call: 'openat', first: { source: 'log', line: 1 }, count: 1 };
const reading = (...paths: string[]): Profile => ({
  ...emptyProfile(),
  sources: [{ name: 'log', how: 'traced', program: '/usr/sbin/daemon', architecture: 'x86-64' }],
  paths: Object.fromEntries(paths.map((path) => [path, { read: evidence }])),
});

function refused(line: string, profile: Profile, bpf?: boolean): string[] {
  const { values } = readBack(`[Service]\n${line}\n`, 257);
  const { findings } = judge(values, profile, { ...contextFor(257), bpf });
  return findings.flatMap(({ denials }) =>
    denials.map(({ behaviour }) => ('path' in behaviour ? behaviour.path : '')),
  );
}

test('files are refused by the kind of the file system on which they lie', () => {
  const all = reading('/proc/self/status', '/dev/null', '/etc/passwd', '/sys/kernel/debug/x');
  expect(refused('RestrictFileSystems=proc', all)).toEqual([
    '/dev/null',
    '/etc/passwd',
    '/sys/kernel/debug/x',
  ]);
  // devtmpfs has the magic number of tmpfs; of a disk nobody knows which kind it has.
  expect(refused('RestrictFileSystems=tmpfs @privileged-api', all)).toEqual(['/proc/self/status']);
  expect(refused('RestrictFileSystems=@known', all)).toEqual([]);
  expect(refused('RestrictFileSystems=~tmpfs ext4 debugfs', all)).toEqual([
    '/dev/null',
    '/sys/kernel/debug/x',
  ]);
  expect(refused('RestrictFileSystems=~proc\nRestrictFileSystems=proc', all)).toEqual([]);
});

test('without the BPF framework nothing is refused, and nothing is said to be', () => {
  expect(refused('RestrictFileSystems=proc', reading('/etc/passwd'), false)).toEqual([]);
  const { settings } = settingsOf(reading(), 'balanced', 252, { bpf: false });
  const setting = settings.find(({ directive }) => directive === 'RestrictFileSystems');
  expect(setting?.reason).toMatch(/here the line does nothing\.$/);
});

test('what was used of the kernel is not closed', () => {
  const linesOf = (profile: Profile) =>
    settingsOf(profile, 'balanced', 257)
      .settings.filter(({ directive }) => directive === 'RestrictFileSystems')
      .flatMap(({ assignments }) => assignments.flatMap(renderAssignment));
  expect(linesOf(reading())).toEqual([
    'RestrictFileSystems=',
    'RestrictFileSystems=~binfmt_misc bpf configfs debugfs efivarfs pstore tracefs',
  ]);
  const mounts: Profile = {
    ...reading('/sys/fs/bpf/maps', '/sys/kernel/tracing/events'),
    privileged: [{ call: 'fsopen', what: 'configfs', evidence }],
  };
  expect(linesOf(mounts)).toEqual([
    'RestrictFileSystems=',
    'RestrictFileSystems=~binfmt_misc debugfs efivarfs pstore',
  ]);
});
