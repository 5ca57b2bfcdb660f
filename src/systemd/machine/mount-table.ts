/** One line of /proc/self/mountinfo. */
export interface Mount {
  /** What of the file system is mounted: `/` but for bind mounts. */
  root: string;
  path: string;
  /** `ext4`, `overlay`, `fuse.sshfs` */
  type: string;
  /** Options of the mount itself: `rw`, `nosuid`, … */
  options: string[];
  /** Options of the whole file system: `ro`, `size=4k`, … */
  ofFileSystem: string[];
}

/**
 * Reads a mount table. Lines that are not in its form are passed over.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 */
export function readMountTable(mountinfo: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of mountinfo.split('\n')) {
    const words = line.split(' ');
    const dash = words.indexOf('-', 6);
    const [, , , root, path, options] = words;
    const type = dash < 0 ? undefined : words[dash + 1];
    if (root === undefined || path === undefined || options === undefined || type === undefined) continue;
    const ofFileSystem = words[dash + 3]?.split(',') ?? [];
    mounts.push({
      ...{ root: decode(root), path: decode(path), type },
      ...{ options: options.split(','), ofFileSystem },
    });
  }
  return mounts;
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
function decode(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
