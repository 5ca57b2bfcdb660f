import { describe, expect, test } from 'vitest';
import { judge } from '../../src/directives/judge.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { profileOf } from '../profile/reading.ts';
import { readBack } from '../samples/read-back.ts';
import { contextFor, sampleLog, settingsOf, withAndWithoutFacts } from '../samples/sample-logs.ts';

const start = '10 execve("/bin/d", ["/bin/d"], 0x7f /* 3 vars */) = 0';
const doing = (...lines: string[]) => profileOf([start, ...lines.map((line) => `10 ${line}`)]);
const creating = (path: string) => doing(`openat(AT_FDCWD, "${path}", O_WRONLY|O_CREAT, 0644) = 3`);

function inferred(profile: Profile, key: string) {
  const { settings, warnings } = settingsOf(profile, 'balanced', 252);
  const lines = settings.flatMap(({ assignments }) => assignments).flatMap(renderAssignment);
  const words = lines.flatMap((line) =>
    line.startsWith(`${key}=`) ? line.slice(key.length + 1).split(' ') : [],
  );
  return { words, warnings: warnings.join('\n') };
}

describe('a name that no unit file can hold', () => {
  test.each(['/opt/x\\ny', '/etc/b\\nc', '/usr/b\\nc'])(
    '%s: what holds it is too much, and that is said',
    (path) => {
      const { words, warnings } = inferred(creating(path), 'ReadWritePaths');
      expect(words.filter((word) => /^-?\/(?:opt|etc|usr)?$/.test(word))).toEqual([]);
      expect(warnings).toMatch(/^Writing to .+ is not granted/m);
    },
  );

  test('its directory is granted where that is no broad one, and that is said', () => {
    const { words, warnings } = inferred(creating('/srv/data/a\\nE/f'), 'ReadWritePaths');
    expect(words).toContain('/srv/data');
    expect(warnings).toContain('/srv/data');
    expect(warnings).not.toContain('is not granted');
  });
});

describe('what a reboot takes away', () => {
  test.each(['/tmp/run-me', '/run/q'])('%s: executed, it need not be there at the start', (path) => {
    const traced = doing(`execve("${path}", ["x"], 0x7f /* 3 vars */) = 0`);
    for (const key of ['ExecPaths', 'BindReadOnlyPaths']) {
      const { words } = inferred(traced, key);
      expect(
        words.filter((word) => word.endsWith(path) && !word.startsWith('-')),
        key,
      ).toEqual([]);
    }
    expect(inferred(traced, 'ExecPaths').words).toContain(`-${path}`);
  });
});

test('with --confine nobody is warned of what is bound', async () => {
  for (const profile of await withAndWithoutFacts(sampleLog('dnsmasq'))) {
    const { warnings } = settingsOf(profile, 'balanced', 252, { confine: true });
    expect(warnings.filter((warning) => warning.includes('will not be there'))).toEqual([]);
  }
});

describe('check', () => {
  const refused = (unit: string, profile: Profile, version = 252) => {
    const { values } = readBack(`[Service]\n${unit}\n`, version);
    return judge(values, profile, contextFor(version)).findings.map(
      ({ directive, errno }) => `${directive} ${errno}`,
    );
  };
  const reading = (path: string) => doing(`openat(AT_FDCWD, "${path}", O_RDONLY) = 3`);

  test('misses what others have in /tmp, and not what the daemon made there', () => {
    expect(refused('PrivateTmp=yes', reading('/tmp/theirs'))).toEqual(['PrivateTmp ENOENT']);
    const own = doing(
      'openat(AT_FDCWD, "/tmp/own", O_WRONLY|O_CREAT, 0644) = 3',
      'openat(AT_FDCWD, "/tmp/own", O_RDONLY) = 4',
    );
    expect(refused('PrivateTmp=yes', own)).toEqual([]);
  });

  test('follows the links of a unit', () => {
    const pid = creating('/run/nginx.pid');
    expect(refused('ProtectSystem=strict\nReadWritePaths=/var/run', pid)).toEqual([]);
    expect(refused('InaccessiblePaths=/var/run', pid)).not.toEqual([]);
  });

  test('knows that resetting one list of binds resets both', () => {
    const write = creating('/var/lib/foo/f');
    const strict = 'ProtectSystem=strict\nBindPaths=/var/lib/foo';
    expect(refused(strict, write)).toEqual([]);
    expect(refused(`${strict}\nBindReadOnlyPaths=`, write)).toEqual(['ProtectSystem EROFS']);
  });

  test('knows a StateDirectory= that is read-only', () => {
    const write = creating('/var/lib/foo/f');
    expect(refused('ProtectSystem=strict\nStateDirectory=foo', write, 257)).toEqual([]);
    expect(refused('ProtectSystem=strict\nStateDirectory=foo::ro', write, 257)).not.toEqual([]);
  });

  test('lets the daemon make files in homes that are a tmpfs, until that is read-only (257)', () => {
    const makes = creating('/home/x');
    expect(refused('ProtectHome=tmpfs', makes, 252)).toEqual([]);
    expect(refused('ProtectHome=tmpfs', makes, 257)).toEqual(['ProtectHome EROFS']);
  });
});
