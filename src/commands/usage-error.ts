import { visible } from '../emit/escaping.ts';

/** What yargs found wrong with a command line, as one sentence for a user. `isReplay`: the command that it was for. */
export function usageMessage(message: string, isReplay: boolean): string {
  const text = visible(message.replaceAll(/\s*\n\s*/g, ' '));
  const choice = /Argument: ([\w-]+), Given: (.*?), Choices: (.*)$/.exec(text);
  if (choice !== null) {
    const [, name = '', given = '', choices = ''] = choice;
    return `--${name} takes one of ${choices.replaceAll('"', '')}, not ${given}.`;
  }
  const [, words] = /^Unknown (?:arguments?|commands?): (.*)$/.exec(text) ?? [];
  if (words === undefined) return /[.!?]$/.test(text) ? text : `${text}.`;
  return isReplay
    ? `There is no option or argument ${words} here.`
    : `There is no option or command ${words} here; a program to trace stands behind --, with its own options.`;
}
