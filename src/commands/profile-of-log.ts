import { textOfBytes } from '../paths/byte-text.ts';
import { normalPath } from '../paths/root.ts';
import { Gatherer } from '../profile/gather.ts';
import type { Profile } from '../profile/profile.ts';
import { SharedMoves } from '../profile/shared-moves.ts';
import type { Inherited } from '../profile/task.ts';
import type { LogSource } from '../trace/log-files.ts';
import { type LogReading, readLog } from '../trace/open-log.ts';

/** What a log doesn't tell, and the user may know. */
export interface GivenOfLog {
  cwd: string | undefined;
  architecture: string;
  /** The user under whom the traced program was started; root where nobody says otherwise. */
  uid?: number | undefined;
}

export interface ReadLog {
  /** Without what files, units and packages of a machine say. */
  profile: Profile;
  reading: LogReading;
}

/**
 * The profile of one log.
 * @param onProgram is told the traced program (path text) as soon as the log shows it
 * @throws LogError when it cannot be read.
 */
export async function profileOfLog(
  log: LogSource,
  given: GivenOfLog,
  onProgram: (program: string) => void = () => {},
): Promise<ReadLog> {
  let isFirst = true;
  const inherited = (): Inherited | undefined => {
    // Only the first process of a log stands where the user says: what began elsewhere is not known.
    const current = isFirst ? given.cwd : undefined;
    isFirst = false;
    return { current, root: '/', descriptors: new Map() };
  };
  const name = log.name === '-' ? 'standard input' : textOfBytes(Buffer.from(log.name).toString('latin1'));
  const { architecture, uid } = given;
  const single = log.files.length === 1;
  const moves = new SharedMoves();
  if (!single)
    await readLog(
      log,
      (event) => moves.event(event),
      () => moves.skimming(),
    );
  const movesUnordered = (pid: number) => moves.has(pid);
  const gatherer = new Gatherer({ source: name, how: 'log', architecture, uid, movesUnordered, inherited });
  const start = given.cwd === undefined ? '/' : normalPath(given.cwd);
  // Where it stands it must be able to stand, though no call of the log may show that.
  if (start !== '/') gatherer.before('--cwd', start, 'enter');
  let program = '';
  const reading = await readLog(
    log,
    (event, file) => {
      gatherer.event(event, single ? name : file);
      if (program === '' && gatherer.program !== '') {
        program = gatherer.program;
        onProgram(program);
      }
    },
    (file) => gatherer.skimming(single ? name : file),
  );
  return { profile: gatherer.finish(reading.tally), reading };
}
