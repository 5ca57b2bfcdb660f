import { expect, test } from 'vitest';
import { attacks } from '../../src/attacks/attack-table.ts';
import { compare } from '../../src/attacks/compare.ts';
import { explainOpen } from '../../src/attacks/explain.ts';
import { readResults } from '../../src/attacks/result.ts';
import type { Setting } from '../../src/directives/directive.ts';
import type { Grant } from '../../src/directives/grant.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';

const target = { systemd: 252, bpf: false, groups: groupsOfVersion(252) };
const all = attacks().map(({ id }) => id);

function setting(directive: string, value: string, more: Partial<Grant> = {}): Setting {
  return {
    directive,
    reason: 'a reason',
    grants: [{ value, witnesses: [], reason: 'a reason', review: undefined, ...more }],
    warnings: [],
    left: [],
    assignments: [],
    inForce: true,
    mounts: [],
    ownsMounts: false,
    denies: () => undefined,
    keeps: () => true,
    remedy: () => ({ how: 'add', assignment: { key: directive, words: [], style: 'plain' } }),
  };
}
const seen = { call: 'chown', subject: '/run/x', first: { source: 'a.strace', line: 7 }, count: 2 };
const whyOf = (id: string, settings: Setting[]) => explainOpen([id], settings, target)[0]?.why;

test('without any setting each attack names the lines that would close it, or that none of this version does', () => {
  for (const { id, why, wouldClose } of explainOpen(all, [], target)) {
    expect(why, id).toMatch(/^(Not set: \w+=|No directive of systemd 252 closes it)/);
    expect(wouldClose.length > 0, id).toBe(why.startsWith('Not set'));
  }
});

test('there is a directive for each attack', () => {
  const never = explainOpen(all, [], target).filter(({ wouldClose }) => wouldClose.length === 0);
  expect(never.map(({ id }) => id)).toEqual([]);
});

test('a grant with a witness is named with the line of the log', () => {
  const settings = [setting('CapabilityBoundingSet', 'CAP_CHOWN', { witnesses: [seen] })];
  expect(whyOf('give-file-away', settings)).toBe(
    'CapabilityBoundingSet= grants CAP_CHOWN: chown(/run/x) at a.strace:7.',
  );
});

test('a grant without a witness is named with its reason', () => {
  const settings = [setting('RestrictAddressFamilies', 'AF_INET', { reason: 'it serves' })];
  expect(whyOf('listen-high-port', settings)).toBe('RestrictAddressFamilies= grants AF_INET: it serves');
});

test('a directory that is writable leaves open what lies in it, and a group of calls what is in the group', () => {
  expect(whyOf('write-run', [setting('ReadWritePaths', '/run', { witnesses: [seen] })])).toContain(
    'ReadWritePaths= grants /run',
  );
  expect(whyOf('process-signal-root', [setting('SystemCallFilter', '@system-service')])).toContain(
    'SystemCallFilter= grants @system-service',
  );
});

test('a directory in which it goes for something else leaves it closed, and one above what it goes for open', () => {
  expect(whyOf('read-foreign-state', [setting('ReadWritePaths', '-/var/lib/redis')])).toMatch(/^Not set/);
  expect(whyOf('read-foreign-state', [setting('BindPaths', '/var/lib')])).toContain(
    'BindPaths= grants /var/lib',
  );
  expect(whyOf('write-foreign-state', [setting('StateDirectory', 'decoy')])).toContain(
    'StateDirectory= grants decoy',
  );
});

test('a program is run by the name that it has where a link leads', () => {
  const dash = { ...target, realPath: (path: string) => (path === '/bin/sh' ? '/usr/bin/dash' : path) };
  const settings = [setting('ExecPaths', '/usr/bin/dash', { witnesses: [seen] })];
  expect(explainOpen(['run-sh', 'run-bash'], settings, dash).map(({ because }) => because)).toEqual([
    'evidence',
    'not set',
  ]);
});

