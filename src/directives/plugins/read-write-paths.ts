import { isBelow } from '../../paths/covering-tree.ts';
import { directive } from '../directive.ts';
import { writablePlan } from '../writable-paths.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ReadWritePaths= */
export const readWritePaths = directive<string[]>({
  name: 'ReadWritePaths',
  since: 231,
  observes: [],
  infer(profile, context) {
    const plan = writablePlan(profile, context);
    const grants =
      context.level === 'relaxed'
        ? plan.grants.filter((grant) => isSystem(withoutDash(grant.value)))
        : plan.grants;
    if (grants.length === 0 && plan.warnings.length === 0) return undefined;
    return {
      value: grants.map((grant) => grant.value),
      reason: 'The daemon writes here; each is a directory where names come and go in it.',
      grants,
      warnings: plan.warnings,
    };
  },
  mounts: (value) =>
    value.map((path) => ({ path: withoutDash(path), flag: 'read-write', by: 'ReadWritePaths' })),
  denies(_value, behaviour, view) {
    const refusal = view.refuses(behaviour);
    return refusal?.by === 'ReadWritePaths' ? refusal.errno : undefined;
  },
  assignments: (value) =>
    value.length === 0 ? [] : [{ key: 'ReadWritePaths', words: value, style: 'paths' }],
});

function withoutDash(path: string): string {
  return path.replace(/^-/, '');
}

/** What ProtectSystem=full makes read-only. */
function isSystem(path: string): boolean {
  return ['/usr', '/boot', '/efi', '/etc'].some((place) => path === place || isBelow(path, place));
}
