import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { plainEnvironment } from '../../systemd/plain-environment.ts';
import { Failure } from '../failure.ts';

export interface RunEnd {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a program without a shell, and waits for its end; `signal` ends it. */
export type Run = (argv: readonly string[], signal?: AbortSignal) => Promise<RunEnd>;

/** Where the service manager is that a command speaks to: this host's, a user's own, or that of a throw-away machine. */
export interface UnitHost {
  /** A user's own manager: `systemctl --user`. */
  isUser: boolean;
  /** As whom the manager belongs to. */
  run: Run;
  /** As root, where that is somebody else; undefined on this host. */
  asRoot?: Run;
  /** As somebody who may read the journal, where not everybody may. */
  asReader?: Run;
  /** Where the manager looks for units, where it need not be asked. */
  unitPath?: readonly string[];
  /** Where unit files of an administrator (or of the user) lie. */
  units: string;
  /** Where traces are kept. */
  state: string;
}

/** This host, or the manager of the user who asks. Throws a Failure where that user may not. */
export function thisHost(isUser: boolean): UnitHost {
  if (!isUser) {
    if (process.geteuid?.() !== 0)
      throw new Failure('Only root can trace a service of the system: run with sudo, or give --user.');
    return {
      isUser,
      run: runHere,
      units: '/etc/systemd/system',
      state: '/var/lib/sandbox-profile',
    };
  }
  const home = homedir();
  return {
    isUser,
    run: runHere,
    units: join(process.env.XDG_CONFIG_HOME ?? join(home, '.config'), 'systemd/user'),
    state: join(process.env.XDG_STATE_HOME ?? join(home, '.local/state'), 'sandbox-profile'),
  };
}

const runHere: Run = async ([program = '', ...args], signal) => {
  const { HOME: _home, ...plain } = plainEnvironment;
  const { exitCode, stdout, stderr, shortMessage } = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    // Ctrl-C is ours: it would end a `systemctl` in the middle of what undoes the rest.
    detached: true,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    // A user's manager is found by XDG_RUNTIME_DIR and its like.
    env: plain,
  });
  return { exitCode: exitCode ?? 1, stdout, stderr: exitCode === undefined ? (shortMessage ?? '') : stderr };
};

/** `systemctl`, of the manager that is meant. */
export function systemctl(host: UnitHost, ...args: string[]): Promise<RunEnd> {
  return host.run(['systemctl', ...(host.isUser ? ['--user'] : []), '--no-ask-password', ...args]);
}

/** What the journal has of a unit, or of all that a pattern stands for: the text of its entries, the last one last. */
export async function journalOf(host: UnitHost, unit: string, ...options: string[]): Promise<string[]> {
  const of = [host.isUser ? '--user-unit' : '--unit', unit];
  const argv = ['journalctl', ...of, ...options, '-o', 'cat', '--no-pager', '-q'];
  const { stdout } = await (host.asReader ?? host.run)(argv);
  return stdout.split('\n').filter((line) => line !== '');
}

/** The same for what must succeed. Throws a Failure that says what systemctl said. */
export async function mustSystemctl(host: UnitHost, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await systemctl(host, ...args);
  if (exitCode === 0) return;
  const said = stderr.trim().split('\n')[0]?.replace(/\.$/, '') ?? '';
  throw new Failure(`\`systemctl ${args.join(' ')}\` failed: ${said === '' ? `status ${exitCode}` : said}.`);
}
