import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageDirectories } from '../../src/commands/package-directories.ts';

test.skipIf(process.getuid?.() !== 0)(
  "another owner's directories, of the package and of those it depends on; not root's, not those of base packages (needs root)",
  async () => {
    const state = await mkdtemp('/var/lib/sandbox-profile-');
    try {
      for (const name of ['own', 'other', 'plain', 'base']) await mkdir(join(state, name));
      for (const name of ['own', 'other', 'base']) await chown(join(state, name), 65534, 65534);
      await mkdir(join(state, 'info'));
      const list = (name: string, paths: string[]) =>
        writeFile(join(state, 'info', `${name}.list`), `/.\n${paths.join('\n')}\n`);
      await list('try', ['/usr/sbin/try', `${state}/own`, `${state}/plain`]);
      await list('try-common:amd64', [`${state}/other`]);
      await list('passwd', [`${state}/base`]);
      const stanzas = [
        'Package: try\nPriority: optional\nDepends: try-middle (>= 2) | none, passwd',
        'Package: try-middle\nDepends: try-common:any',
        'Package: try-common\nPriority: optional',
        'Package: passwd\nPriority: required',
      ];
      await writeFile(join(state, 'status'), `${stanzas.join('\n\n')}\n`);
      expect(packageDirectories('/usr/sbin/try', state)).toEqual({
        [`${state}/own`]: ['try'],
        [`${state}/other`]: ['try-common'],
      });
      expect(packageDirectories('/usr/sbin/stranger', state)).toEqual({});
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  },
);
