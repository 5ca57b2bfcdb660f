import { readInputs } from '../../src/commands/read-inputs.ts';
import { withFilesOf } from '../../src/commands/unit-files.ts';
import { unitSettings } from '../../src/commands/unit-settings.ts';
import { type Behaviour, behavioursOf } from '../../src/directives/behaviour.ts';
import type { Context } from '../../src/directives/context.ts';
import { placesToLookAt } from '../../src/directives/known-places.ts';
import { denialsOf, readSettings } from '../../src/directives/settings.ts';
import { startBehaviours } from '../../src/directives/start-behaviours.ts';
import { openRoot } from '../../src/paths/root.ts';
import { describeFiles } from '../../src/profile/describe-files.ts';
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
  const { profile } = await readInputs([run.log], { cwd: '/', root: 'none', architecture: 'x86-64', uid });
  // Of the machine no more than that: whose places lie beside those of a probe, no model asks.
  profile.files = describeFiles(profile, openRoot(root), placesToLookAt());
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
  root: string,
): Verdict {
  const { user, unit = [], lines } = probe;
  const written = ['[Service]', ...(user === undefined ? [] : [`User=${user}`]), ...unit, ...lines];
  const text = Buffer.from(`${written.map((line) => filledIn(line, probe)).join('\n')}\n`);
  const source = { name: 'probe.service', includes: [], ...readUnitText(text, 'probe.service') };
  const { values } = unitSettings(source, context);
  const known = withFilesOf(values, profile, root);
  const denials = denialsOf(
    readSettings(values, context).map(({ setting }) => setting),
    known,
    startBehaviours(values, known),
  );
  const ofAct = denials.filter(
    ({ behaviour }) => behaviour.evidence.count > (idle.get(keyOf(behaviour)) ?? 0),
  );
  const said = [
    ...new Set(
      ofAct.map(({ errno, directive, behaviour }) => `${errno} (${directive}: ${nameOf(behaviour)})`),
    ),
  ];
  const isRefusedStart = denials.some(({ behaviour }) => isOfStart(behaviour, source.name));
  // What others no longer see (in words, not an errno), the act itself does not meet.
  const all = ofAct.map(({ errno }) => errno);
  const errnos = run.confined === 'less' ? all : all.filter((errno) => !errno.includes(' '));
  const difference = differenceOf(run, errnos, isRefusedStart, said);
  const isKnown = probe.differs !== undefined && (probe.differs.in?.(context.systemd) ?? true);
  const agreed = isKnown && difference === undefined ? `agrees, though a difference is listed` : undefined;
  return { probe, outcome: run.confined, said, isKnown, difference: isKnown ? agreed : difference };
}

function differenceOf(
  { free, confined }: ProbeRun,
  errnos: readonly string[],
  isRefusedStart: boolean,
  said: readonly string[],
): string | undefined {
  if (free !== 'ok') return `proves nothing: without the lines it is ${free}`;
  // Nothing was tried then, whatever the model says of it: but for what systemd itself has to do before.
  if (/^(?:not begun|killed|ended)/.test(confined))
    return isRefusedStart ? undefined : `${confined}, so the act was not done`;
  if (confined === 'ok')
    return errnos.length === 0 ? undefined : `works, and by the model it is ${said.join(', ')}`;
  if (errnos.length === 0) return `${confined}, and by the model it works`;
  if (confined === 'less' || errnos.includes(confined)) return undefined;
  return `${confined}, and by the model it is ${said.join(', ')}`;
}

/** `call mkdir`, `path write /f` */
const nameOf = (behaviour: Behaviour) => {
  const { evidence, ...what } = behaviour;
  return Object.values({ ...what, facts: '', isOwn: '', made: '', real: '', as: evidence.as?.join(',') })
    .filter(Boolean)
    .join(' ');
};

/** What systemd does for a unit stands in the unit, and not in a log. */
const isOfStart = ({ evidence }: Behaviour, unit: string) => evidence.first.source === unit;

/** A behaviour without its witnesses. */
function keyOf(behaviour: Behaviour): string {
  const { evidence: _evidence, ...what } = behaviour;
  return JSON.stringify(what);
}
