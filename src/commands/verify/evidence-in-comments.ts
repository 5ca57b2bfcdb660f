/**
 * Reads what comments of a drop-in of ours say: `# Directive: reason`, below it `#   word: reason`, and `#   left alone, word: reason`
 * for what it could have taken away.
 */
export function evidenceInComments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let directive = '';
  for (const line of text.split('\n')) {
    const [, name, reason] = /^# ([A-Z][A-Za-z]+): (.*)$/.exec(line) ?? [];
    if (name !== undefined && reason !== undefined) {
      directive = name;
      found.set(name, reason);
      continue;
    }
    if (!line.startsWith('#')) continue;
    const [, left = '', word, said] = /^# {3}(left alone, )?(\S+): (.*)$/.exec(line) ?? [];
    if (directive !== '' && word !== undefined && said !== undefined)
      found.set(`${directive} ${left === '' ? '' : 'left alone '}${word.replace(/^[-+]+/, '')}`, said);
  }
  return found;
}
