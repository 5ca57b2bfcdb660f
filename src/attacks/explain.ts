import type { Setting } from '../directives/directive.ts';
import type { Grant } from '../directives/grant.ts';
import { directives } from '../directives/registry.ts';
import { isBelow } from '../paths/covering-tree.ts';
import type { SyscallGroups } from '../syscall-groups/groups.ts';
import { type Attack, attacks, type Closer, closers } from './attack-table.ts';

/** Where the drop-in will be read. */
export interface Target {
  /** The version of systemd. */
  systemd: number;
  /** Whether it can run BPF programs. */
  bpf: boolean | undefined;
  groups: SyscallGroups;
}

/** Why an attack is open under settings. */
export interface OpenAttack extends Attack {
  /** What of the settings lets it through: with witnesses of the trace, or a stated reason. */
  grants: { directive: string; grant: Grant }[];
  /** Lines that would close it, of directives that are not set or not so. */
  wouldClose: string[];
  /** Lines that would close it with a later systemd, or one that has BPF. */
  wouldCloseElsewhere: string[];
  /** One sentence of the above. */
  why: string;
}

/** What is granted by one directive and could be taken away by others. */
const takenAwayBy: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ...[
    'ReadWritePaths',
    'BindPaths',
    'RuntimeDirectory',
    'StateDirectory',
    'CacheDirectory',
    'LogsDirectory',
    'ConfigurationDirectory',
  ].map((name) => [name, new Set(['ReadOnlyPaths', 'TemporaryFileSystem', 'InaccessiblePaths'])] as const),
  ['BindReadOnlyPaths', new Set(['TemporaryFileSystem', 'InaccessiblePaths'])],
  ['ExecPaths', new Set(['NoExecPaths'])],
]);

/** Another user closes much, but that is another daemon: only where nothing else does. */
const lastResorts: ReadonlySet<string> = new Set(['User', 'DynamicUser', 'PrivateUsers', 'SecureBits']);

/**
 * Says of each open attack what leaves it open: a grant in the settings that stands for what it needs (a path, a capability, a family,
 * a call), with its evidence or stated reason; otherwise which lines would close it; otherwise that none of this version does.
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
  const wouldClose = [...new Set(useful.map(wordsOf))];
  const wouldCloseElsewhere = [...new Set(closing.filter((closer) => !isHere(closer)).map(wordsOf))];
  const inForce = settings.filter((setting) => setting.inForce);
  const grants = inForce.flatMap((setting) =>
    [...setting.grants, ...setting.left]
      .filter((grant) =>
        useful.some((closer) => isAbout(grant.value, setting.directive, closer, target.groups)),
      )
      .map((grant) => ({ directive: setting.directive, grant })),
  );
  // A call of the trace says more than a reason in words.
  grants.sort((a, b) => Number(b.grant.witnesses.length > 0) - Number(a.grant.witnesses.length > 0));
  const otherwise = inForce.find(
    ({ directive, assignments }) =>
      assignments.length === 1 &&
      useful.some((closer) => closer.directive === directive && isOneWord(closer)),
  );
  const open = { ...attack, grants, wouldClose, wouldCloseElsewhere };
  return { ...open, why: whyOf(open, otherwise, target) };
}

/** A directive with one value, not a list of which a part may be missing. */
function isOneWord({ line }: Closer): boolean {
  return /^(Protect|Private|Restrict(?!Address)|ProcSubset|LockPersonality|MemoryDeny|NoNew)/.test(line);
}

function wordsOf({ line, besides }: Closer): string {
  return besides === undefined ? line : `${line} with ${besides}`;
}

function sinceOf(directive: string): number {
  return directives.find(({ name }) => name === directive)?.since ?? 0;
}

/** Whether a granted value is what a line takes away. */
function isAbout(value: string, directive: string, closer: Closer, groups: SyscallGroups): boolean {
  const word = closer.line.replace(/^[^=]*=~?/, '').replace(/:ro$/, '');
  const path = value.replace(/^[-+]+/, '').replace(/:.*/, '');
  const takers = takenAwayBy.get(directive);
  if (takers !== undefined) {
    if (!takers.has(closer.directive) || word === '/') return false;
    return path === word || isBelow(path, word) || isBelow(word, path);
  }
  if (directive !== closer.directive) return false;
  if (value === word) return true;
  if (directive !== 'SystemCallFilter') return false;
  const granted = membersOf(value, groups);
  return membersOf(word, groups).some((name) => granted.includes(name));
}

function membersOf(word: string, groups: SyscallGroups): readonly string[] {
  return word.startsWith('@') ? [...groups.members(word)] : [word];
}

function whyOf(
  { grants, wouldClose, wouldCloseElsewhere }: Omit<OpenAttack, 'why'>,
  otherwise: Setting | undefined,
  { systemd }: Target,
): string {
  const [first] = grants;
  const witness = first?.grant.witnesses[0];
  if (first !== undefined && witness !== undefined)
    return `${first.directive}= grants ${first.grant.value}: ${witness.call}(${witness.subject}) at ${witness.first.source}:${witness.first.line}.`;
  if (first !== undefined) return `${first.directive}= grants ${first.grant.value}: ${first.grant.reason}`;
  if (otherwise !== undefined) {
    const [words] = otherwise.assignments.map((assignment) => assignment.words.join(' '));
    return `${otherwise.directive}=${words ?? ''}: ${otherwise.reason}`;
  }
  if (wouldClose.length > 0) return `Not set: ${wouldClose.slice(0, 3).join(', or ')}.`;
  const elsewhere =
    wouldCloseElsewhere.length === 0 ? '' : ` (elsewhere: ${wouldCloseElsewhere.join(', or ')})`;
  return `No directive of systemd ${systemd} closes it${elsewhere}.`;
}
