import { expect, test } from 'vitest';
import { explainOpen } from '../../src/attacks/explain.ts';
import { evidenceInComments } from '../../src/commands/verify/evidence-in-comments.ts';
import { settingsAsRead } from '../../src/commands/verify/settings-as-read.ts';
import { settingsOver } from '../../src/commands/verify/settings-over.ts';
import type { Context } from '../../src/directives/context.ts';
import { groupsOfVersion } from '../../src/syscall-groups/version-groups.ts';

const groups = groupsOfVersion(252);
const context: Context = {
  level: 'minimal',
  systemd: 252,
  groups,
  architecture: 'x86-64',
  onDeny: 'errno',
  network: false,
  bpf: false,
  confine: false,
};

/** What a drop-in says, line by line, of why an attack is open. */
function whyOf(id: string, dropIn: string): string | undefined {
  const unit = settingsOver('a.service', [], `[Service]\n${dropIn}\n`, 'drop-in.conf', context);
  const settings = settingsAsRead(unit, context, evidenceInComments(dropIn));
  return explainOpen([id], settings, { systemd: 252, bpf: false, groups })[0]?.why;
}

test('a call is let through by the lines that count', () => {
  const lines = 'SystemCallFilter=~kill\nSystemCallFilter=\nSystemCallFilter=@system-service mincore';
  expect(whyOf('process-signal-root', lines)).toBe(
    'SystemCallFilter= grants @system-service, and kill with it.',
  );
  expect(whyOf('process-signal-root', `${lines}\nSystemCallFilter=~@resources kill`)).toMatch(/^Not set/);
  expect(whyOf('process-signal-root', 'SystemCallFilter=~@mount')).toMatch(/^Not set/);
});

test('what an earlier line grants, and a later one takes back, leaves nothing open', () => {
  const lines = 'ReadWritePaths=/run';
  expect(whyOf('write-run', lines)).toBe('ReadWritePaths= grants /run: drop-in.conf:2 says so');
  expect(whyOf('write-run', `${lines}\nReadWritePaths=`)).toMatch(/^Not set/);
});

test('the comment of a word is its reason', () => {
  const dropIn = '# ReadWritePaths: written\n#   /run: openat "/run/a.pid", log:1\nReadWritePaths=/run';
  expect(whyOf('write-run', dropIn)).toBe('ReadWritePaths= grants /run: openat "/run/a.pid", log:1');
});
