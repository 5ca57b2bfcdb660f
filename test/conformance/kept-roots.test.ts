import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sweepPrivateDirectories } from '../../src/lifetime/private-directory.ts';
import { pidNamespace, startTime } from '../../src/lifetime/process-identity.ts';
import { boundTo, keepRoot } from './kept-roots.ts';

const missing = process.getuid?.() === 0 ? undefined : 'which takes root';

describe.skipIf(missing !== undefined)(
  `roots of other systems are made and kept, ${missing ?? 'by root'}`,
  () => {
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'kept-roots-'));
    });
    afterEach(async () => {
      await rm(directory, { recursive: true, force: true });
    });

    const making = (script: string) => (place: { tree: string; temporary: string }) => [
      'sh',
      '-ec',
      script,
      'make',
      place.tree,
    ];

    test('one that is made is kept, without what was temporary', async () => {
      const why = await keepRoot(directory, 'suite', making('echo made >"$1/file"; touch "$TMPDIR/x"'));
      expect(why).toBeUndefined();
      expect(await readdir(directory)).toEqual(['suite']);
      expect(await readFile(join(directory, 'suite/file'), 'utf8')).toBe('made\n');
    });

    test('of two that are made at once the first is kept, and stays as it is', async () => {
      const slow = making('until [ -e "$1/../../suite/file" ]; do sleep 0.01; done; echo second >"$1/file"');
      const both = [
        keepRoot(directory, 'suite', slow),
        keepRoot(directory, 'suite', making('echo first >"$1/file"')),
      ];
      expect(await Promise.all(both)).toEqual([undefined, undefined]);
      expect(await readFile(join(directory, 'suite/file'), 'utf8')).toBe('first\n');
      expect(await readdir(directory)).toEqual(['suite']);
    });

    test('one that fails leaves nothing, and says why', async () => {
      const script =
        'touch "$1/file"; mount -t tmpfs none "$1"; touch "$1/inside"; echo "no such suite" >&2; exit 1';
      expect(await keepRoot(directory, 'suite', making(script))).toBe('no such suite');
      expect(await readdir(directory)).toEqual([]);
    });

    test('kill -9 of who makes one ends it, unmounts all, and the next sweeps what is left', async () => {
      const script = `
      const { spawn } = require('node:child_process');
      const [program, ...args] = JSON.parse(process.argv[1].replaceAll('OWNER', process.pid));
      spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });`;
      const tree = join(directory, 'tree');
      await mkdir(tree);
      const inner = 'mount --bind /dev/shm "$1"; echo up; sleep 987654';
      const command = boundTo(0, ['sh', '-ec', inner, 'make', tree]).map((word) =>
        word === '0' ? 'OWNER' : word,
      );
      const owner = spawn(process.execPath, ['-e', script, JSON.stringify(command)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(owner.stdout, 'data');
      // As who makes one names it.
      const started = startTime(owner.pid ?? 0);
      await rename(tree, join(directory, `sandbox-profile-${owner.pid}-${started}-${pidNamespace()}-abcdef`));
      sweepPrivateDirectories(directory);
      expect(await readdir(directory)).toHaveLength(1);
      expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(directory);
      const ended = once(owner.stdout, 'close');
      owner.kill('SIGKILL');
      // The pipe is closed when the last that has it is gone.
      await ended;
      // The kernel takes its mounts away a moment after that.
      await expect
        .poll(() => {
          sweepPrivateDirectories(directory);
          return readdir(directory);
        })
        .toEqual([]);
    });
  },
);
