import { covers } from './covering-tree.ts';

/**
 * Links that systems have in common, as far as a log can be read with them where nobody can look at the traced machine.
 *
 * - /var/run and /var/lock are links wherever systemd runs: https://www.freedesktop.org/software/systemd/man/latest/file-hierarchy.html#/var/run/
 * - /bin, /lib and their kin lead into /usr on most machines, and are directories of their own on others (until systemd 255):
 *   https://www.freedesktop.org/wiki/Software/systemd/TheCaseForTheUsrMerge/
 */
const links: ReadonlyMap<string, readonly string[]> = new Map([
  ['/var/run', ['/run']],
  ['/var/lock', ['/run/lock']],
  ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'].map((name): [string, string[]] => [
    name,
    [`/usr${name}`, name],
  ]),
]);

/** Their names: what these lead to on a machine is worth a look. */
export const usualLinks: readonly string[] = [...links.keys()];

/** Where a path most likely lies, by its text alone. */
export function usualName(path: string): string {
  const link = usualLinks.find((name) => covers(name, path));
  return link === undefined ? path : `${usualTargets(link)[0]}${path.slice(link.length)}`;
}

/** Where a path leads that may be one of them, the likeliest place first; the path alone where it is none. */
export function usualTargets(path: string): readonly string[] {
  return links.get(path) ?? [path];
}
