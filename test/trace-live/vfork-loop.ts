const clone = { x64: 56, arm64: 220 }[process.arch as 'x64' | 'arm64'];

/**
 * A program in Perl that waits for a child of vfork(2), for half a second, again and again. It is clone(2) with CLONE_VFORK and
 * SIGCHLD, without CLONE_VM: the parent waits in the same way, and the two share no stack.
 */
export const vforkLoop = `while (1) {
  if (syscall(${clone}, 0x4011, 0, 0, 0, 0) == 0) { select undef, undef, undef, 0.5; exit }
  wait;
}
`;
