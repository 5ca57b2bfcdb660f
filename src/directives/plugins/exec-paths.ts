import { isBelow } from '../../paths/covering-tree.ts';
import { type Assignment, directive } from '../directive.ts';
import { executablePlan } from '../executable-paths.ts';
import { withoutDash } from '../path-needs.ts';
import { writableRoots } from '../writable-paths.ts';

export interface ExecPathsValue {
  paths: string[];
  /** Those that stay read-only by a bind mount of their own; what the daemon itself writes is left out. */
  bound: string[];
}

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ExecPaths=
 *
 * ExecPaths=X alone makes X writable under ProtectSystem=strict (its mount is made anew without the read-only flag), so each
 * path also stands in BindReadOnlyPaths=.
 */
export const execPaths = directive<ExecPathsValue>({
  name: 'ExecPaths',
  since: 248,
  observes: ['mmap', 'mmap2'],
  infer(profile, context) {
    if (context.level === 'relaxed') return undefined;
    const { grants, warnings } = executablePlan(profile, context);
    if (grants.length === 0) return undefined;
    const writable = writableRoots(profile, context);
    const isWritable = (path: string) => writable.some((place) => place === path || isBelow(path, place));
    const paths = grants.map((grant) => grant.value);
    return {
      value: { paths, bound: paths.filter((path) => !isWritable(withoutDash(path))) },
      reason: 'Only these may be executed or mapped executable; the bind mounts keep them read-only.',
      grants,
      warnings,
    };
  },
  mounts: ({ paths, bound }) => [
    ...paths.map((path) => ({ path: withoutDash(path), flag: 'exec' as const, by: 'ExecPaths' })),
    ...bound.map((path) => ({
      path: withoutDash(path),
      flag: 'read-only' as const,
      by: 'BindReadOnlyPaths',
    })),
  ],
  denies(_value, behaviour, view) {
    const refusal = view.refuses(behaviour);
    return refusal?.by === 'BindReadOnlyPaths' ? refusal.errno : undefined;
  },
  assignments({ paths, bound }) {
    const lines: Assignment[] = [
      { key: 'ExecPaths', words: [], style: 'paths' },
      { key: 'ExecPaths', words: paths, style: 'paths' },
    ];
    if (bound.length > 0) lines.push({ key: 'BindReadOnlyPaths', words: bound, style: 'binds' });
    return lines;
  },
});
