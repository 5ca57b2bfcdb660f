import { textOfBytes } from './byte-text.ts';
import { normalPath, type Root } from './root.ts';

/** Bounds against configuration that includes itself or half a file system. */
const deepestInclude = 16;
const mostFiles = 1000;
const longestFile = 1 << 20;

/**
 * The directories that ld.so.conf names, its `include` lines followed: what ldconfig would search. Empty where there is no such file.
 * https://man7.org/linux/man-pages/man8/ldconfig.8.html
 */
export function configuredDirectories(root: Root, path = '/etc/ld.so.conf'): string[] {
  const directories = new Set<string>();
  const seen = new Set<string>();
  readConfig(path, 0);
  return [...directories];

  function readConfig(file: string, depth: number): void {
    const { real } = root.lookUp(file);
    if (seen.has(real) || seen.size >= mostFiles || depth > deepestInclude) return;
    seen.add(real);
    for (const line of linesAt(root, real)) {
      const [word = '', ...rest] = line.split(/[ \t]+/);
      if (word === 'include') {
        for (const pattern of rest) {
          for (const found of expand(root, pattern.startsWith('/') ? pattern : `${file}/../${pattern}`)) {
            readConfig(found, depth + 1);
          }
        }
      } else if (word.startsWith('/')) {
        // `directory=libc6` is the spelling of long ago.
        directories.add(normalPath(line.replace(/=.*$/s, '')));
      }
    }
  }
}

/** A file's lines without comments and blank ones. */
export function linesAt(root: Root, path: string): string[] {
  const text = root.withFile(path, (file) => textOfBytes(file.read(0, longestFile).toString('latin1'))) ?? '';
  return text
    .split('\n')
    .map((line) => (line.split('#', 1)[0] ?? '').trim())
    .filter((line) => line !== '');
}

/** The paths that match a pattern of glob(7), sorted. */
function expand(root: Root, pattern: string): string[] {
  let found = ['/'];
  for (const part of normalPath(pattern).split('/').slice(1)) {
    const next: string[] = [];
    for (const directory of found) {
      const names = /[*?[]/.test(part) ? root.list(directory).filter((name) => matches(name, part)) : [part];
      for (const name of names)
        if (next.length < mostFiles) next.push(directory === '/' ? `/${name}` : `${directory}/${name}`);
    }
    found = next;
  }
  return found;
}

/**
 * Whether a name matches a pattern of `*`, `?` and `[…]`. On a mismatch only the latest `*` takes one character more, so that no
 * pattern takes longer than name times pattern; a library that builds a regular expression cannot promise that.
 */
function matches(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const tokens = pattern.match(/\[!?\]?[^\]]*\]|[\s\S]/g) ?? [];
  let [at, token, starToken, starAt] = [0, 0, -1, 0];
  while (at < name.length) {
    const wanted = tokens[token];
    if (wanted === '*') {
      starToken = token++;
      starAt = at;
    } else if (wanted !== undefined && matchesOne(name[at] as string, wanted)) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else return false;
  }
  while (tokens[token] === '*') token++;
  return token === tokens.length;
}

function matchesOne(character: string, token: string): boolean {
  if (token === '?') return true;
  if (token.length === 1) return token === character;
  const negated = token[1] === '!';
  const set = token.slice(negated ? 2 : 1, -1);
  for (let i = 0; i < set.length; i++) {
    const [from, dash, to] = [set[i] as string, set[i + 1], set[i + 2]];
    const isRange = dash === '-' && to !== undefined;
    if (isRange ? character >= from && character <= to : character === from) return !negated;
    if (isRange) i += 2;
  }
  return negated;
}
