import { Gatherer } from '../../src/profile/gather.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readTrace } from '../../src/trace/read-lines.ts';

/** The profile of a log given as lines; the first process stands in /w. */
export function profileOf(lines: Iterable<string>, uid = 0, unwatched: readonly string[] = []): Profile {
  let isFirst = true;
  const gatherer = new Gatherer({
    source: 'log',
    how: 'log',
    architecture: 'x86-64',
    uid,
    unwatched,
    inherited: () => {
      const current = isFirst ? '/w' : undefined;
      isFirst = false;
      return { current, root: '/', descriptors: new Map() };
    },
  });
  const reader = readTrace((event) => gatherer.event(event));
  for (const line of lines) reader.line(line);
  reader.end();
  return gatherer.finish(reader.tally);
}

/** The same of the files of an `-ff` set, one after the other. */
export function profileOfSet(files: Record<number, string[]>): Profile {
  const gatherer = new Gatherer({
    source: 'set',
    how: 'log',
    architecture: 'x86-64',
    inherited: () => ({ current: '/w', root: '/', descriptors: new Map() }),
  });
  let tally = readTrace(() => undefined).tally;
  for (const [pid, lines] of Object.entries(files)) {
    const reader = readTrace((event) => gatherer.event(event, `set.${pid}`), Number(pid));
    for (const line of lines) reader.line(line);
    reader.end();
    tally = reader.tally;
  }
  return gatherer.finish(tally);
}

/** `act path`, sorted; without the program itself. */
export function done(profile: Profile): string[] {
  return Object.entries(profile.paths)
    .flatMap(([path, acts]) => Object.keys(acts).map((act) => `${act} ${path}`))
    .filter((line) => line !== 'execute /bin/d')
    .sort();
}
