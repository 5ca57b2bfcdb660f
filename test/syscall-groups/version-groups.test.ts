import { expect, test } from 'vitest';
import { groupsOfHost, parseGroupListing } from '../../src/syscall-groups/host-groups.ts';
import { groupsOfVersion, knownVersions } from '../../src/syscall-groups/version-groups.ts';
import { hostSystemd } from '../../src/systemd/host-version.ts';

const installed = await hostSystemd();
const host = installed === undefined ? undefined : await groupsOfHost(installed.version);

test('every known version has its groups, all of whose nested groups exist', () => {
  expect(knownVersions()).toContain(239);
  for (const version of knownVersions()) {
    const groups = groupsOfVersion(version);
    expect(groups.names().length).toBeGreaterThan(20);
    expect(groups.members('@system-service').size).toBeGreaterThan(250);
    expect(groups.names().includes('@sandbox')).toBe(version >= 254);
    expect(groups.names().includes('@known')).toBe(version >= 247);
    for (const group of groups.names()) {
      expect(groups.members(group).size).toBeGreaterThan(0);
      for (const nested of groups.nested(group)) expect(groups.names()).toContain(nested);
    }
  }
});

test('a version between two known ones has the groups of the lower one, an ancient one those of 239', () => {
  const newest = knownVersions().at(-1) ?? 0;
  expect(groupsOfVersion(newest + 5).members('@mount')).toEqual(groupsOfVersion(newest).members('@mount'));
  expect(groupsOfVersion(newest + 5).source).toContain(`taken to be as ${newest}`);
  expect(groupsOfVersion(219).members('@aio')).toEqual(groupsOfVersion(239).members('@aio'));
});

test('the changes that matter to a filter fall into the right version', () => {
  const holds = (version: number, group: string, name: string) =>
    groupsOfVersion(version).members(group).has(name);
  expect([246, 247].map((version) => holds(version, '@default', 'mmap'))).toEqual([false, true]);
  expect([253, 254].map((version) => holds(version, '@sandbox', 'seccomp'))).toEqual([false, true]);
  expect([257, 258].map((version) => holds(version, '@mount', 'open_tree'))).toEqual([true, false]);
  expect([245, 246].map((version) => holds(version, '@file-system', 'openat2'))).toEqual([false, true]);
});

// What Debian's stable updates of 252 brought in from later versions.
const backported252: Record<string, string[]> = {
  '@default': ['futex_waitv', 'riscv_hwprobe', 'uretprobe'],
  '@file-system': ['fchmodat2'],
  '@privileged': ['quotactl_fd'],
  '@resources': ['set_mempolicy_home_node'],
  '@system-service': [
    'arm_fadvise64_64',
    'fchmodat2',
    'futex_waitv',
    'riscv_hwprobe',
    'set_mempolicy_home_node',
    'uretprobe',
  ],
};

// Oracle: the installed systemd. Elsewhere than on 252 the table of backports says nothing.
test.skipIf(host?.version !== 252)('the table of 252 is what a systemd 252 lists, backports aside', () => {
  const table = groupsOfVersion(252);
  expect(host?.names()).toEqual(table.names());
  for (const group of table.names()) {
    if (group === '@known') continue;
    const expected = new Set([...table.members(group), ...(backported252[group] ?? [])]);
    expect([...(host?.members(group) ?? [])].sort(), group).toEqual([...expected].sort());
  }
});

test('headings, descriptions and calls without a group are no members', () => {
  const listing = [
    '@one',
    '    # About one',
    '    read',
    '    @two',
    '',
    '@two',
    '    # About two',
    '    write',
    '',
    '# Ungrouped System Calls (known but not included in any of the groups except @known):',
    '#   syslog',
    '    stray',
    '# Unlisted System Calls (supported by the local kernel, but not included in any of the groups listed above):',
    '#   fresh',
  ].join('\n');
  expect(parseGroupListing(listing)).toEqual(
    new Map([
      ['@one', ['read', '@two']],
      ['@two', ['write']],
    ]),
  );
});

test('a host without systemd-analyze has no groups', async () => {
  expect(await groupsOfHost(252, async () => undefined)).toBeUndefined();
  expect(await groupsOfHost(252, async () => 'systemd 252 (252.1)')).toBeUndefined();
});
