import { describe, expect, test } from 'vitest';
import { judge } from '../../src/directives/judge.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { profileOf } from '../profile/reading.ts';
import { readBack } from '../samples/read-back.ts';
import { contextFor } from '../samples/sample-logs.ts';

/** What a unit lets systemd hear, and the groups, of processes and of files, that it is given. */

const start = '10 execve("/bin/d", ["/bin/d"], 0x7f /* 3 vars */) = 0';
const told = (pid: number) =>
  `${pid} sendto(3, "READY=1", 7, MSG_NOSIGNAL, {sa_family=AF_UNIX, sun_path="/run/systemd/notify"}, 21) = 7`;
const thread = '10 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD}, 88) = 11';
const child = '10 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 12';
const byFirst = profileOf([start, told(10)]);
const byThread = profileOf([start, thread, told(11)]);
const byChild = profileOf([start, child, told(12)]);
const silent = profileOf([start]);

function lines(profile: Profile, directive: string, unit?: string): string[] {
  const context = { ...contextFor(252), level: 'balanced' as const };
  const values = unit === undefined ? undefined : readBack(`[Service]\n${unit}\n`, 252).values;
  return inferSettings(profile, context, values)
    .settings.filter((setting) => setting.directive === directive)
    .flatMap(({ assignments, inForce }) =>
      assignments.flatMap(renderAssignment).map((line) => (inForce ? line : `# ${line}`)),
    );
}

function findings(profile: Profile, unit: string) {
  const { values } = readBack(`[Service]\n${unit}\n`, 252);
  return judge(values, profile, contextFor(252)).findings.map(({ directive, errno, remedy }) => [
    directive,
    errno,
    ...remedy.assignments.flatMap(renderAssignment),
  ]);
}

describe('NotifyAccess=', () => {
  test('main where the first process alone speaks to systemd, a thread of it too', () => {
    expect(lines(byFirst, 'NotifyAccess')).toEqual(['NotifyAccess=main']);
    expect(lines(byThread, 'NotifyAccess')).toEqual(['NotifyAccess=main']);
    expect(lines(byChild, 'NotifyAccess')).toEqual([]);
    expect(lines(silent, 'NotifyAccess')).toEqual([]);
  });

  test('takes back what the unit gives without need, and never gives more', () => {
    expect(lines(byFirst, 'NotifyAccess', 'NotifyAccess=all')).toEqual(['NotifyAccess=main']);
    expect(lines(byFirst, 'NotifyAccess', 'Type=notify')).toEqual([]);
    expect(lines(byFirst, 'NotifyAccess', 'NotifyAccess=main')).toEqual([]);
    expect(lines(silent, 'NotifyAccess', 'NotifyAccess=all')).toEqual([]);
  });

  test('is judged by who spoke, and by what makes systemd listen anyway', () => {
    const unheard = (words: string) => [['NotifyAccess', 'unheard by systemd', `NotifyAccess=${words}`]];
    expect(findings(byFirst, 'NotifyAccess=none')).toEqual(unheard('main'));
    expect(findings(byFirst, 'NotifyAccess=none\nType=notify')).toEqual([]);
    expect(findings(byFirst, 'NotifyAccess=none\nWatchdogSec=30')).toEqual([]);
    expect(findings(byFirst, 'NotifyAccess=exec')).toEqual([]);
    expect(findings(byChild, 'NotifyAccess=exec')).toEqual(unheard('all'));
    expect(findings(byChild, 'Type=notify')).toEqual(unheard('all'));
    expect(findings(byChild, 'Type=notify\nNotifyAccess=all')).toEqual([]);
  });
});

test('Delegate= is advice for who makes control groups', () => {
  const makes = profileOf([start, '10 mkdir("/sys/fs/cgroup/system.slice/d.service/job", 0755) = 0']);
  expect(lines(makes, 'Delegate')).toEqual(['# Delegate=yes']);
  expect(lines(makes, 'Delegate', 'Delegate=pids')).toEqual([]);
  expect(lines(silent, 'Delegate')).toEqual([]);
});

describe('SupplementaryGroups=', () => {
  const becomes = (groups: string) =>
    profileOf([
      start,
      `10 setgroups(2, [${groups}]) = 0`,
      '10 setresgid(33, 33, 33) = 0',
      '10 setresuid(33, 33, 33) = 0',
    ]);

  test('is advice where groups beside its own are taken along to another user', () => {
    expect(lines(becomes('33, 4, 106'), 'SupplementaryGroups')).toEqual(['# SupplementaryGroups=4 106']);
    expect(lines(becomes('33'), 'SupplementaryGroups')).toEqual([]);
    expect(lines(silent, 'SupplementaryGroups')).toEqual([]);
  });

  test('emptied, it takes away what nobody knows', () => {
    const notJudged = (unit: string) =>
      judge(readBack(`[Service]\n${unit}\n`, 252).values, silent, contextFor(252)).notJudged.map(
        ({ key }) => key,
      );
    expect(notJudged('SupplementaryGroups=adm')).toEqual([]);
    expect(notJudged('SupplementaryGroups=adm\nSupplementaryGroups=')).toEqual(['SupplementaryGroups']);
  });
});
