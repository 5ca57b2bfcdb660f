import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { runExercise } from '../../src/trace/live/exercise.ts';

test('an exercise ends with its exit code or signal', async () => {
  expect(await runExercise('exit 3')).toEqual({ exitCode: 3 });
  expect(await runExercise('kill -KILL $$')).toEqual({ signal: 'SIGKILL' });
  expect(await runExercise('test "$(readlink /proc/self/fd/0)" = /dev/null')).toEqual({ exitCode: 0 });
});

test('an exercise that takes too long, or is not wanted any more, ends with all that it started', async () => {
  const marker = `exercise-${process.pid}`;
  const command = `trap '' TERM; sh -c 'sleep 100; : ${marker}' & wait`;
  expect(await runExercise(command.replace("trap '' TERM; ", ''), { timeout: 200 })).toEqual({
    signal: 'SIGTERM',
    endedBy: 'timeout',
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  expect(await runExercise(command, { signal: controller.signal })).toMatchObject({ endedBy: 'caller' });
  expect(await runExercise('exit 0', { signal: controller.signal })).toEqual({ endedBy: 'caller' });
  expect(execaSync('pgrep', ['-f', `: ${marker}`], { reject: false }).stdout).toBe('');
});
