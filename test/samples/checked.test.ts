import { describe, expect, test } from 'vitest';
import { levels } from '../../src/directives/context.ts';
import type { Setting } from '../../src/directives/directive.ts';
import { judge } from '../../src/directives/judge.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import { renderAssignment } from '../../src/emit/drop-in.ts';
import { readBack, textOf } from './read-back.ts';
import { contextFor, sampleLogs, settingsOf, versions, withAndWithoutFacts } from './sample-logs.ts';
import { silentOnes } from './warned-of.ts';

/** What is written, read back as somebody else's would be: a second way through everything that plugins know. */

const each = sampleLogs.map((log) => [log.name, log] as const);

describe('a drop-in that was written denies nothing of its own log', () => {
  test.each(each)('%s', async (_name, log) => {
    const read = await withAndWithoutFacts(log);
    for (const [atLevel, level] of levels.entries()) {
      for (const [atVersion, version] of versions.entries()) {
        // With and without the machine's files by turns: each level meets each version with both, over the logs.
        const at = (atLevel + atVersion + sampleLogs.indexOf(log)) % read.length;
        for (const profile of read.slice(at, at + 1)) {
          const { settings, warnings } = settingsOf(profile, level, version);
          const { values, ignored, unclear } = readBack(textOf(settings, version), version);
          const where = `${level}, systemd ${version}`;
          expect({ ignored, unclear }, where).toEqual({ ignored: [], unclear: [] });
          const { findings, notJudged } = judge(values, profile, contextFor(version));
          const denials = findings.flatMap((finding) => finding.denials);
          expect(silentOnes(denials, warnings), where).toEqual([]);
          expect(notJudged, where).toEqual([]);
        }
      }
    }
  });
});

/** Lists in which each word at minimal stands for something that was seen; those of other directives follow from these. */
const lists = /^(?:SystemCallFilter|RestrictAddressFamilies|CapabilityBoundingSet|ReadWritePaths)=(?!~)\S/;

/** An allow list of families that names none is `none`; the empty assignment above the others says already that nothing is left. */
function without(key: string, words: readonly string[], word: string): string {
  const rest = words.filter((each) => each !== word);
  if (rest.length > 0) return `${key}=${rest.join(' ')}`;
  return key === 'RestrictAddressFamilies' ? `${key}=none` : '';
}

function withoutPath(line: string, path: string): string {
  const [, key, value] = /^(NoExecPaths|ExecPaths|BindReadOnlyPaths|ReadOnlyPaths)=(.+)$/.exec(line) ?? [];
  if (key === undefined || value === undefined) return line;
  const bare = (word: string) => word.replace(/^-/, '');
  const rest = value.split(' ').filter((word) => bare(word) !== bare(path));
  return rest.length === 0 ? '' : `${key}=${rest.join(' ')}`;
}

describe('without one of its entries it denies something', () => {
  test.each(each)('%s', async (_name, log) => {
    const read = await withAndWithoutFacts(log);
    // With and without the machine's files by turns, too.
    const at = sampleLogs.indexOf(log) % read.length;
    for (const profile of read.slice(at, at + 1)) {
      const version = 252;
      const { settings } = settingsOf(profile, 'minimal', version);
      const asked = new Set(
        settings.flatMap(({ grants }) =>
          grants.filter(({ witnesses }) => witnesses.length > 0).map(({ value }) => value),
        ),
      );
      const lines = textOf(settings, version).split('\n');
      const idle: string[] = [];
      for (const [at, line] of lines.entries()) {
        if (!lists.test(line)) continue;
        const key = line.slice(0, line.indexOf('='));
        const words = line.slice(key.length + 1).split(' ');
        for (const word of words.filter((each) => asked.has(each))) {
          const changed = lines.map((other, where) => (where === at ? without(key, words, word) : other));
          // A path stands in other lists for this one's sake: it goes from all of them.
          const left = word.includes('/') ? changed.map((other) => withoutPath(other, word)) : changed;
          // What isn't granted of /run is read-only by name: ProtectSystem=strict alone may leave it writable.
          if (word === '/run') left.push('ReadOnlyPaths=-/run');
          const text = left.join('\n');
          const { values } = readBack(text, version);
          if (judge(values, profile, contextFor(version)).findings.length === 0) idle.push(`${key}=${word}`);
        }
      }
      expect(idle).toEqual([]);
    }
  });
});

