/**
 * What was done to a path. `read` is an open for reading, `list` reads a directory, `stat` only looks, `may-execute` asks with
 * access(X_OK), `map` maps it executable, `enter` is chdir. `create` is open with O_CREAT (whether the file was there before is
 * not asked: a second run must be able to make it), `make-node` a new name by mknod, symlink or link, `link` the file that got
 * another name, `lease` asks with fcntl to be told when others open it, `no-atime` reads it without leaving a trace of that.
 */
export const acts = [
  'read',
  'list',
  'stat',
  'write',
  'create',
  'make-directory',
  'make-node',
  'remove',
  'rename-from',
  'rename-to',
  'link',
  'chmod',
  'chown',
  'xattr',
  'utimes',
  'execute',
  'may-execute',
  'map',
  'bind',
  'connect',
  'enter',
  'chroot',
  'mount',
  'watch',
  'lease',
  'no-atime',
] as const;
export type Act = (typeof acts)[number];

/**
 * Acts that change what a directory holds: they need the directory, a grant for the single file is not enough. Of these only
 * `create` (an open with O_CREAT) follows a link that stands in the place of the name.
 */
export const namingActs: ReadonlySet<Act> = new Set([
  'create',
  'make-directory',
  'make-node',
  'remove',
  'rename-from',
  'rename-to',
  'bind',
]);

/** Acts that a read-only mount refuses with EROFS: https://man7.org/linux/man-pages/man2/open.2.html and its kin. */
export const changingActs: ReadonlySet<Act> = new Set([
  ...namingActs,
  'write',
  'chmod',
  'chown',
  'xattr',
  'utimes',
]);
