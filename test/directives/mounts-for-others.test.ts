import { expect, test } from 'vitest';
import { unitSettings } from '../../src/commands/unit-settings.ts';
import { judge } from '../../src/directives/judge.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { profileOf } from '../profile/reading.ts';
import { contextFor, settingsOf } from '../samples/sample-logs.ts';

/** A daemon that mounts for others: which lines hide that was held against a running systemd (test/conformance/probes/mounts-for-others.ts). */

const start = '100 execve("/bin/d", ["d"], 0x7ffe /* 3 vars */) = 0';
const mount = '100 mount("none", "/media/x", "tmpfs", 0, NULL) = 0';
const umount = '100 umount2("/media/x", 0) = 0';
const forOthers = profileOf([start, mount, umount]);

function judged(text: string, profile = forOthers) {
  const source = {
    name: 'a.conf',
    includes: [],
    ...readUnitText(Buffer.from(`[Service]\n${text}`), 'a.conf'),
  };
  const context = contextFor(252, 'balanced');
  return judge(unitSettings(source, context).values, profile, context).findings;
}

test('a drop-in for it says that nobody will see its mounts any more, and which lines do that', () => {
  const { settings, warnings } = settingsOf(forOthers, 'balanced', 252);
  const [warning = ''] = warnings.filter((each) => each.includes('others see it'));
  expect(warning).toContain('mount, umount2; "log", line 2');
  for (const { directive, ownsMounts } of settings)
    expect(warning.includes(` ${directive}=`)).toBe(ownsMounts);
  expect(settings.map(({ directive }) => directive)).not.toContain('PrivateMounts');
});

test('what is mounted in a namespace of its own nobody was to see: nothing is said, and PrivateMounts= is set', () => {
  const own = profileOf([start, '100 unshare(CLONE_NEWNS) = 0', mount, umount]);
  const { settings, warnings } = settingsOf(own, 'balanced', 252);
  expect(warnings.join()).not.toContain('others see it');
  expect(settings.map(({ directive }) => directive)).toContain('PrivateMounts');
  expect(judged('ProtectSystem=full\nPrivateTmp=yes', own)).toEqual([]);
});

test('flags that are changed, and mounts that failed, are no mounts', () => {
  const changed = profileOf([
    start,
    '100 mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL) = 0',
    '100 mount("none", "/media/x", "tmpfs", 0, NULL) = -1 EBUSY (Device or resource busy)',
  ]);
  expect(settingsOf(changed, 'balanced', 252).warnings.join()).not.toContain('others see it');
});

test('check tells of every line that hides them in one finding', () => {
  const [finding, ...others] = judged(
    'PrivateTmp=yes\nProtectClock=yes\nInaccessiblePaths=-/etc/shadow\nStateDirectory=x',
  );
  expect(others).toEqual([]);
  expect(finding?.denials.map(({ behaviour }) => behaviour.evidence.call)).toEqual(['mount', 'umount2']);
  expect(finding?.remedy.assignments.map(({ key }) => key).sort()).toEqual([
    'InaccessiblePaths',
    'PrivateTmp',
  ]);
  expect(judged('StateDirectory=x\nProtectClock=yes\nNoNewPrivileges=yes')).toEqual([]);
});
