import { describe, expect, test } from 'vitest';
import type { Level } from '../../src/directives/context.ts';
import { unwatchedCalls } from '../../src/directives/watched-calls.ts';
import { renderBare } from '../../src/emit/drop-in.ts';
import { Gatherer } from '../../src/profile/gather.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';
import { readTrace } from '../../src/trace/read-lines.ts';
import { withDebianFacts } from './file-facts-of.ts';
import { linesOf, readingOf, sampleLogs, settingsOf } from './sample-logs.ts';

/** Calls that a tracer is told to leave out must make no difference to what comes out in the end. */

const version = 252;
const unwatched = unwatchedCalls({ groups: groupsOfVersion(version), architecture: 'x86-64' });
const levels: readonly Level[] = ['balanced', 'relaxed'];

function dropInOf(profile: Profile, level: Level): string {
  return renderBare(settingsOf(profile, level, version).settings);
}

test('what is left out is most of what a busy daemon does', () => {
  expect(unwatched).toEqual(
    expect.arrayContaining([
      'read',
      'write',
      'close',
      'epoll_wait',
      'futex',
      'recvfrom',
      'writev',
      'sendfile',
    ]),
  );
  // Each of these can change a setting by itself, or the meaning of what follows.
  for (const name of [
    'openat',
    'mmap',
    'chdir',
    'umask',
    'setsid',
    'ptrace',
    'clone',
    'mount',
    'socket',
    'execve',
  ])
    expect(unwatched).not.toContain(name);
});

describe('whether such a call was seen changes no setting', () => {
  test.each(sampleLogs.map((log) => [log.name, log] as const))('%s', async (_name, log) => {
    const { profile } = await readingOf(log);
    const first = { source: 'log', line: 1 };
    const seen = Object.fromEntries(unwatched.map((name) => [name, { count: 1, first }]));
    const kept = Object.fromEntries(
      Object.entries(profile.syscalls).filter(([name]) => !unwatched.includes(name)),
    );
    for (const level of levels) {
      const all = dropInOf({ ...profile, syscalls: { ...seen, ...profile.syscalls } }, level);
      expect(dropInOf(profile, level)).toBe(all);
      expect(dropInOf({ ...profile, syscalls: kept, unwatched }, level)).toBe(all);
    }
  });
});

/** As strace writes it when it watches fewer calls. */
function withoutUnwatched(lines: readonly string[]): string[] {
  const names = new Set(unwatched);
  return lines.filter((line) => {
    const name = /^\d+ +(?:[\d:.]+ +)?(?:<\.\.\. )?([a-z0-9_]+)(?:\(| resumed>)/.exec(line)?.[1];
    return name === undefined || !names.has(name);
  });
}

function profileOf(lines: readonly string[], leftOut: readonly string[]): Profile {
  const gatherer = new Gatherer({
    source: 'log',
    how: 'traced',
    architecture: 'x86-64',
    uid: 0,
    unwatched: leftOut,
    inherited: () => ({ current: '/', root: '/', descriptors: new Map() }),
  });
  const reader = readTrace((event) => gatherer.event(event));
  for (const line of lines) reader.line(line);
  reader.end();
  return gatherer.finish(reader.tally);
}

/** One file, numbered lines, and descriptors that say what they are: as a live trace is. */
const annotated = sampleLogs.filter(({ files }) => {
  const lines = files.length === 1 ? linesOf(files[0] ?? '') : [];
  return lines.some((line) => /^\d+ +.*openat\(AT_FDCWD</.test(line));
});

describe('a trace without them comes to the same drop-in', () => {
  test('there are such logs', () => expect(annotated.map(({ name }) => name)).toContain('nginx-reload'));

  test.each(annotated.map((log) => [log.name, log] as const))('%s', (_name, { files: [file = ''] }) => {
    const lines = linesOf(file).slice(1);
    const fewer = withoutUnwatched(lines);
    expect(fewer.length).toBeLessThan(lines.length);
    const [whole, part] = [profileOf(lines, []), profileOf(fewer, unwatched)];
    expect(part.limits).toEqual(whole.limits);
    // Annotations name the file itself, calls perhaps a link to it: where nobody knows the links, two names are two files.
    for (const level of levels)
      expect(dropInOf(withDebianFacts(part), level)).toBe(dropInOf(withDebianFacts(whole), level));
  });
});
