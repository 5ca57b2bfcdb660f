import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { liftSettings } from '../../src/commands/service/lifted-settings.ts';
import { literalWord } from '../../src/commands/service/unit-word.ts';
import { giveName, type Tracer, wrapCommands } from '../../src/commands/service/wrapped-commands.ts';
import { directives } from '../../src/directives/registry.ts';
import { execCommands, writtenCommands } from '../../src/systemd/exec-commands.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

const tracer: Tracer = { words: ['/usr/bin/strace', '-D', '-o'], traces: '/t', bash: '/bin/bash' };

function linesOf(service: string) {
  return readUnitText(Buffer.from(`[Service]\n${service}\n`), 'unit').lines;
}

function wrapped(service: string): string[] {
  return wrapCommands(linesOf(service), tracer).lines.map(([key, text]) => `${key}=${text}`);
}

const under = (log: string) => `/usr/bin/strace -D -o /t/\${INVOCATION_ID}/${log} --`;

describe('commands under a tracer', () => {
  test('each keeps its words as they are written, and has a log of its own', () => {
    expect(wrapped(`ExecStart=-/bin/a $A "\${B} c" %i ; !/bin/b \\;\nExecStop=/bin/kill $MAINPID`)).toEqual([
      'ExecStart=',
      `ExecStart=-${under('ExecStart-1.strace')} /bin/a $A "\${B} c" %i`,
      `ExecStart=!${under('ExecStart-2.strace')} /bin/b \\;`,
      'ExecStop=',
      `ExecStop=${under('ExecStop-1.strace')} /bin/kill $MAINPID`,
    ]);
  });

  test('what an empty assignment took back is gone', () => {
    expect(wrapped('ExecStart=/bin/a\nExecStart=\nExecStart=/bin/b')).toHaveLength(2);
  });

  test('a command outside of the sandbox is left alone, and that is said', () => {
    const { lines, untraced } = wrapCommands(linesOf('ExecStartPre=+/bin/a b\nExecStart=/bin/b'), tracer);
    expect(lines[1]).toEqual(['ExecStartPre', '+/bin/a b']);
    expect(untraced).toHaveLength(1);
  });

  test('where nothing is to be expanded, our own variable is, and theirs are not', () => {
    expect(wrapped('ExecStart=:/bin/a $A $$')[1]).toBe(
      `ExecStart=${under('ExecStart-1.strace')} /bin/a $$A $$$$`,
    );
  });

  test('a command that is told another name gets it', () => {
    const [, line = ''] = wrapped('ExecStart=@/bin/a own b');
    const words = execCommands(linesOf(line)).flatMap((command) => command.words);
    expect(words.slice(-7)).toEqual([
      '/bin/bash',
      '-p',
      '-c',
      giveName.replaceAll('$', '$$$$'),
      'own',
      '/bin/a',
      'b',
    ]);
  });

  test('any word is written so that systemd reads that word', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab "\'\\$%{}; \t\n#=é') });
    fc.assert(
      fc.property(word, (text) => {
        const [read] = writtenCommands(`x ${literalWord(text)}`);
        const meant = read?.[1]?.word.replaceAll('%%', '%').replaceAll('$$', '$');
        expect(read).toHaveLength(2);
        expect(meant).toBe(text);
      }),
    );
  });
});

describe('the sandbox of a unit', () => {
  test('is lifted where the unit sets it, and only there', () => {
    const lines = linesOf('ProtectSystem=strict\nReadWriteDirectories=/a\nUser=x\nCapabilityBoundingSet=\n');
    expect(liftSettings(lines, 'a.service')).toEqual([
      ['ProtectSystem', 'no'],
      ['ReadWritePaths', ''],
    ]);
  });

  test('keeps binds that bring something to another place', () => {
    const lines = linesOf('BindPaths=/a\nBindReadOnlyPaths=/b:/c\n');
    expect(liftSettings(lines, 'a.service')).toEqual([
      ['BindPaths', ''],
      ['BindReadOnlyPaths', '/b:/c'],
    ]);
  });

  /** Settings that say as whom and where a daemon runs, whom systemd hears, or only what it leaves behind. */
  const context = new Set(
    `AmbientCapabilities CapabilityBoundingSet CacheDirectory ConfigurationDirectory Delegate DynamicUser LoadCredential LogsDirectory
    MountAPIVFS NotifyAccess RemoveIPC RootDirectory RootImage RuntimeDirectory SecureBits StateDirectory SupplementaryGroups UMask User`.split(
      /\s+/,
    ),
  );

  test.each(directives.map(({ name }) => name).filter((name) => !context.has(name)))(
    '%s is lifted',
    (name) => {
      const lifted = liftSettings(linesOf(`${name}=yes`), 'a.service').map(([key]) => key);
      expect(lifted).toContain(name === 'BindReadOnlyPaths' ? 'BindPaths' : name);
    },
  );
});
