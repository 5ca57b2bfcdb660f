import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reportSchema } from '../../src/emit/report.ts';
import { noStrace, titled } from '../trace-live/strace-here.ts';
import { emptyDirectory, start } from './start-cli.ts';

/** A shell of a process group of its own that has said `begun`. */
async function running(script: string, cwd: string) {
  const child = spawn('sh', ['-c', script], { cwd, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = child.pid ?? 0;
  onTestFinished(() => {
    process.kill(-pid, 'SIGKILL');
  });
  await once(child.stdout, 'data');
  return pid;
}

describe.skipIf(noStrace !== undefined)(titled('processes that run already'), () => {
  it('are watched with the children that they have, and live on', async () => {
    const cwd = emptyDirectory();
    // The first makes nothing itself: its child does.
    const parent = await running(
      '(while :; do mkdir by-child; rmdir by-child; sleep 0.1; done) & echo begun; wait',
      cwd,
    );
    const other = await running(
      'echo begun; while :; do mkdir by-other; rmdir by-other; sleep 0.1; done',
      cwd,
    );
    const watched = start(
      ['--format', 'json', '--duration', '1500ms', '--pid', `${parent}`, '--pid', `${other}`],
      cwd,
    );
    const { status, stdout, stderr } = await watched.ended;
    expect(status, stderr).toBe(0);
    const { paths } = reportSchema.parse(JSON.parse(stdout)).profile;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([join(cwd, 'by-child'), join(cwd, 'by-other')]),
    );
    expect(stderr).toMatch(/The start of the daemon was not seen/);
    for (const pid of [parent, other]) {
      expect(process.kill(pid, 0)).toBe(true);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/TracerPid:\t0\n/);
    }
  });

  it('are let go of at Ctrl-C', async () => {
    const cwd = emptyDirectory();
    const pid = await running('echo begun; while :; do sleep 0.1; done', cwd);
    const watched = start(['-o', 'd.conf', '--pid', `${pid}`], cwd);
    await watched.said(/Watching process/);
    watched.child.kill('SIGINT');
    const { status, stderr } = await watched.ended;
    expect([0, 1]).toContain(status);
    expect(stderr).toMatch(/which live on/);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/TracerPid:\t0\n/);
  });
});
