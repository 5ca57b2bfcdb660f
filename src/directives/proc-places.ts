/**
 * Links of /proc that lead to what a process has open, wherever that lies: a mount of /proc has no say there.
 * https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html
 */
const links =
  /^\/proc\/[^/]+(?:\/task\/[^/]+)?\/(?:cwd|exe|fd\/[^/]+|map_files\/[^/]+|ns\/[^/]+|root)(?:\/|$)/;

/** Whether a path names what lies on the mount of /proc itself. */
export function isInProc(path: string): boolean {
  return (path === '/proc' || path.startsWith('/proc/')) && !leavesProc(path);
}

/** Whether a path of /proc leads elsewhere. */
export function leavesProc(path: string): boolean {
  return links.test(path);
}
