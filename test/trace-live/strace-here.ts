import { execaSync } from 'execa';

const probe = execaSync('strace', ['-o', '/dev/null', 'true'], { reject: false });

/** Why tests with a real strace cannot run here; undefined where they can. */
export const noStrace: string | undefined =
  probe.exitCode === 0 ? undefined : `strace does not work here: ${probe.stderr || probe.shortMessage}`;

/** A title that says why its tests are skipped, where they are. */
export function titled(title: string): string {
  return noStrace === undefined ? title : `${title} (skipped: ${noStrace})`;
}
