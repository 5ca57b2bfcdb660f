import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installedUnit, openUnits } from '../../src/systemd/installed-unit.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import type { UnitLine } from '../../src/systemd/unit-text.ts';

const missing = await machineNeeds();

/** Run in a machine and over a directory alike: units of every kind that may be met. */
const script = String.raw`
S=$ROOT/etc/systemd/system; R=$ROOT/run/systemd/system; L=$ROOT/usr/local/lib/systemd/system; U=$ROOT/usr/lib/systemd/system
mk() { mkdir -p "$(dirname -- "$1")"; printf '[Service]\n%s\n' "$2" >"$1"; }
n=0
for d in $S $R $L $U; do
  n=$((n + 1))
  for name in foo-bar foo-; do
    mk $d/$name.service.d/$name$n.conf ReadWritePaths=/$name$n
    mk $d/$name.service.d/same.conf ReadWritePaths=/same$name$n
  done
  mk $d/service.d/type.conf ReadWritePaths=/type$n
  mk $d/service.d/same.conf ReadWritePaths=/type-same$n
done
mk $U/foo-bar.service 'ReadWritePaths=/unit'
D=$S/foo-bar.service.d
ln -s /dev/null $D/mask.conf; mk $U/foo-bar.service.d/mask.conf ReadWritePaths=/masked
mk $D/.hidden.conf ReadWritePaths=/hidden; mk $D/a.conf~ ReadWritePaths=/backup; mk $D/no.txt ReadWritePaths=/txt
: >$D/empty.conf; mkdir $D/dir.conf; ln -s /nowhere $D/gone.conf; mk $R/foo-bar.service.d/gone.conf ReadWritePaths=/shadowed
mk $D/Z.conf ReadWritePaths=/Z; mk $D/é.conf ReadWritePaths=/e; mk $D/_.conf ReadWritePaths=

mk $U/t-u@.service ReadWritePaths=/t; mk $S/t-u@own.service ReadWritePaths=/own
for name in t-u@ t-u@i-j t-@ t-@i-j t-; do
  mk $S/$name.service.d/$name.conf "ReadWritePaths=/$name"; mk $S/$name.service.d/same.conf "ReadWritePaths=/same-$name"
done
mk $S/p-q-r@.service ReadWritePaths=/p
for name in p-q-@x p-q-@ p-; do mk $S/$name.service.d/same.conf "ReadWritePaths=/same-$name"; done
ln -s t-u@.service $S/ta@.service; mk $S/ta@.service.d/ta.conf ReadWritePaths=/ta
ln -s t-u@.service $S/tx@k.service; mk $S/tx@k.service.d/tx.conf ReadWritePaths=/tx
ln -s t-u@q.service $S/tx@r.service; ln -s t-u@k.service $S/tk.service; ln -s t-u@.service $S/plain-to-template.service

mk $U/real.service ReadWritePaths=/real; ln -s real.service $U/alias1.service
ln -s /usr/lib/systemd/system/real.service $S/alias2.service; ln -s alias2.service $S/alias3.service
mk $S/alias1.service.d/x.conf ReadWritePaths=/x; mk $S/real.service.d/y.conf ReadWritePaths=/y
mk $S/alias3.service.d/same.conf ReadWritePaths=/same3; mk $U/real.service.d/same.conf ReadWritePaths=/same
ln -s real.service $S/wr@.service

mk $ROOT/opt/linked.service ReadWritePaths=/linked; ln -s /opt/linked.service $S/linked.service
ln -s /opt/linked.service $S/other.service; mk $S/other.service.d/o.conf ReadWritePaths=/o
ln -s /dev/null $S/masked.service; mk $U/masked.service ReadWritePaths=/no; mk $S/masked.service.d/x.conf ReadWritePaths=/no
: >$S/empty.service
mk $S/only.service.d/x.conf ReadWritePaths=/no
ln -s /nowhere.service $S/gone.service; mk $U/gone.service ReadWritePaths=/no
ln -s no-such.service $S/gone2.service; mk $U/gone2.service ReadWritePaths=/no
ln -s loop2.service $S/loop1.service; ln -s loop1.service $S/loop2.service
mkdir $S/directory.service; mk $U/directory.service ReadWritePaths=/file
mk $ROOT/opt/drop-ins/q.conf ReadWritePaths=/q; mk $U/lnk.service ReadWritePaths=/lnk; ln -s /opt/drop-ins $S/lnk.service.d
for name in a-b-c- a--b x; do mk "$S/$name.service" ReadWritePaths=/$name; done
mk "$S/-lead.service" ReadWritePaths=/lead
for name in a-b-c- a-b- a- a-- - x-; do mk "$S/$name.service.d/${'$'}{name}d.conf" "ReadWritePaths=/d$name"; done
mk $ROOT/run/systemd/transient/made.service ReadWritePaths=/made; mk $S/made.service ReadWritePaths=/no
mk $ROOT/etc/systemd/system.control/made.service.d/50-control.conf ReadWritePaths=/control
`;

const names = [
  'foo-bar t-u@i-j t-u@own t-u@k ta@z tx@k tx@r tk plain-to-template real alias1 alias3 wr@z linked other masked empty only',
  'p-q-r@x p-q-r@y gone gone2 loop1 directory lnk a-b-c- a--b x -lead made no-such',
].flatMap((line) => line.split(' ').map((name) => `${name}.service`));

