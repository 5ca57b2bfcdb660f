import type { Against, Setting } from '../directives/directive.ts';
import { directives } from '../directives/registry.ts';
import type { SyscallGroups } from '../syscall-groups/groups.ts';
import type { Place } from '../trace/event.ts';
import { type Attack, attacks, type Closer, closers } from './attack-table.ts';
import { letCallThrough } from './calls-let-through.ts';
import { type Opening, openingsOf, type SaidBy } from './lets-through.ts';

/** Where the drop-in will be read, and what is known of the daemon. */
export interface Target {
  /** The version of systemd. */
  systemd: number;
  /** Whether it can run BPF programs. */
  bpf: boolean | undefined;
  groups: SyscallGroups;
  /** Where a system call was first seen, if the trace is at hand. */
  seen?: (call: string) => Place | undefined;
  /** What speaks against a directive, if the trace is at hand. */
  against?: (directive: string) => Against | undefined;
  /** Where a path leads on the host; to itself where left out. */
  realPath?: (path: string) => string;
}

/**
 * Why an attack is open: a call of the trace asked for it; a reason that is not in the trace was stated; no directive of this version
 * closes it; or none of these, so that a line could be added.
 */
export type Because = 'evidence' | 'reason' | 'no directive' | 'not set';

/** Why an attack is open under settings. */
export interface OpenAttack extends Attack {
  /** What of the settings lets it through: with witnesses of the trace, or a stated reason. */
  openings: Opening[];
  /** Lines that would close it, of directives that are not set or not so. */
  wouldClose: string[];
  /** Lines that would close it with a later systemd, or one that has BPF. */
  wouldCloseElsewhere: string[];
  because: Because;
  /** One sentence of the above. */
  why: string;
  /** The directive of that sentence, and the word of it, where it speaks of one that is set. */
  by: SaidBy | undefined;
}

type Said = Pick<OpenAttack, 'because' | 'why' | 'by'>;

/** Another user closes much, but that is another daemon: only where nothing else does. */
const lastResorts: ReadonlySet<string> = new Set(['User', 'DynamicUser', 'PrivateUsers', 'SecureBits']);

/**
 * Says of each open attack what leaves it open: a grant in the settings that stands for what it needs (a path, a capability, a family,
 * a call), with its evidence or stated reason; what speaks against the directive that would close it; otherwise which lines would;
 * otherwise that none of this version does.
 * @param open the ids of attacks that are open under the settings
 */
export function explainOpen(
  open: readonly string[],
  settings: readonly Setting[],
  target: Target,
): OpenAttack[] {
  const table = closers();
  const known = new Map(attacks().map((attack) => [attack.id, attack]));
  return open.flatMap((id) => {
    const attack = known.get(id);
    if (attack === undefined) return [];
    const closing = table.filter(({ closes }) => closes.includes(id));
    return [explain(attack, closing, settings, target)];
  });
}

function explain(
  attack: Attack,
  closing: readonly Closer[],
  settings: readonly Setting[],
  target: Target,
): OpenAttack {
  const isHere = (closer: Closer) =>
    sinceOf(closer.directive) <= target.systemd && !(closer.bpf === true && target.bpf === false);
  const here = closing.filter(isHere);
  const plain = here.filter(({ directive }) => !lastResorts.has(directive));
  const useful = plain.length > 0 ? plain : here;
  const inForce = settings.filter((setting) => setting.inForce);
  const openings = openingsOf(attack, useful, inForce, target.realPath ?? ((path) => path));
  // A call of the trace says more than a reason in words.
  openings.sort((a, b) => Number(b.grant.witnesses.length > 0) - Number(a.grant.witnesses.length > 0));
  const wouldClose = [...new Set(useful.map(wordsOf))];
  const wouldCloseElsewhere = [...new Set(closing.filter((closer) => !isHere(closer)).map(wordsOf))];
  const call = letCallThrough(useful, inForce, target.groups);
  const at = call === undefined ? undefined : target.seen?.(call.name);
  // What is granted for it says more than that a call was made: that may have been for something else.
  const outcome =
    ofOpening(openings[0]) ??
    (call === undefined || at === undefined
      ? undefined
      : said('evidence', `SystemCallFilter= grants ${call.name}: seen at ${placeText(at)}.`, call.by)) ??
    ofValue(inForce, useful) ??
    (call === undefined ? undefined : said('reason', call.why, call.by)) ??
    ofAgainst(useful, target) ??
    withoutAny(wouldClose, wouldCloseElsewhere, target);
  return { ...attack, openings, wouldClose, wouldCloseElsewhere, ...outcome };
}

function said(because: Because, why: string, by?: SaidBy): Said {
  return { because, why, by };
}

function ofOpening(opening: Opening | undefined): Said | undefined {
  if (opening === undefined) return undefined;
  const { directive, grant, isLeft } = opening;
  const start = isLeft ? `${directive}= leaves ${grant.value} alone` : `${directive}= grants ${grant.value}`;
  const by = { directive, value: grant.value };
  const [witness] = grant.witnesses;
  if (witness === undefined) return said('reason', `${start}: ${grant.reason}`, by);
  return said(
    'evidence',
    `${start}: ${witness.call}(${witness.subject}) at ${placeText(witness.first)}.`,
    by,
  );
}

/** A directive with one value that is set to another one. */
function ofValue(settings: readonly Setting[], useful: readonly Closer[]): Said | undefined {
  const setting = settings.find(
    ({ directive, assignments }) =>
      assignments.length === 1 &&
      useful.some((closer) => closer.directive === directive && isOneWord(closer)),
  );
  if (setting === undefined) return undefined;
  const [words] = setting.assignments.map((assignment) => assignment.words.join(' '));
  const { directive, reason } = setting;
  return said('reason', `${directive}=${words ?? ''}: ${reason}`, { directive });
}

/** A directive with one value, not a list of which a part may be missing. */
function isOneWord({ line }: Closer): boolean {
  return /^(Protect|Private|Restrict(?!Address)|ProcSubset|LockPersonality|MemoryDeny|NoNew)/.test(line);
}

/** What the trace says against a directive that would close it. */
function ofAgainst(useful: readonly Closer[], { against }: Target): Said | undefined {
  for (const name of new Set(useful.map(({ directive }) => directive))) {
    const reason = against?.(name);
    if (typeof reason === 'string') return said('reason', `${name}= is not set: ${reason}.`);
    if (reason === undefined) continue;
    const { evidence } = reason.behaviour;
    return said(
      'evidence',
      `${name}= is not set: it would refuse ${evidence.call} at ${placeText(evidence.first)}.`,
    );
  }
  return undefined;
}

function withoutAny(wouldClose: readonly string[], elsewhere: readonly string[], { systemd }: Target): Said {
  if (wouldClose.length > 0) return said('not set', `Not set: ${wouldClose.slice(0, 3).join(', or ')}.`);
  const others = elsewhere.length === 0 ? '' : ` (elsewhere: ${elsewhere.join(', or ')})`;
  return said('no directive', `No directive of systemd ${systemd} closes it${others}.`);
}

function wordsOf({ line, besides }: Closer): string {
  return besides === undefined ? line : `${line} with ${besides}`;
}

function sinceOf(directive: string): number {
  return directives.find(({ name }) => name === directive)?.since ?? 0;
}

function placeText({ source, line }: Place): string {
  return `${source}:${line}`;
}
