import { execKeys, writtenCommands } from '../../systemd/exec-commands.ts';
import type { UnitLine } from '../../systemd/unit-text.ts';
import { literalWord, quoted } from './unit-word.ts';

/** What stands before a traced command. */
export interface Tracer {
  /** strace and its options, up to `-o`. */
  words: readonly string[];
  /** Where logs go: a directory for each run of the unit, which `${INVOCATION_ID}` names, lies below it. */
  traces: string;
  /** A bash, for commands that are told another name than their own (`@`); undefined where there is none. */
  bash: string | undefined;
}

export interface WrappedCommands {
  /** Lines of a drop-in, in which every command of the unit runs under the tracer. */
  lines: [key: string, text: string][];
  /** Commands that are not traced, and why: one sentence each. */
  untraced: string[];
}

/** A log of a command that was started through bash: the first lines of each run in it are bash's own. */
export const namedEnding = '-named.strace';

/** What bash runs: it takes back what it put into the environment, and becomes the program under the name that was asked for. */
export const giveName = 'unset SHLVL PWD OLDPWD; exec -a "$0" "$@"';

/**
 * Puts strace before each command of a service. What the unit says stays as it is written (quotes, specifiers, variables), and is
 * read by systemd alone: no shell sees it. With `+` a command is outside of the sandbox, so it is left alone.
 * config_parse_exec() in src/core/load-fragment.c, replace_env_argv() in src/basic/env-util.c.
 */
export function wrapCommands(lines: readonly UnitLine[], tracer: Tracer): WrappedCommands {
  const wrapped: WrappedCommands = { lines: [], untraced: [] };
  for (const key of execKeys) {
    let known: string[] = [];
    for (const line of lines) {
      if (line.section !== 'Service' || line.key !== key) continue;
      if (line.text === '') known = [];
      for (const words of writtenCommands(line.text)) {
        const name = `${key}-${known.length + 1}`;
        const { text, untraced } = wrap(words, name, tracer);
        known.push(text);
        if (untraced !== undefined) wrapped.untraced.push(`${name} is not traced: ${untraced}`);
      }
    }
    if (known.length > 0)
      wrapped.lines.push([key, ''], ...known.map((text): [string, string] => [key, text]));
  }
  return wrapped;
}

function wrap(
  words: readonly { raw: string; word: string }[],
  name: string,
  { words: strace, traces, bash }: Tracer,
): { text: string; untraced?: string } {
  const [first, ...rest] = words;
  const asWritten = words.map(({ raw }) => raw).join(' ');
  if (first === undefined) return { text: asWritten };
  const prefix = /^[-@:+!|]*/.exec(first.word)?.[0] ?? '';
  if (prefix.includes('+'))
    return { text: asWritten, untraced: 'with "+" it runs outside of the sandbox anyway.' };
  if (prefix.includes('|'))
    return { text: asWritten, untraced: 'with "|" systemd runs it in a shell of the user.' };
  // Ours must be expanded by systemd, and with `:` nothing is.
  const isVerbatim = prefix.includes(':');
  const written = rest.map(({ raw }) => (isVerbatim ? raw.replaceAll('$', '$$$$') : raw));
  // A variable in the first word was never expanded.
  const program = quoted(first.word.slice(prefix.length).replaceAll('$', '$$$$'));
  const kept = prefix.replace(/[@:]/g, '');
  const log = (ending: string) => `${literalWord(traces)}/\${INVOCATION_ID}/${name}${ending}`;
  const under = (ending: string) => [`${kept}${strace[0] ?? ''}`, ...strace.slice(1), log(ending), '--'];
  if (!prefix.includes('@')) return { text: [...under('.strace'), program, ...written].join(' ') };
  if (bash === undefined)
    return { text: asWritten, untraced: 'with "@" it is told another name, and only bash could do that.' };
  const [own = '', ...others] = written;
  const named = [bash, '-p', '-c', giveName].map(literalWord);
  return { text: [...under(namedEnding), ...named, own, program, ...others].join(' ') };
}
