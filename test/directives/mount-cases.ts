import type { MountRule } from '../../src/directives/mount-rules.ts';

/** Rules, and the lines of a drop-in that make them. The tree's own root is written as `@`. */
export interface MountCase {
  /** Where the tree lies; /var/lib unless given. */
  base?: string;
  lines: string[];
  rules: MountRule[];
}

type Make = (path: string) => { line: string; rule: MountRule };

const listed = (
  key: string,
  flag: 'read-only' | 'read-write' | 'no-exec' | 'exec' | 'inaccessible',
): Make => {
  // A path that is missing, because a tmpfs lies above it, would stop the start.
  return (path) => ({ line: `${key}=-${path}`, rule: { flag, path, by: key } });
};
const tmpfs = (options: string): Make => {
  const set = options.split(',');
  return (path) => ({
    line: `TemporaryFileSystem=${path}${options === '' ? '' : `:${options}`}`,
    rule: {
      flag: 'tmpfs',
      path,
      readOnly: set.includes('ro'),
      noExec: set.includes('noexec'),
      ...(set.includes('mode=1777') ? { mode: 0o1777 } : {}),
      by: 'TemporaryFileSystem',
    },
  });
};
const bind = (readOnly: boolean, sourceOf: (path: string) => string): Make => {
  const by = readOnly ? 'BindReadOnlyPaths' : 'BindPaths';
  return (path) => ({
    line: `${by}=${sourceOf(path)}:${path}`,
    rule: { flag: 'bind', path, source: sourceOf(path), readOnly, by },
  });
};
const itself = (path: string) => path;
/** The place of the same shape beside it. */
const sibling = (path: string) =>
  path.replace(/([abxy])(\/[pfs])?$/, (_all, name: string, rest = '') => `${other[name]}${rest}`);
const other: Record<string, string> = { a: 'b', b: 'a', x: 'y', y: 'x' };

export const makers = {
  ro: listed('ReadOnlyPaths', 'read-only'),
  rw: listed('ReadWritePaths', 'read-write'),
  noexec: listed('NoExecPaths', 'no-exec'),
  exec: listed('ExecPaths', 'exec'),
  hide: listed('InaccessiblePaths', 'inaccessible'),
  tmpfs: tmpfs(''),
  tmpfsRo: tmpfs('ro'),
  tmpfsNoExec: tmpfs('ro,noexec'),
  tmpfsOpen: tmpfs('mode=1777'),
  bind: bind(false, itself),
  bindRo: bind(true, itself),
  bindOther: bind(false, sibling),
  bindOtherRo: bind(true, sibling),
  own: (path: string) => ({
    line: `StateDirectory=${path.replace('@', '%%')}`,
    rule: { flag: 'own-directory' as const, path, by: 'StateDirectory' },
  }),
} satisfies Record<string, Make>;
export type Kind = keyof typeof makers;

const onFiles: readonly Kind[] = [
  'ro',
  'rw',
  'noexec',
  'exec',
  'hide',
  'bind',
  'bindRo',
  'bindOther',
  'bindOtherRo',
];

/** `ro a` or `hide a/f`, several with commas between; `strict` for ProtectSystem=strict. */
export function caseOf(text: string): MountCase {
  const parts = text.split(', ').map((part) => {
    const [kind = '', path = ''] = part.split(' ');
    if (kind === 'strict') return strict;
    return makers[kind as Kind](path === '.' ? '@' : `@/${path}`);
  });
  return { lines: parts.map(({ line }) => line), rules: parts.map(({ rule }) => rule) };
}
const strict = {
  line: 'ProtectSystem=strict',
  rule: { flag: 'read-only', path: '/', by: 'ProtectSystem' } as MountRule,
};

