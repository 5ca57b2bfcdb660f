import { readInputs } from '../../src/commands/read-inputs.ts';
import { unitSettings } from '../../src/commands/unit-settings.ts';
import { type Behaviour, behavioursOf } from '../../src/directives/behaviour.ts';
import type { Context } from '../../src/directives/context.ts';
import { denialsOf, readSettings } from '../../src/directives/settings.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { filledIn, type Outcome, type ProbeRun } from './run-probes.ts';
import type { NumberedProbe } from './table.ts';

export interface Verdict {
  probe: NumberedProbe;
  outcome: Outcome;
  /** What the models say: errnos of which any may be met first; none where nothing is refused. */
  said: string[];
  /** The table lists it as a difference, with a reason. */
  isKnown: boolean;
  /** In words, where model and systemd differ; undefined where they agree. */
  difference: string | undefined;
}

/** The profile of what strace saw, with the facts of the machine's files. */
export async function profileOf(
  { user }: NumberedProbe,
  run: ProbeRun,
  root: string,
  uidOf: (user: string) => number,
): Promise<Profile> {
  const uid = user === undefined ? 0 : uidOf(user);
  const { profile } = await readInputs([run.log], { cwd: '/', root, architecture: 'x86-64', uid });
  return profile;
}

/** How often each behaviour was seen. */
export const countsOf = (profile: Profile) =>
  new Map([...behavioursOf(profile)].map((behaviour) => [keyOf(behaviour), behaviour.evidence.count]));

/** Holds what happened against what `check` would say of the same unit and the same trace. */
export function verdictOf(
  probe: NumberedProbe,
  run: ProbeRun,
  profile: Profile,
  idle: ReadonlyMap<string, number>,
  context: Context,
): Verdict {
  const { user, unit = [], lines } = probe;
  const written = ['[Service]', ...(user === undefined ? [] : [`User=${user}`]), ...unit, ...lines];
  const text = Buffer.from(`${written.map((line) => filledIn(line, probe)).join('\n')}\n`);
  const source = { name: 'probe.service', includes: [], ...readUnitText(text, 'probe.service') };
  const settings = readSettings(unitSettings(source, context).values, context);
  const denials = denialsOf(
    settings.map(({ setting }) => setting),
    profile,
  );
  const ofAct = denials.filter(
    ({ behaviour }) => behaviour.evidence.count > (idle.get(keyOf(behaviour)) ?? 0),
  );
  const said = [
    ...new Set(
      ofAct.map(({ errno, directive, behaviour }) => `${errno} (${directive}: ${nameOf(behaviour)})`),
    ),
  ];
  const atStart = denials.some(({ behaviour }) => idle.has(keyOf(behaviour)));
  const errnos = ofAct.map(({ errno }) => errno);
  const difference = differenceOf(run, errnos, atStart, said);
  const isKnown = probe.differs !== undefined && (probe.differs.in?.(context.systemd) ?? true);
  const known = isKnown && difference === undefined ? `agrees, though a difference is listed` : undefined;
  return { probe, outcome: run.confined, said, isKnown, difference: isKnown ? known : difference };
}

function differenceOf(
  { free, confined }: ProbeRun,
  errnos: readonly string[],
  atStart: boolean,
  said: readonly string[],
): string | undefined {
  if (free !== 'ok') return `proves nothing: without the lines it is ${free}`;
  const begins = !/^(?:not begun|killed|ended)/.test(confined);
  // What is refused at the start need not stop a program, but what stops it must be refused.
  if (!begins) return atStart ? undefined : `${confined}, and by the model it begins`;
  if (confined === 'ok')
    return errnos.length === 0 ? undefined : `works, and by the model it is ${said.join(', ')}`;
  if (errnos.length === 0) return `${confined}, and by the model it works`;
  if (confined === 'less' || errnos.includes(confined)) return undefined;
  return `${confined}, and by the model it is ${said.join(', ')}`;
}

/** `call mkdir`, `path write /f` */
const nameOf = (behaviour: Behaviour) => {
  const { evidence, ...what } = behaviour;
  return Object.values({ ...what, facts: '', isOwn: '', wasThere: '', as: evidence.as?.join(',') })
    .filter(Boolean)
    .join(' ');
};

/** A behaviour without its witnesses. */
function keyOf(behaviour: Behaviour): string {
  const { evidence: _evidence, ...what } = behaviour;
  return JSON.stringify(what);
}
