import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { dpkgFiles } from '../../src/commands/dpkg-files.ts';
import { packageDirectories } from '../../src/commands/package-directories.ts';
import { rpmFiles } from '../../src/commands/rpm-files.ts';

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)(
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
      expect(packageDirectories(dpkgFiles('/usr/sbin/try', state))).toEqual({
        [`${state}/own`]: ['try'],
        [`${state}/other`]: ['try-common'],
      });
      expect(dpkgFiles('/usr/sbin/stranger', state)).toEqual(new Map());
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  },
);

const { exitCode: noBuilder } = await execa('rpmbuild', ['--version'], { reject: false, stdin: 'ignore' });

const spec = `Name: try-daemon
Version: 1
Release: 1
Summary: A daemon
License: MIT
BuildArch: noarch
%description
A daemon.
%package common
Summary: Its directories
%description common
Its directories.
%install
mkdir -p %{buildroot}/usr/sbin %{buildroot}/var/lib/try "%{buildroot}/var/lib/try/with blank" %{buildroot}/usr/lib/tmpfiles.d
touch %{buildroot}/usr/sbin/try-daemon %{buildroot}/usr/lib/tmpfiles.d/try.conf
%files
/usr/sbin/try-daemon
%files common
/var/lib/try
/usr/lib/tmpfiles.d/try.conf
`;

test.skipIf(noBuilder !== 0)(
  'rpm tells the files of the package and of all that were built with it, from a real database (needs rpmbuild)',
  async () => {
    const state = await mkdtemp(join(tmpdir(), 'sandbox-profile-rpm-'));
    try {
      const database = join(state, 'database');
      await writeFile(join(state, 'try.spec'), spec);
      const top = ['--define', `_topdir ${state}/top`, '--dbpath', database];
      await execa('rpmbuild', ['-bb', ...top, join(state, 'try.spec')]);
      const packages = ['try-daemon-1-1', 'try-daemon-common-1-1'];
      const built = packages.map((name) => `${state}/top/RPMS/noarch/${name}.noarch.rpm`);
      await execa('rpm', ['-i', '--dbpath', database, '--justdb', '--nodeps', ...built]);
      expect(await rpmFiles('/usr/sbin/try-daemon', database)).toEqual(
        new Map([
          ['try-daemon', []],
          ['try-daemon-common', ['/usr/lib/tmpfiles.d/try.conf', '/var/lib/try', '/var/lib/try/with blank']],
        ]),
      );
      for (const stranger of ['/usr/bin/env', '--eval=%(touch /tmp/run)', '/a\nb', '/\udcff', '/\0'])
        expect(await rpmFiles(stranger, database)).toEqual(new Map());
      expect(await rpmFiles('/usr/sbin/try-daemon', join(state, 'nothing'))).toEqual(new Map());
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  },
);
