import type { Context } from '../directives/context.ts';
import type { Assigned, UnitValues } from '../directives/directive.ts';
import { withImplied } from '../directives/implied-settings.ts';
import { directives } from '../directives/registry.ts';
import { normalPath } from '../paths/root.ts';
import { olderNames, serviceKeys } from '../systemd/service-keys.ts';
import { expandSpecifiers } from '../systemd/unit-specifiers.ts';
import type { UnitLine } from '../systemd/unit-text.ts';
import { wordsOf } from '../systemd/unit-words.ts';
import type { Place } from '../trace/event.ts';
import { nearestNames } from './nearest-names.ts';
import type { UnitSource } from './unit-source.ts';

/** A unit as directives read it. */
export interface UnitSettings {
  values: UnitValues;
  /** What is written and protects nothing: `file:line: why`. */
  ignored: string[];
  /** Words of which only the system manager knows what they stand for. */
  unclear: { file: string; line: number; key: string; reason: string }[];
  /** What else a reader should know: `file:line: why`. */
  notes: string[];
  /** The assignment at a place. */
  lineAt(place: Place): UnitLine | undefined;
}

/** Makes of the lines of a unit what plugins read: words, cut as each directive cuts them, of the keys that this systemd knows. */
export function unitSettings({ lines, warnings, name }: UnitSource, context: Context): UnitSettings {
  const reading = new Reading(context, name);
  for (const line of lines) reading.line(line);
  const at = new Map(lines.map((line) => [`${line.file}\n${line.line}`, line]));
  return {
    values: withImplied((key) => reading.assigned.get(key) ?? [], context),
    ignored: [...warnings, ...reading.ignored],
    unclear: reading.unclear,
    notes: reading.notes,
    lineAt: ({ source, line }) => at.get(`${source}\n${line}`),
  };
}

const byName = new Map(directives.map((directive) => [directive.name, directive]));

class Reading {
  readonly assigned = new Map<string, Assigned[]>();
  readonly ignored: string[] = [];
  readonly unclear: UnitSettings['unclear'] = [];
  readonly notes: string[] = [];
  readonly #context: Context;
  readonly #unit: string | undefined;

  constructor(context: Context, unit: string | undefined) {
    this.#context = context;
    this.#unit = unit;
  }

  line(line: UnitLine): void {
    const key = olderNames.get(line.key) ?? line.key;
    const ignore = (why: string) => this.ignored.push(`${line.file}:${line.line}: ${why}`);
    const directive = byName.get(key);
    if (line.section !== sectionOf(this.#unit)) {
      if (directive !== undefined && !line.section.startsWith('X-'))
        ignore(`${key}= stands in [${line.section}], where it is ignored: it belongs in [Service].`);
      return;
    }
    const { systemd } = this.#context;
    const since = directive?.since ?? serviceKeys().get(key);
    if (since !== undefined && since > systemd) {
      ignore(`systemd ${systemd} has no ${key}= (it came with ${since}): it is ignored.`);
      return;
    }
    if (directive === undefined) {
      if (since === undefined && !key.startsWith('X-')) ignore(unknownKey(key));
      else if (key === 'ExecStart' && /^[-@:|]*\+/.test(line.text))
        this.notes.push(
          `${line.file}:${line.line}: with "+" systemd runs this command outside of the sandbox: nothing is refused to it.`,
        );
      else if (key === 'WorkingDirectory') this.#workingDirectory(line);
      else this.#add(key, wordsOf(line.text, 'plain').words, line);
      return;
    }
    const { words, warnings } = wordsOf(
      line.text,
      directive.style,
      this.#unit === undefined ? {} : { unit: this.#unit },
    );
    for (const warning of warnings) {
      if (warning.includes('stands for nothing we know'))
        this.unclear.push({ file: line.file, line: line.line, key, reason: warning });
      else ignore(warning);
    }
    const plain = words.map((word) => (directive.style === 'plain' ? word : word.replace(/^(-?)\+/, '$1')));
    const strange = directive.ignores(plain, this.#context);
    if (strange.length > 0) ignore(unknownValue(key, strange, systemd));
    // A line of which no word is left is not an empty assignment, which would undo what stands before it.
    if (plain.length === 0 && line.text !== '') return;
    for (const each of plain.length === 0 ? resetWith(key) : [key]) this.#add(each, plain, line);
  }

  /** One path, blanks and all; nothing, or `~` for a home that the unit does not tell. */
  #workingDirectory(line: UnitLine): void {
    const { key, text } = line;
    const path = expandSpecifiers(text.replace(/^-/, ''), this.#unit);
    const isPath = path?.startsWith('/') === true;
    this.#add(key, isPath ? [`${text.startsWith('-') ? '-' : ''}${normalPath(path)}`] : [], line);
  }

  #add(key: string, words: string[], { file, line }: UnitLine): void {
    const known = this.assigned.get(key) ?? [];
    known.push({ words, place: { source: file, line } });
    this.assigned.set(key, known);
  }
}

/** What an empty assignment empties: these two are one list to systemd (config_parse_bind_paths in src/core/load-fragment.c). */
function resetWith(key: string): readonly string[] {
  return binds.includes(key) ? binds : [key];
}

const binds: readonly string[] = ['BindPaths', 'BindReadOnlyPaths'];

/** Sandboxing keys stand in the section of the unit's type; only these types start processes. */
function sectionOf(unit: string | undefined): string {
  const type = /\.(socket|mount|swap)$/.exec(unit ?? '')?.[1];
  return type === undefined ? 'Service' : type.charAt(0).toUpperCase() + type.slice(1);
}

function unknownKey(key: string): string {
  const [nearest] = nearestNames(key, serviceKeys().keys());
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}=?`;
  return `systemd knows no ${shortened(key)}= in this section, so the line is ignored${hint}`;
}

function unknownValue(key: string, strange: readonly string[], systemd: number): string {
  const shown = strange.map(shortened).filter((word) => word !== '');
  return shown.length === 0
    ? `${key}= has no value here, so the line is ignored.`
    : `systemd ${systemd} does not know ${shown.slice(0, 8).join(' ')} in ${key}=: what it doesn't know is ignored.`;
}

function shortened(word: string): string {
  return word.length <= 60 ? word : `${word.slice(0, 60)}…`;
}