test('that other calls of a group were seen is no evidence for the one that an attack makes', () => {
  const group = setting('SystemCallFilter', '@system-service', { witnesses: [{ ...seen, call: 'execve' }] });
  const open = (calls: Record<string, number>) =>
    explainOpen(['process-signal-root'], [group], {
      ...target,
      seen: (call) => (call in calls ? { source: 'a.strace', line: calls[call] ?? 0 } : undefined),
    })[0];
  expect(open({ execve: 1 })).toMatchObject({
    because: 'reason',
    why: expect.stringContaining('kill with it'),
  });
  expect(open({ kill: 9 })).toMatchObject({
    because: 'evidence',
    why: expect.stringContaining('a.strace:9'),
  });
});

test('what every allow list has is said to be in it; what a later line takes out is not granted', () => {
  const filter = setting('SystemCallFilter', '@basic-io');
  expect(whyOf('process-limits', [filter])).toContain('@default');
  const assignments = [{ key: 'SystemCallFilter', words: ['~kill', 'prlimit64'], style: 'plain' as const }];
  expect(whyOf('process-limits', [{ ...filter, assignments }])).toMatch(/^Not set/);
});

test('what could have been taken away, and was left, says why', () => {
  const left = [{ value: '/srv', witnesses: [], reason: 'used by the daemon', review: undefined }];
  const settings = [{ ...setting('InaccessiblePaths', '-/boot'), left }];
  expect(whyOf('read-srv', settings)).toBe('InaccessiblePaths= leaves /srv alone: used by the daemon');
  expect(whyOf('read-boot', settings)).toMatch(/^Not set/);
});

test('where no setting says it, what speaks against a directive does', () => {
  const against = (name: string) => (name === 'PrivateNetwork' ? 'it serves' : undefined);
  expect(explainOpen(['connect-elsewhere'], [], { ...target, against })[0]).toMatchObject({
    because: 'reason',
    why: 'PrivateNetwork= is not set: it serves.',
  });
});

test('a grant of another directive or place is not blamed', () => {
  expect(whyOf('give-file-away', [setting('CapabilityBoundingSet', 'CAP_KILL')])).toMatch(/^Not set/);
  expect(whyOf('write-home', [setting('ReadWritePaths', '/run')])).toMatch(/^Not set/);
});

test('a directive that is set to another value says why', () => {
  const other = setting('ProtectProc', 'invisible');
  other.assignments = [{ key: 'ProtectProc', words: ['invisible'], style: 'plain' }];
  expect(whyOf('process-list-root', [{ ...other, reason: 'a helper looks' }])).toBe(
    'ProtectProc=invisible: a helper looks',
  );
});

test('what hides places is no grant of them', () => {
  expect(whyOf('read-foreign-run', [setting('InaccessiblePaths', '-/run/credentials')])).toMatch(/^Not set/);
  expect(whyOf('read-srv', [setting('ExecPaths', '/srv/x')])).toMatch(/^Not set/);
});

test('a later version, or one with BPF, closes more', () => {
  const [open] = explainOpen(['listen-high-port'], [], target);
  expect(open?.wouldCloseElsewhere).toContain('SocketBindDeny=any');
  expect(explainOpen(['listen-high-port'], [], { ...target, bpf: true })[0]?.wouldClose).toContain(
    'SocketBindDeny=any',
  );
  expect(explainOpen(['process-signal-root'], [], { ...target, systemd: 257 })[0]?.wouldClose).toContain(
    'PrivatePIDs=yes',
  );
});

test('what a killed probe was trying is read as interrupted', () => {
  const line = (text: string) => text.padEnd(127).concat('\n');
  const bytes = Buffer.from(
    `${line('n')}${line('{"id":"a","outcome":"open","detail":""}')}${line('{"id":"b","outcome":"started","detail":""}')}`,
  );
  expect(readResults(Buffer.concat([bytes, Buffer.alloc(256)]))).toEqual({
    results: [
      { id: 'a', outcome: 'open', detail: '' },
      { id: 'b', outcome: 'closed', detail: '' },
    ],
    isInterrupted: true,
  });
});

test('what a sandbox opens is found', () => {
  const open = (id: string) => ({ id, outcome: 'open', detail: '' }) as const;
  const closed = (id: string) => ({ id, outcome: 'closed', detail: 'EPERM' }) as const;
  expect(compare([open('a'), closed('b')], [closed('a'), open('b')])).toMatchObject({
    closed: ['a'],
    opened: ['b'],
  });
});