/** What /lib or /usr/lib is called depends on the version. */
const merged = (path: string) => path.replace(/^\/lib\//, '/usr/lib/');

/** ReadWritePaths= as the lines add up to it; an empty one resets the list. */
function readWritePaths(lines: readonly UnitLine[]): string[] {
  const paths = lines.filter(({ key }) => key === 'ReadWritePaths').map(({ text }) => text);
  return paths.slice(paths.lastIndexOf('') + 1);
}

describe.skipIf(missing !== undefined)(`as the system manager loads them (${missing ?? 'asked'})`, () => {
  let machine: Machine;
  /** The machine's units, copied: an absolute link in the machine's own root leads to the host's files. */
  let copy: string;
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'units-'));
    machine = await bootMachine();
    const made = await machine.run(['bash', '-e', '-c', `ROOT=; ${script} systemctl daemon-reload`]);
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    const directories =
      'etc/systemd run/systemd/system run/systemd/transient usr/lib/systemd/system usr/local/lib lib opt/linked.service opt/drop-ins';
    const packed = await machine.run(['sh', '-c', `tar -C / -cz ${directories} | base64 -w0`]);
    await execa('tar', ['-C', copy, '-xz'], { input: Buffer.from(packed.stdout, 'base64') });
  });
  afterAll(async () => {
    await machine?.stop();
    await rm(copy, { recursive: true, force: true });
  });

  test.each(names)('%s: its name, its file, its drop-ins and the order of its lines', async (name) => {
    const properties = 'Id,LoadState,FragmentPath,DropInPaths,ReadWritePaths';
    const { stdout } = await machine.run(['systemctl', 'show', '-p', properties, '--', name]);
    const shown = Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s)));
    const ours = installedUnit(name, copy);
    expect(ours === undefined).toBe(shown.LoadState === 'not-found');
    if (ours === undefined) return;
    expect(ours.name).toBe(shown.Id);
    expect(ours.fragment).toBe(merged(shown.FragmentPath));
    expect(ours.dropIns).toEqual(shown.DropInPaths.split(' ').map(merged));
    expect(ours.text.warnings.some((why) => why.includes('masked'))).toBe(shown.LoadState === 'masked');
    if (shown.LoadState === 'loaded')
      expect(readWritePaths(ours.text.lines).join(' ')).toBe(shown.ReadWritePaths);
  });

  test('every service that the machine itself has: the same file and drop-ins', async () => {
    const files = await machine.run([
      'systemctl',
      'list-unit-files',
      '--type=service',
      '--no-legend',
      '--no-pager',
    ]);
    const all = files.stdout
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
      .filter((name) => !name.includes('@'));
    const { stdout } = await machine.run([
      'systemctl',
      'show',
      '-p',
      'Id,FragmentPath,DropInPaths',
      '--',
      ...all,
    ]);
    const units = openUnits(copy);
    const shown = stdout
      .split('\n\n')
      .map((part) => part.split('\n').map((line) => line.replace(/^\w+=/, '')));
    const theirs = shown.map(([id = '', fragment = '', dropIns = '']) => [
      id,
      ...[fragment, ...dropIns.split(' ')].filter(Boolean).map(merged),
    ]);
    const ours = all.map((name) => {
      const unit = units.unit(name);
      return unit === undefined ? [name] : [unit.name, unit.fragment, ...unit.dropIns];
    });
    expect(all.length).toBeGreaterThan(20);
    expect(new Map(ours.map(([name, ...rest]) => [name, rest]))).toEqual(
      new Map(theirs.map(([name, ...rest]) => [name, rest])),
    );
  });
});

describe('in a directory that stands for /', () => {
  let root: string;
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'units-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  test('no link leads out of it, and each line says where it stands', async () => {
    await write('/usr/lib/systemd/system/a.service', '[Service]\nExecStart=/bin/a\n');
    await write('/etc/systemd/system/a.service.d/b.conf', '# why\n[Service]\nExecStart=\nExecStart=/bin/b\n');
    await symlink('/etc/passwd', join(root, '/etc/systemd/system/a.service.d/c.conf'));
    await symlink('/usr/lib/systemd/system/a.service', join(root, '/etc/systemd/system/b.service'));
    const unit = installedUnit('b.service', root);
    expect(unit?.name).toBe('a.service');
    expect(unit?.text.lines.map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual([
      '/usr/lib/systemd/system/a.service:2 /bin/a',
      '/etc/systemd/system/a.service.d/b.conf:3 ',
      '/etc/systemd/system/a.service.d/b.conf:4 /bin/b',
    ]);
    expect(unit?.text.warnings).toEqual([expect.stringContaining('c.conf: this file cannot be read')]);
  });

  test.each([
    '',
    '.',
    '..',
    '../../etc/passwd',
    'a',
    'a.service/../a.service',
    '@.service',
    `${'a'.repeat(256)}.service`,
  ])('the name %j is no unit', (name) => {
    expect(installedUnit(name, root)).toBeUndefined();
  });

  test('a template is a unit too, by its own name', async () => {
    await write('/etc/systemd/system/t@.service', '[Service]\n');
    await write('/etc/systemd/system/t@.service.d/x.conf', '[Service]\nNice=1\n');
    expect(installedUnit('t@.service', root)).toMatchObject({
      name: 't@.service',
      text: { lines: [{ key: 'Nice' }] },
    });
    expect(openUnits(root).names).toContain('t@.service');
  });
});
