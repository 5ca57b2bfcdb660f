import { isInterpreter } from '../interpreters.ts';
import { notAtLevel } from '../on-off.ts';
import { pathList } from '../path-list.ts';
import { withoutDash } from '../path-needs.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ExecPaths=
 *
 * ExecPaths=X alone makes X writable under ProtectSystem=strict (its mount is made anew without the read-only flag), so each
 * path also stands in BindReadOnlyPaths=.
 */
export const execPaths = pathList({
  name: 'ExecPaths',
  since: 248,
  about: {
    denies: 'Nothing: it grants executing',
    when: 'Programs, interpreters, loaders and libraries that were used, by rules of their own; not at relaxed',
    rules: 'executable-paths.md',
  },
  observes: ['mmap', 'mmap2'],
  resets: true,
  infer(_profile, context, plans) {
    const why = notAtLevel(context);
    if (why !== undefined) return why;
    const { grants, warnings } = plans.executable;
    if (grants.length === 0) return 'the trace does not show what is executed';
    const interpreters = grants.map(({ value }) => withoutDash(value)).filter(isInterpreter);
    const named = interpreters.slice(0, 4).join(', ') + (interpreters.length > 4 ? ' …' : '');
    return {
      value: grants.map((grant) => grant.value),
      reason: `Only these may be executed or mapped executable.${interpreters.length === 0 ? '' : ` A script is read, not executed: ${named} may run one from anywhere.`}`,
      grants,
      warnings:
        interpreters.length === 0
          ? warnings
          : [
              ...warnings,
              `NoExecPaths= stops no script: ${named} may be executed, and reads one from wherever it was put.`,
            ],
    };
  },
  rules: (words) => words.map((word) => ({ path: withoutDash(word), flag: 'exec', by: 'ExecPaths' })),
});
