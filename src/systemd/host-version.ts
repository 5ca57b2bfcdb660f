import { execa } from 'execa';
import { plainEnvironment } from './plain-environment.ts';

/** The systemd of this host. */
export interface HostSystemd {
  /** 252 */
  version: number;
  /** The first line as systemd prints it: `systemd 252 (252.38-1~deb12u1)`. */
  text: string;
  /** What it was built with: `SECCOMP`, `BPF_FRAMEWORK`, … (those printed with a `+`). */
  features: Set<string>;
  /** Without it SocketBindDeny=, RestrictNetworkInterfaces= and RestrictFileSystems= are accepted and do nothing. */
  bpfFramework: boolean;
}

let known: Promise<HostSystemd | undefined> | undefined;

/**
 * Which systemd is installed here, asked once. Running as PID 1 is not asked for.
 * @returns undefined where there is none, or where what is there does not say its version.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemctl.html#--version
 */
export function hostSystemd(): Promise<HostSystemd | undefined> {
  known ??= ask();
  return known;
}

async function ask(): Promise<HostSystemd | undefined> {
  for (const program of ['systemctl', 'systemd-analyze']) {
    const result = await execa(program, ['--version'], {
      reject: false,
      // A Ctrl-C at the terminal is meant for the trace, and would make this host look as if it had no systemd.
      detached: true,
      stdin: 'ignore',
      extendEnv: false,
      env: plainEnvironment,
      timeout: 10_000,
    });
    const found = result.exitCode === 0 ? readVersion(result.stdout) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Reads what `systemctl --version` prints: a line with the version, then a line of `+FEATURE` and `-FEATURE`. */
export function readVersion(printed: string): HostSystemd | undefined {
  const lines = printed.split('\n');
  const first = lines[0] ?? '';
  const version = /^systemd (\d+)/.exec(first)?.[1];
  if (version === undefined) return undefined;
  const features = new Set<string>();
  for (const word of lines.slice(1).join(' ').split(/\s+/)) {
    if (word.startsWith('+')) features.add(word.slice(1));
  }
  return { version: Number(version), text: first, features, bpfFramework: features.has('BPF_FRAMEWORK') };
}
