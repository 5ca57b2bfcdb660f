import { execa } from 'execa';
import { z } from 'zod';
import { inPrivateDirectory } from '../lifetime/private-directory.ts';
import { hostSystemd } from './host-version.ts';
import { plainEnvironment } from './plain-environment.ts';
import { onlyUnitsOf, writeUnitFiles } from './unit-files.ts';

/** What `systemd-analyze security` says of a service: 0 is best, 10 is worst. */
export interface Score {
  /** With one decimal, rounded up, as systemd-analyze prints it: 9.6. */
  exposure: number;
  /** `PERFECT`, `SAFE`, `OK`, `MEDIUM`, `EXPOSED`, `UNSAFE` or `DANGEROUS`. */
  level: string;
  /** The rows of its table that still lose points, the dearest first. */
  losing: ScoreRow[];
}

export interface ScoreRow {
  /** `PrivateDevices=`, `RestrictNamespaces=~user` */
  name: string;
  /** A name without signs, the same in every version: `RestrictNamespaces_user`. */
  field: string;
  /** 0.2 */
  exposure: number;
}

/** The first version that can score a unit that is not installed. */
const offlineSince = 250;

const rows = z.array(
  z.object({
    name: z.string(),
    json_field: z.string(),
    exposure: z.string().nullable(),
  }),
);

/**
 * Scores a unit, with a drop-in if one is given, offline: neither has to be installed, and nothing is run.
 * @returns undefined where this host cannot score (no systemd, or one older than 250).
 * @throws when systemd-analyze cannot read the unit.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd-analyze.html#systemd-analyze%20security%20UNIT...
 */
export async function exposure(unitText: string, dropIn?: string): Promise<Score | undefined> {
  const host = await hostSystemd();
  if (!host || host.version < offlineSince) return undefined;
  return await inPrivateDirectory(async (directory) => {
    const unit = await writeUnitFiles(directory, unitText, dropIn);
    // The table as JSON leaves the overall number out, the text has no names that a program could rely on: both are needed.
    const [text, json] = await Promise.all([
      analyze(directory, ['--no-pager', unit]),
      analyze(directory, ['--json=short', unit]),
    ]);
    const overall = /Overall exposure level for .*: (\d+\.\d) ([A-Z]+)/.exec(text);
    if (!overall) throw new Error('systemd-analyze security printed no overall exposure level for the unit.');
    return { exposure: Number(overall[1]), level: String(overall[2]), losing: losingRows(json) };
  });
}

async function analyze(directory: string, args: string[]): Promise<string> {
  const result = await execa('systemd-analyze', ['security', '--offline=true', ...args], {
    reject: false,
    // A Ctrl-C at the terminal is meant for the trace, and would make this host look as if it had no systemd.
    detached: true,
    stdin: 'ignore',
    extendEnv: false,
    env: { ...plainEnvironment, ...onlyUnitsOf(directory) },
    timeout: 30_000,
  });
  // An exposure above the threshold is exit status 1 as well, so only the output tells.
  if (result.stdout === '') {
    const why = result.stderr.split('\n').at(-1) || 'it printed nothing';
    throw new Error(`systemd-analyze security cannot score the unit: ${why.replaceAll(`${directory}/`, '')}`);
  }
  return result.stdout;
}

function losingRows(json: string): ScoreRow[] {
  const losing: ScoreRow[] = [];
  for (const row of rows.parse(JSON.parse(json))) {
    if (row.exposure === null) continue;
    losing.push({
      name: row.name,
      field: row.json_field,
      exposure: Number(row.exposure),
    });
  }
  return losing.sort((a, b) => b.exposure - a.exposure);
}