/** Each of these was a question once. */
export const knownCases: readonly string[] = [
  'tmpfs a',
  'tmpfsRo a',
  'tmpfsNoExec a',
  'tmpfsOpen a',
  'ro a',
  'noexec a',
  'hide a',
  'hide a/f',
  'hide a/s',
  'hide a/q',
  'hide a/z',
  'bind a',
  'bindRo a',
  'bindOther a',
  'own a',
  // What shows the host's directory under a tmpfs, and what is passed over.
  'tmpfsRo a, rw a/x',
  'tmpfsRo a, bind a/x',
  'tmpfsRo a, bindRo a/x',
  'tmpfsRo a, own a/x',
  'tmpfsRo a, hide a/x',
  'tmpfsRo a, exec a/x',
  'tmpfs a, tmpfs a/x',
  'tmpfsRo ., bind a/x/p',
  'tmpfsOpen ., bind a/x/p',
  'tmpfs ., own a/x/p',
  'tmpfsRo ., bind a/f',
  'tmpfsRo ., bind a/s',
  'tmpfsNoExec a, bindRo a/x',
  'tmpfsNoExec a, bind a/x, noexec a/x',
  'tmpfsRo a, bindOther a/x, tmpfs a/x/p',
  'tmpfsRo a, ro a/x, bind a/x/p',
  // Two rules for one path.
  'tmpfs a, ro a',
  'tmpfsRo a, rw a',
  'tmpfsNoExec a, exec a',
  'tmpfs a, noexec a',
  'tmpfs a, bind a',
  'tmpfsRo a, bind a',
  'own a, noexec a',
  'own a, ro a',
  'own a, bindRo a',
  'own a, hide a',
  'bind a, rw a',
  'bind a, ro a',
  'bind a, bindOtherRo a',
  'noexec a, exec a',
  'strict, rw a, noexec a, exec a',
  'ro a, rw a',
  'ro a, exec a',
  'hide a, bind a',
  'rw a, exec a, noexec a',
  // Nested.
  'ro a, rw a/x',
  'ro a, rw a/x, ro a/x/p',
  'ro a, exec a/x',
  'ro a, noexec a/x',
  'ro a, ro a/x, noexec a/x',
  'noexec a, exec a/x',
  'noexec a, rw a/x',
  'noexec a, noexec a/x',
  'rw a, rw a/x',
  'hide a, rw a/x',
  'hide a, bind a/x',
  'hide a, tmpfs a/x',
  'bindRo a, rw a/x',
  'bind a, ro a/x',
  'bindOther a, hide a/x',
  'own a, own a/x',
  'ro a, own a/x',
  'ro a, bindOther a/x',
  'noexec a, bind a/x',
  'strict, rw a/f',
  'strict, own a, own b',
  'strict, rw a, rw b',
  'strict, rw ., tmpfsRo a',
  'noexec ., exec a/prog',
  'noexec ., exec a/prog, bindRo a/prog',
  'strict, exec a',
  'strict, exec a, bindRo a',
  'strict, exec a, ro a',
  'rw a/f',
  'ro a/f',
  'hide b/x',
  'tmpfsRo b, own a',
  'hide a/x/p, tmpfs b/y',
  // One file in two places: a mount on it keeps its name everywhere.
  'bindOther b, bindOtherRo a/f',
  'strict, bindOther b/x, hide b/x/f, exec b/y',
  'tmpfsOpen a, bindOther a/f',
  'own b/x, rw a/s, own b/x/p',
  'tmpfsRo ., own b/x/p, noexec b',
];

const directories = ['.', 'a', 'b', 'a/x', 'a/y', 'b/x', 'b/y', 'a/x/p', 'b/x/p'];
const files = ['a/f', 'a/s', 'a/x/f', 'b/x/f', 'a/x/p/s'];

/** Two to four rules at random places, some inside each other, some at one place. The same for the same seed. */
export function generatedCases(count: number, seed: number): string[] {
  let state = seed;
  const pick = <T>(from: readonly T[]): T => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return from[(state >>> 16) % from.length] as T;
  };
  const anywhere = Object.keys(makers) as Kind[];
  const part = (): string => {
    if (pick([0, 0, 0, 0, 1]) === 1) return `${pick(onFiles)} ${pick(files)}`;
    const kind = pick(anywhere);
    // Nothing has the shape of the tree as a whole, nor of what lies three levels down beside it.
    const places = kind.startsWith('bindOther') ? directories.slice(1, 7) : directories;
    return `${kind} ${pick(places)}`;
  };
  return Array.from({ length: count }, () => {
    const parts = Array.from({ length: pick([2, 3, 3, 4]) }, part);
    return (pick([0, 0, 0, 1]) === 1 ? ['strict', ...parts] : parts).join(', ');
  });
}
