import { textOfBytes } from '../paths/byte-text.ts';

/**
 * Turns the path that a call was given into path text: absolute, without `.`, `..` and doubled slashes, seen from the real
 * root. Links are not followed here (a log shows none); `..` is taken away with the name before it, which is what the kernel
 * does wherever that name is no link: https://man7.org/linux/man-pages/man7/path_resolution.7.html
 *
 * `from` is where a relative path starts and `root` where an absolute one does. Undefined where that is a directory that nobody
 * knows.
 */
export function absolutePath(
  bytes: string,
  from: string | undefined,
  root: string | undefined,
): string | undefined {
  const text = textOfBytes(bytes);
  if (text.startsWith('/')) return root === undefined ? undefined : below(root, text);
  if (from === undefined) return undefined;
  return text === '' ? from : clamp(`${from}/${text}`, root ?? '/');
}

/** A path as a process in a changed root names it, seen from the real root. */
function below(root: string, path: string): string {
  return root === '/' ? normalise(path) : normalise(root + normalise(path));
}

/** `..` doesn't leave a changed root, unless the directory it starts from already lies outside. */
function clamp(path: string, root: string): string {
  if (root === '/' || !isInside(path, root)) return normalise(path);
  return below(root, path.slice(root.length));
}

export function isInside(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** A path that lay in `from`, or was it, after that was renamed to `to`; undefined for any other. */
export function movedPath(path: string, from: string, to: string): string | undefined {
  return isInside(path, from) && from !== '/' ? to + path.slice(from.length) : undefined;
}

/** Takes out empty, `.` and `..` components; the result starts with `/` and has no slash at its end. */
export function normalise(path: string): string {
  if (!/\/(?:\.{0,2}\/|\.{0,2}$)/.test(path)) return path;
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}
