import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { traceCommand } from '../../src/trace/live/trace-command.ts';
import { TraceError } from '../../src/trace/live/trace-error.ts';
import { compileLive } from './compiled-live.ts';
import { noStrace, titled } from './strace-here.ts';

/** Traces a command to its end. */
async function traced(argv: string[], more: { user?: string; unwatched?: string[] } = {}) {
  const lines: string[] = [];
  const session = await traceCommand({ argv, onLine: (line) => void lines.push(line), ...more });
  return { lines, end: await session.ended };
}

function spools(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`sandbox-profile-${process.pid}-`));
}

/** Resolves when `look` finds something. */
async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await sleep(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'live-test-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe.skipIf(noStrace !== undefined)(titled('a traced command'), () => {
  test('yields every line from its execve to its exit, and its status', async () => {
    const { lines, end } = await traced(['sh', '-c', 'exit 7']);
    expect(end).toEqual({ exitCode: 7 });
    expect(lines[0]).toMatch(/^\d+ +execve\(".*\/sh", \["sh", "-c", "exit 7"\], .* = 0$/);
    expect(lines.at(-1)).toMatch(/^\d+ +\+\+\+ exited with 7 \+\+\+$/);
    expect(spools()).toEqual([]);
  });

  test('that dies by a signal says which', async () => {
    expect((await traced(['sh', '-c', 'kill -USR1 $$'])).end).toEqual({ signal: 'SIGUSR1' });
  });

  test('keeps odd bytes of its paths', async () => {
    const odd = Buffer.concat([Buffer.from(`${directory}/a\nb"\\ \x01`), Buffer.from([0xe9, 0xff])]);
    await writeFile(odd, '');
    const { lines } = await traced(['sh', '-c', `cat ${directory}/a*`]);
    const opened = lines.find((line) => line.includes('openat(') && line.includes('/a\\nb'));
    expect(opened).toContain(`"${directory}/a\\nb\\"\\\\ \\1\\351\\377"`);
  });

  test('that goes to the background is followed until its last process ends', async () => {
    const script = 'import os,time\nif os.fork(): os._exit(3)\nos.setsid()\nif os.fork(): os._exit(4)\n';
    const work = `time.sleep(0.5)\nopen("${directory}/late","w")\n`;
    const { lines, end } = await traced(['python3', '-c', script + work]);
    expect(end).toEqual({ exitCode: 3 });
    expect(lines.some((line) => line.includes(`"${directory}/late"`))).toBe(true);
    expect(lines.filter((line) => line.includes('+++ exited with')).length).toBeGreaterThanOrEqual(3);
  });

  test('that serves for ever ends by stop()', async () => {
    let listens = () => {};
    const listening = new Promise<void>((resolve) => {
      listens = resolve;
    });
    const session = await traceCommand({
      argv: ['python3', '-c', 'import http.server as h;h.HTTPServer(("127.0.0.1",0),None).serve_forever()'],
      onLine: (line) => {
        if (/ listen\(/.test(line)) listens();
      },
    });
    await listening;
    expect(session.tracees().length).toBeGreaterThan(0);
    session.stop();
    expect(await session.ended).toEqual({ signal: 'SIGTERM' });
    expect(session.tracees()).toEqual([]);
  });

  test('that is stopped as soon as it runs ends all the same', async () => {
    const session = await traceCommand({ argv: ['sleep', '100'], onLine() {} });
    session.stop();
    expect(await session.ended).toEqual({ signal: 'SIGTERM' });
  });

  test('that ignores SIGTERM, with a child that does, ends by kill()', async () => {
    let pauses = () => {};
    const paused = new Promise<void>((resolve) => {
      pauses = resolve;
    });
    const session = await traceCommand({
      argv: ['sh', '-c', "trap '' TERM; sleep 100 & wait"],
      onLine: (line) => {
        if (/execve\(".*\/sleep".* = 0$/.test(line)) pauses();
      },
    });
    await paused;
    session.stop();
    session.kill();
    expect(await session.ended).toEqual({ signal: 'SIGKILL' });
  });

  test('that does nothing but read slowly keeps its pace when the reader does not', async () => {
    let last = 0;
    let finished = 0;
    const done = join(directory, 'done');
    const session = await traceCommand({
      argv: ['sh', '-c', `i=0; while [ $i -lt 3000 ]; do i=$((i+1)); : < /dev/null; done; : > ${done}`],
      async onLine() {
        if (last === 0) {
          // Not one more line is taken until the program has done all of its work.
          await until(() => existsSync(done));
          finished = performance.now();
        }
        last++;
      },
    });
    expect(await session.ended).toEqual({ exitCode: 0 });
    expect(finished).toBeGreaterThan(0);
    expect(last).toBeGreaterThan(9000);
  });

  test('ends when its reader fails, and the error comes through', async () => {
    const failure = new Error('no more');
    const session = await traceCommand({
      argv: ['sh', '-c', 'while :; do : < /dev/null; done'],
      onLine() {
        throw failure;
      },
    });
    await expect(session.ended).rejects.toBe(failure);
    expect(spools()).toEqual([]);
  });

  test('writes to a private file in a private directory, and does not inherit it', async () => {
    let modes: (number | undefined)[] = [];
    const descriptors = join(directory, 'descriptors');
    const session = await traceCommand({
      argv: ['sh', '-c', `ls -l /proc/self/fd > ${descriptors}`],
      onLine() {
        if (modes.length > 0) return;
        const spool = join(tmpdir(), spools()[0] ?? '');
        modes = [statSync(spool).mode & 0o7777, statSync(join(spool, 'trace')).mode & 0o7777];
      },
    });
    await session.ended;
    expect(modes).toEqual([0o700, 0o600]);
    expect(await readFile(descriptors, 'utf8')).not.toContain('sandbox-profile-');
  });

  test('writes down all calls but those that need not be seen', async () => {
    const argv = ['sh', '-c', ': < /dev/null; cat /dev/null'];
    const namesOf = (lines: readonly string[]) =>
      new Set(lines.flatMap((line) => /^\d+ +(\w+)\(/.exec(line)?.[1] ?? []));
    const all = namesOf((await traced(argv)).lines);
    expect([...all]).toEqual(expect.arrayContaining(['mmap', 'read', 'openat', 'close', 'execve']));
    const unwatched = ['mmap', 'read', 'close', 'no_such_call'];
    const { lines } = await traced(argv, { unwatched });
    expect([...namesOf(lines)].sort()).toEqual([...all].filter((name) => !unwatched.includes(name)).sort());
    expect(lines.at(-1)).toMatch(/^\d+ +\+\+\+ exited with 0 \+\+\+$/);
  });
});

describe.skipIf(noStrace !== undefined)(titled('a log to keep'), () => {
  test('holds the delivered lines and is private', async () => {
    const path = join(directory, 'kept.log');
    const lines: string[] = [];
    const options = { argv: ['true'], keepLog: { path }, onLine: (line: string) => void lines.push(line) };
    await (await traceCommand(options)).ended;
    expect(await readFile(path, 'latin1')).toBe(`${lines.join('\n')}\n`);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
    await expect(traceCommand(options)).rejects.toThrow(/kept\.log" exists already/);
    await chmod(path, 0o644);
    await (await traceCommand({ ...options, argv: ['false'], keepLog: { path, overwrite: true } })).ended;
    expect(await readFile(path, 'latin1')).toContain('exited with 1 +++');
    expect(statSync(path).mode & 0o7777).toBe(0o600);
  });

  test('is not written through a link, and a name like a pipe is a name', async () => {
    const target = join(directory, 'target');
    await writeFile(target, 'precious');
    await symlink(target, join(directory, 'link'));
    const keepLog = { path: join(directory, 'link'), overwrite: true };
    await expect(traceCommand({ argv: ['true'], keepLog, onLine() {} })).rejects.toThrow(/symbolic link/);
    expect(await readFile(target, 'utf8')).toBe('precious');
    const piped = join(directory, '|cat');
    await (await traceCommand({ argv: ['true'], keepLog: { path: piped }, onLine() {} })).ended;
    expect(await readFile(piped, 'latin1')).toContain('execve(');
  });
});

describe.skipIf(noStrace !== undefined)(titled('what cannot be started is said in one sentence'), () => {
  test.each([
    ['no-such-command-here', /Cannot find the command "no-such-command-here" in PATH/],
    ['/no/such/file', /"\/no\/such\/file": there is no such file/],
    ['/etc/passwd', /permission to execute/],
    ['/etc', /is a directory/],
    ['', /No command was given/],
  ])('%j', async (name, sentence) => {
    const attempt = traceCommand({ argv: [name], onLine() {} });
    await expect(attempt).rejects.toThrow(sentence);
    await expect(attempt).rejects.toBeInstanceOf(TraceError);
  });

  test.each([
    ['echo without a first line', /a script needs a first line/],
    ['#!/no/such/interpreter', /interpreter that it names does not exist/],
  ])('a script: %s', async (text, sentence) => {
    const script = join(directory, 'script');
    await writeFile(script, `${text}\n`, { mode: 0o755 });
    const session = await traceCommand({ argv: [script], onLine() {} });
    await expect(session.ended).rejects.toThrow(sentence);
    expect(spools()).toEqual([]);
  });

  test.skipIf(process.geteuid?.() !== 0)('an unknown user (needs root)', async () => {
    const attempt = (user: string) => traceCommand({ argv: ['true'], user, onLine() {} });
    await expect(attempt('no-such-user')).rejects.toThrow(/no user named "no-such-user"/);
    // getent finds a number, strace does not.
    await expect(attempt('0')).rejects.toThrow(/no user named "0"/);
  });

  test.skipIf(process.geteuid?.() !== 0)(
    'a program runs as the user that was named (needs root)',
    async () => {
      const { lines } = await traced(['id'], { user: 'nobody' });
      expect(lines.some((line) => /geteuid\(\) += 65534/.test(line))).toBe(true);
    },
  );
});

describe.skipIf(noStrace !== undefined)(titled('a process of its own that traces'), () => {
  let live: Awaited<ReturnType<typeof compileLive>>;
  beforeAll(async () => {
    live = await compileLive();
  });
  afterAll(() => rm(live.directory, { recursive: true }));

  /** A node process that traces a command and prints what became of it. */
  function tracer(argv: string[], environment: Record<string, string> = {}, around: string[] = []) {
    const script = `
      import { traceCommand } from ${JSON.stringify(live.module('trace-command.js'))};
      import { writeFileSync } from 'node:fs';
      let lines = 0;
      const session = await traceCommand({ argv: ${JSON.stringify(argv)}, onLine() { lines++; } });
      writeFileSync(3, session.pid + '\\n');
      const end = await session.ended.catch(({ message }) => ({ message }));
      writeFileSync(3, JSON.stringify({ ...end, lines }));`;
    const [file = '', ...args] = [...around, process.execPath, '--input-type=module', '-e', script];
    return execa(file, args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      reject: false,
      env: environment,
      input: 'from stdin\n',
    });
  }

  test('leaves stdin, stdout and stderr to the program, without a word of its own', async () => {
    const result = await tracer(['sh', '-c', 'cat; echo out; echo err >&2; (echo child >&2); exit 5']);
    expect(result.stdout).toBe('from stdin\nout');
    expect(result.stderr).toBe('err\nchild');
    expect(result.stdio[3]).toMatch(/"exitCode":5/);
  });

  test('and is traced itself says that it cannot trace', async () => {
    const result = await tracer(['true'], {}, ['strace', '-f', '-e', 'trace=none', '-o', '/dev/null']);
    expect(result.stdio[3]).toMatch(/Process \d+ traces this one already/);
  });

  test('ends the trace before the disk is full, even if it reads nothing', async (context) => {
    const small = await mkdtemp(join(directory, 'small-'));
    const mount = `mount -t tmpfs -o size=20m none ${small} && exec "$@"`;
    const around = ['unshare', '--mount', 'sh', '-c', mount, 'sh'];
    const probe = await execa('unshare', ['--mount', 'sh', '-c', mount, 'sh', 'true'], { reject: false });
    if (probe.failed) return context.skip(`cannot mount a small file system: ${probe.stderr}`);
    const chatty = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', 'status=none'];
    const result = await tracer(chatty, { TMPDIR: small }, around);
    expect(result.stdio[3]).toMatch(/is full, so the trace was ended/);
    expect(result.stderr).toBe('');
  });

  test('works for a user without rights', async (context) => {
    if (process.geteuid?.() !== 0) return context.skip('the other tests already run without rights');
    const own = await mkdtemp(join(directory, 'user-'));
    await chmod(directory, 0o755);
    await chmod(own, 0o777);
    const script = `import { traceCommand } from ${JSON.stringify(live.module('trace-command.js'))};
      const session = await traceCommand({ argv: ['id', '-u'], onLine() {} });
      process.exitCode = (await session.ended).exitCode;`;
    await chmod(live.directory, 0o755);
    const node = [process.execPath, '--input-type=module', '-e', script];
    const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
    const result = await execa('setpriv', [...user, ...node], { reject: false, env: { TMPDIR: own } });
    if (/EACCES|Cannot find module/.test(result.stderr))
      return context.skip('this checkout or node cannot be read by others');
    expect(result).toMatchObject({ exitCode: 0, stdout: '65534', stderr: '' });
    expect(readdirSync(own)).toEqual([]);
  });

  test('that is killed with SIGKILL takes strace along; the next start removes its spool', async () => {
    const own = await mkdtemp(join(directory, 'killed-'));
    const child = tracer(['sleep', '300'], { TMPDIR: own });
    let said = '';
    child.stdio[3]?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const strace = Number(await until(() => said.includes('\n') && said));
    const program = await until(() => {
      const children = readFileSync(`/proc/${strace}/task/${strace}/children`, 'utf8');
      const pid = Number(children.trim().split(' ')[0]);
      return readdirSync(own).length === 1 && isSleep(pid) && pid;
    });
    process.kill(child.pid ?? 0, 'SIGKILL');
    await until(() => !isAlive(strace));
    // The program itself goes on, untraced.
    await until(() => readFileSync(`/proc/${program}/status`, 'utf8').includes('TracerPid:\t0'));
    expect(isAlive(program)).toBe(true);
    process.kill(program, 'SIGKILL');
    expect(readdirSync(own)).toHaveLength(1);
    const next = await tracer(['true'], { TMPDIR: own });
    expect(next.exitCode).toBe(0);
    expect(readdirSync(own)).toEqual([]);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'that dies of %s leaves no spool and no strace',
    async (signal) => {
      const own = await mkdtemp(join(directory, 'signal-'));
      const child = tracer(['sleep', '2'], { TMPDIR: own });
      const strace = await new Promise<number>((resolve) => {
        child.stdio[3]?.once('data', (data: Buffer) => resolve(Number(data.toString())));
      });
      expect(readdirSync(own)).toHaveLength(1);
      process.kill(child.pid ?? 0, signal);
      expect((await child).signal).toBe(signal);
      expect(readdirSync(own)).toEqual([]);
      await until(() => !isAlive(strace));
    },
  );
});

function isSleep(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n';
  } catch {
    return false;
  }
}
