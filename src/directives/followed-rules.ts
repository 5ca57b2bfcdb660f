import { isBelow } from '../paths/covering-tree.ts';
import type { MountRule } from './mount-rules.ts';

/** Where a path leads on the machine: the real paths that it may stand for. */
export type PlacesOf = (path: string) => readonly string[];

/**
 * Rules as systemd applies them: it follows the links in what a unit names, the outer paths first. So what a tmpfs has emptied by
 * then has no links any more: under `TemporaryFileSystem=/` a bind to /var/run/foo makes that very directory.
 * https://github.com/systemd/systemd/blob/v252/src/core/namespace.c (follow_symlink, apply_mounts)
 */
export function followed(rules: readonly MountRule[], placesOf: PlacesOf): MountRule[] {
  const grounds: Ground[] = [];
  // What holds a path is shorter than the path, so it comes first.
  return [...rules]
    .sort((a, b) => a.path.length - b.path.length)
    .flatMap((rule) =>
      targetsOf(rule.path, grounds, placesOf).map((path): MountRule => {
        if (rule.flag === 'tmpfs') grounds.push({ path, source: undefined });
        if (rule.flag !== 'bind') return { ...rule, path };
        // The source is looked up on the host, before anything is mounted.
        const [source = rule.source] = placesOf(rule.source);
        grounds.push({ path, source });
        return { ...rule, path, source };
      }),
    );
}

/** A mount that brings its own names: none, or those of a place of the host. */
interface Ground {
  path: string;
  source: string | undefined;
}

function targetsOf(path: string, grounds: readonly Ground[], placesOf: PlacesOf): readonly string[] {
  const above = grounds.filter((ground) => isBelow(path, ground.path));
  if (above.every(({ source }) => source !== undefined)) return placesOf(path);
  const nearest = above.reduce((a, b) => (b.path.length >= a.path.length ? b : a));
  const { source } = nearest;
  if (source === undefined) return [path];
  const within = (nearest.path === '/' ? path : path.slice(nearest.path.length)) || '/';
  return placesOf(`${source === '/' ? '' : source}${within}`).map((place) =>
    isBelow(place, source) ? nearest.path + place.slice(source.length) : path,
  );
}
