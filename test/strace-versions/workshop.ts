import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Profile } from '../../src/profile/profile.ts';
import { readPaths } from '../samples/sample-logs.ts';

/** A directory with a program that does the same each time, and what traces it. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'strace-versions-'));
  readonly program = join(this.folder, 'one-program');
  readonly home = join(this.folder, 'home');
  readonly notes = join(this.folder, 'notes');
  readonly log = join(this.folder, 'log');

  async build(): Promise<void> {
    const source = fileURLToPath(new URL('../samples/one-program.c', import.meta.url));
    await execa('cc', ['-O1', '-pthread', '-o', this.program, source]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  clean(): void {
    rmSync(this.home, { recursive: true, force: true });
    rmSync(this.notes, { force: true });
    rmSync(this.log, { force: true });
    mkdirSync(this.home);
  }

  /** Traces the program with these flags; the log's profile, and whatever strace and the program wrote to stderr. */
  async traced(strace: string, flags: readonly string[]): Promise<Profile> {
    this.clean();
    const isSet = flags.includes('-ff');
    const set = join(this.folder, 'set');
    rmSync(set, { recursive: true, force: true });
    if (isSet) mkdirSync(set);
    await this.run(strace, [...flags, '-o', isSet ? join(set, 'trace') : this.log]);
    return this.profileOf(isSet ? set : this.log);
  }

  /** The same once more, with the log of the run before still there. */
  async tracedAgain(strace: string, flags: readonly string[]): Promise<Profile> {
    rmSync(this.home, { recursive: true, force: true });
    mkdirSync(this.home);
    await this.run(strace, [...flags, '-o', this.log]);
    return this.profileOf(this.log);
  }

  /** The same where strace writes to its stderr; that ends when strace does, though the program may have ended before (-D). */
  async tracedToStderr(strace: string, flags: readonly string[]): Promise<Profile> {
    this.clean();
    const { stderr } = await this.run(strace, flags);
    writeFileSync(this.log, stderr, 'latin1');
    return this.profileOf(this.log);
  }

  /** The same where stderr is a terminal, which `script` records. */
  async tracedOnTerminal(strace: string, flags: readonly string[]): Promise<Profile> {
    this.clean();
    const command = ['setarch', '-R', strace, ...flags, this.program, this.home, this.notes].join(' ');
    await execa('script', ['-qec', command, this.log], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { TERM: 'xterm' },
    });
    return this.profileOf(this.log);
  }

  /** Without address randomisation, so that an allocator asks as often each time. */
  run(strace: string, flags: readonly string[]): Promise<{ stderr: string }> {
    return execa('setarch', ['-R', strace, ...flags, this.program, this.home, this.notes], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'latin1',
    }) as Promise<{ stderr: string }>;
  }

  /** Reads a log or a set. Each of its lines must be understood. */
  async profileOf(path: string): Promise<Profile> {
    const { profile, unread } = await readPaths([path]);
    if (unread.length > 0) throw new Error(`Unread: ${JSON.stringify(unread.slice(0, 3))}`);
    // Whether a thread has to wait for another one, the scheduler decides, and without waiting there is no call.
    const { futex, ...syscalls } = profile.syscalls;
    return { ...profile, syscalls };
  }
}

/** What is left when the evidence goes: names of sources, places, counts, the number of lines. */
export function facts(profile: Profile): Record<string, unknown> {
  const dropped = ['count', 'first', 'log', 'sources'];
  return JSON.parse(JSON.stringify(profile, (key, value) => (dropped.includes(key) ? undefined : value)));
}
