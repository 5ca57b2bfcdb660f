import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allCalls } from '../../src/syscall-groups/architectures.ts';
import { dangerous, refusable } from '../../src/syscall-groups/dangerous.ts';
import { generalise } from '../../src/syscall-groups/generalise.ts';
import { withSiblings } from '../../src/syscall-groups/siblings.ts';
import { groupsOfVersion, knownVersions } from '../../src/syscall-groups/version-groups.ts';

const anyGroups = fc.constantFrom(...knownVersions().map(groupsOfVersion));
const anySeen = fc.subarray(allCalls(), { maxLength: 40 }).map((names) => new Set(names));
const groups = groupsOfVersion(252);
const newest = groupsOfVersion(999);

interface Entry {
  seen?: string;
  calls: string;
  because: string;
}
const entries = ['siblings', 'harmless', 'dangerous'].flatMap((name) => {
  const file = new URL(`../../src/syscall-groups/data/${name}.json`, import.meta.url);
  const lists = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string | Entry[]>);
  return lists.flatMap((list) => (typeof list === 'string' ? [] : list));
});

test('every name in the tables is a system call or a group, and every entry has a reason', () => {
  const calls = new Set(allCalls());
  const names = new Set([...newest.names(), ...groups.names()]);
  for (const { seen, calls: list, because } of entries) {
    expect(because.length).toBeGreaterThan(5);
    for (const word of `${seen ?? ''} ${list}`.split(' ').filter(Boolean)) {
      // The old stat calls are in the kernel's headers of single architectures only.
      expect(
        word.startsWith('@') ? names.has(word) : calls.has(word) || newest.members('@known').has(word),
        word,
      ).toBe(true);
    }
  }
});

test('siblings of siblings are siblings, and nothing that was seen is lost', () => {
  fc.assert(
    fc.property(anySeen, (seen) => {
      const closed = withSiblings(seen);
      expect([...seen].every((name) => closed.has(name))).toBe(true);
      expect(withSiblings(closed)).toEqual(closed);
    }),
  );
});

test('no sibling of an ordinary call is privileged, a resource call or dangerous', () => {
  const sensitive = new Set([
    ...['@privileged', '@resources', '@setuid'].flatMap((group) => [...newest.members(group)]),
    ...dangerous(newest).flatMap(({ calls }) => calls),
  ]);
  for (const name of allCalls()) {
    if (sensitive.has(name)) continue;
    // sigprocmask's oldest form lies in @obsolete; it changes nothing but the caller's own mask.
    const worse = [...withSiblings([name])].filter(
      (each) => sensitive.has(each) && !/^s[gs]etmask$/.test(each),
    );
    expect(worse, name).toEqual([]);
  }
});

test('more seen, more granted', () => {
  fc.assert(
    fc.property(anyGroups, anySeen, anySeen, (version, seen, more) => {
      const both = generalise(new Set([...seen, ...more]), version);
      expect([...generalise(seen, version)].filter((name) => !both.has(name))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('what another run needs is granted though it was not seen', () => {
  const granted = generalise(new Set(['openat', 'accept4', 'clone3']), groups);
  for (const name of words(
    'rt_sigprocmask tgkill splice sendfile fallocate mremap madvise eventfd2 accept clone',
  )) {
    expect(granted.has(name), name).toBe(true);
  }
  for (const name of words(
    'setsockopt epoll_pwait2 seccomp landlock_create_ruleset faccessat2 statx unlinkat fsync',
  )) {
    expect(granted.has(name), name).toBe(true);
  }
});

test('what is rare, privileged or dangerous is granted only when it was seen', () => {
  fc.assert(
    fc.property(anyGroups, (version) => {
      const granted = generalise(new Set(['openat', 'accept4', 'clone3']), version);
      const held =
        'memfd_create io_uring_setup userfaultfd process_vm_writev ptrace bpf keyctl setns unshare mount chroot';
      const more =
        'personality chown setuid setgid setrlimit sched_setscheduler mlock name_to_handle_at mknod open_tree';
      for (const name of words(`${held} ${more}`))
        expect(granted.has(name), `${name} on ${version.source}`).toBe(false);
    }),
  );
  expect(generalise(new Set(['memfd_create']), groups).has('memfd_create')).toBe(true);
  const chown = generalise(new Set(['chown']), groups);
  expect(words('fchown fchownat lchown').every((name) => chown.has(name))).toBe(true);
  expect(words('setuid capset mount acct').some((name) => chown.has(name))).toBe(false);
  expect(generalise(new Set(['setrlimit']), groups).has('setpriority')).toBe(false);
});

test('a client is not granted what a server needs', () => {
  const client = generalise(new Set(['socket', 'connect']), groups);
  expect(words('bind listen accept accept4').filter((name) => client.has(name))).toEqual([]);
});

test('relaxed refuses nothing that was seen or that @default holds', () => {
  fc.assert(
    fc.property(anyGroups, anySeen, (version, seen) => {
      const refused = refusable(seen, version);
      expect(
        [...refused.keys()].filter((name) => seen.has(name) || version.members('@default').has(name)),
      ).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

function words(text: string): string[] {
  return text.split(' ');
}

test('relaxed lets a danger go whole once one of its calls was seen, and no other one', () => {
  const refused = (...seen: string[]) => refusable(new Set(seen), groups);
  expect(refused('mount').has('umount2')).toBe(false);
  expect(refused('adjtimex').has('clock_settime')).toBe(false);
  expect(refused('adjtimex').has('ptrace')).toBe(true);
  expect(refused('chroot').has('mount')).toBe(true);
  expect(refused('ptrace').has('perf_event_open')).toBe(true);
});

test('on an old systemd every daemon still gets what newer ones always allow', () => {
  for (const version of knownVersions()) {
    const old = groupsOfVersion(version);
    const granted = new Set([...generalise(new Set(), old), ...old.members('@default')]);
    const missing = [...newest.members('@default')].filter((name) => old.known(name) && !granted.has(name));
    expect(missing, old.source).toEqual([]);
  }
});
