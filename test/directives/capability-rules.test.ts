import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { needOfCall, needsAtPlace } from '../../src/directives/capability-rules.ts';
import { acts } from '../../src/profile/acts.ts';
import { capabilityNames } from '../../src/profile/capabilities.ts';
import { allCalls } from '../../src/syscall-groups/architectures.ts';

/** The tables that say what the kernel asks for. That they are right is held against a kernel: test/conformance/probes/capabilities.ts */

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../src/directives/data/${name}.json`, import.meta.url), 'utf8'));

const pattern = z.string().refine((text) => new RegExp(text) !== undefined);
const need = {
  needs: z.array(z.enum(capabilityNames)),
  instead: z.array(z.enum(capabilityNames)).min(1).optional(),
  errno: z
    .string()
    .regex(/^(?:E[A-Z]+|[a-z][a-z -]+ [a-zA-Z -]+)$/)
    .optional(),
  certain: z.literal(true).optional(),
  source: z.url({ protocol: /^https$/ }),
};
const ofCalls = z
  .array(
    z.strictObject({
      calls: z.array(z.string()).min(1),
      what: pattern.optional(),
      ...need,
      why: z
        .string()
        .regex(/^[A-Z].*\.$/)
        .optional(),
    }),
  )
  .parse(read('capabilities-of-calls'));
const ofPlaces = z
  .array(
    z.strictObject({
      path: pattern.refine((text) => /^\^\/(?:proc|sys|dev)\/.*\$$/.test(text)),
      acts: z.array(z.enum(acts)).min(1),
      ...need,
    }),
  )
  .parse(read('capabilities-of-places'));

test('each call has a name, and each rule comes to its turn', () => {
  const known = new Set([...allCalls(), 'nice', 'stime']);
  expect(ofCalls.flatMap(({ calls }) => calls).filter((name) => !known.has(name))).toEqual([]);
  const whole = new Set<string>();
  for (const { calls, what } of ofCalls) {
    expect(calls.filter((name) => whole.has(name))).toEqual([]);
    if (what === undefined) for (const name of calls) whole.add(name);
  }
});

test('what needs nothing says why', () => {
  for (const { needs, why, calls } of ofCalls)
    expect(needs.length > 0 || why !== undefined, calls.join()).toBe(true);
});

describe('the first rule that fits decides', () => {
  const cases: [string, string, string[]][] = [
    ['ioctl', 'SIOCSIFFLAGS', ['CAP_NET_ADMIN']],
    ['ioctl', 'SIOCSPGRP', []],
    ['ioctl', 'immutable or append-only', ['CAP_LINUX_IMMUTABLE']],
    ['ioctl', 'BLKRRPART', ['CAP_SYS_ADMIN']],
    ['ioctl', 'RTC_SET_TIME', ['CAP_SYS_TIME']],
    ['ioctl', 'RTC_WKALM_SET', []],
    ['ioctl', 'TIOCSTI', ['CAP_SYS_ADMIN']],
    ['ioctl', 'VT_ACTIVATE', ['CAP_SYS_TTY_CONFIG']],
    ['ioctl', 'SG_IO', ['CAP_SYS_RAWIO']],
    ['sendto', 'NETLINK_ROUTE RTM_NEWROUTE', ['CAP_NET_ADMIN']],
    ['sendmsg', 'NETLINK_AUDIT user message', ['CAP_AUDIT_WRITE']],
    ['sendto', 'NETLINK_AUDIT AUDIT_ADD_RULE', ['CAP_AUDIT_CONTROL']],
    ['sendto', 'NETLINK_USERSOCK to others', []],
    ['bind', 'NETLINK_AUDIT groups', ['CAP_AUDIT_READ']],
    ['bind', 'NETLINK_ROUTE groups', []],
    ['setsockopt', 'NETLINK_NETFILTER groups', ['CAP_NET_ADMIN']],
    ['sched_setscheduler', 'SCHED_FIFO|SCHED_RESET_ON_FORK', ['CAP_SYS_NICE']],
    ['setns', 'CLONE_NEWNS', ['CAP_SYS_ADMIN', 'CAP_SYS_CHROOT']],
    ['unshare', 'CLONE_NEWUSER', []],
    ['kill', 'its own group', []],
    ['bpf', 'BPF_PROG_LOAD BPF_PROG_TYPE_XDP', ['CAP_BPF', 'CAP_NET_ADMIN']],
    ['bpf', 'BPF_MAP_CREATE', ['CAP_BPF']],
    ['shmctl', "IPC_RMID of another user's object", ['CAP_SYS_ADMIN']],
    ['fsetxattr', 'trusted', ['CAP_SYS_ADMIN']],
  ];
  test.each(cases)('%s %s', (call, what, needs) =>
    expect(needOfCall(call, what)?.needs ?? []).toEqual(needs),
  );

  test('for others than these there is no rule', () => {
    for (const [call, what] of [
      ['read', ''],
      ['ptrace', 'PTRACE_TRACEME'],
      ['sched_setattr', 'SCHED_OTHER'],
    ])
      expect(needOfCall(call ?? '', what ?? '')).toBeUndefined();
  });
});

test('a place of the kernel asks by its name, for what is done there', () => {
  expect(ofPlaces.length).toBeGreaterThan(10);
  const names = (path: string, act: string) => needsAtPlace(path, act).flatMap(({ needs }) => needs);
  expect(names('/proc/kmsg', 'read')).toEqual(['CAP_SYSLOG']);
  expect(names('/proc/kmsg', 'stat')).toEqual([]);
  expect(names('/proc/1/exe', 'stat')).toEqual(['CAP_SYS_PTRACE']);
  expect(names('/proc/1/task/3/environ', 'read')).toEqual(['CAP_SYS_PTRACE']);
  expect(names('/proc/1/stat', 'read')).toEqual([]);
  expect(names('/proc/self/environ', 'read')).toEqual([]);
  expect(names('/proc/self/oom_score_adj', 'write')).toEqual(['CAP_SYS_RESOURCE']);
  expect(names('/home/proc/1/exe', 'stat')).toEqual([]);
});