describe('what a finding says to add lets it through', () => {
  /** Written by hand in the manner of many guides: as strict as can be, whatever the daemon needs. */
  const strict = `[Service]
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateIPC=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
CapabilityBoundingSet=
NoNewPrivileges=yes
RestrictNamespaces=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX
SystemCallArchitectures=native
SystemCallFilter=@basic-io @process
NoExecPaths=/
`;

  test.each(each)('%s', async (_name, log) => {
    for (const profile of await withAndWithoutFacts(log)) {
      for (const version of [247, 257]) {
        let text = strict;
        let left: string[] = [];
        // A file that can be written again may have to be executable, too: what is said may have to be followed twice.
        for (let round = 0; round < 4; round++) {
          const { values } = readBack(text, version);
          const { findings } = judge(values, profile, contextFor(version));
          left = findings.map(({ directive, errno, below }) => `${directive} ${errno} ${below}`);
          const lines = findings.flatMap(({ remedy }) =>
            remedy.how === 'add' ? remedy.assignments.flatMap(renderAssignment) : [],
          );
          if (lines.length === 0) break;
          text += `${lines.join('\n')}\n`;
        }
        expect(left, `systemd ${version}`).toEqual([]);
      }
    }
  });
});

describe('over a unit nothing is refused but what the unit alone refuses', () => {
  const units = [
    '[Service]\nProtectSystem=full\nProtectHome=yes\nStateDirectory=nginx\nRuntimeDirectory=redis\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID\n',
    '[Service]\nProtectSystem=strict\nReadWritePaths=/var/log /run\nSystemCallFilter=~@debug @mount\nRestrictAddressFamilies=~AF_PACKET\n',
    '[Service]\nSystemCallFilter=@system-service\nSystemCallFilter=~@privileged\nRestrictNamespaces=mnt\nNoNewPrivileges=yes\nPrivateTmp=yes\n',
  ];

  test.each(each)('%s', async (_name, log) => {
    for (const profile of await withAndWithoutFacts(log)) {
      for (const level of levels) {
        for (const text of units) {
          const version = 252;
          const context = { ...contextFor(version), level };
          const unit = readBack(text, version).values;
          const { settings, warnings } = inferSettings(profile, context, unit);
          const dropIn = textOf(settings, version);
          const together = readBack(`${text}${dropIn}`, version);
          const alone = new Set(keysOf(judge(unit, profile, context)));
          const denials = judge(together.values, profile, context).findings.flatMap((each) => each.denials);
          const loud = silentOnes(denials, warnings).map(({ behaviour }) => JSON.stringify(behaviour));
          expect(
            loud.filter((key) => !alone.has(key)),
            `${level} ${text}`,
          ).toEqual([]);
          const again = inferSettings(profile, context, together.values).settings;
          expect(linesOfLists(again), `${level}: said twice over ${text}`).toEqual([]);
        }
      }
    }
  });

  const keysOf = ({ findings }: ReturnType<typeof judge>) =>
    findings.flatMap(({ denials }) => denials.map(({ behaviour }) => JSON.stringify(behaviour)));

  /** What stands in the unit already is not said again: only these are said whatever the unit has. */
  const linesOfLists = (settings: readonly Setting[]) =>
    settings
      .filter(({ inForce, directive }) => inForce && directive !== 'SystemCallErrorNumber')
      .flatMap(({ assignments }) => assignments.flatMap(renderAssignment));
});
