import type { Blame, Blamed } from './blame.ts';
import type { Change } from './mend-drop-in.ts';
import type { Missing } from './missing-path.ts';

/**
 * What was seen to be refused is lifted; where nothing was, because the unit did not come so far, what the models say. Each word is
 * written once: several things that are refused may be lifted by the same one.
 */
export function changesFor(
  { blamed }: Blame,
  missing: Missing | undefined,
  made: readonly Change[],
): Change[] {
  if (missing !== undefined) return [missing];
  const seen = blamed.filter((each) => each.seen.length > 0);
  const said = new Set(made.flatMap(wordsOfChange));
  return (seen.length > 0 ? seen : blamed).flatMap((finding): Change[] => {
    const { how } = finding.remedy;
    const assignments = finding.remedy.assignments.flatMap((assignment) => {
      const words = assignment.words.filter((word) => !said.has(wordOfChange(how, assignment.key, word)));
      if (words.length === 0 && assignment.words.length > 0) return [];
      return [{ ...assignment, words }];
    });
    const change = { how, assignments, reason: reasonOf(finding) };
    for (const word of wordsOfChange(change)) said.add(word);
    return assignments.length === 0 ? [] : [change];
  });
}

function wordsOfChange({ how, assignments }: Pick<Change, 'how' | 'assignments'>): string[] {
  return assignments.flatMap(({ key, words }) => words.map((word) => wordOfChange(how, key, word)));
}

function wordOfChange(how: Change['how'], key: string, word: string): string {
  return `${how}\n${key}\n${word}`;
}

function reasonOf({ directive, seen, denials, errno, review }: Blamed): string {
  const [first] = seen;
  const more = seen.length > 1 ? ` and ${seen.length - 1} more` : '';
  const what =
    first !== undefined
      ? `${first.call}${first.subject === '' ? '' : ` ${first.subject}`} ${first.errno === 'SIGSYS' ? 'was killed' : `got ${first.errno}`}${more}`
      : `${denials[0]?.behaviour.evidence.call ?? 'what it does'} ${wouldBecome(errno)}`;
  return `${directive}= was in the way: ${what}.${review === undefined ? '' : ` REVIEW ${review}.`}`;
}

/** Models say in words what no error tells. */
function wouldBecome(errno: string): string {
  if (errno === 'SIGSYS') return 'would be killed';
  if (errno === 'hangs') return 'would hang';
  if (/^E[A-Z0-9]+$/.test(errno)) return `would get ${errno}`;
  return errno.startsWith('un') ? `would be ${errno}` : `would become ${errno}`;
}
