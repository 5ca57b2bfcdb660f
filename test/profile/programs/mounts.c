/* Mounts in a namespace of its own, and another root by pivot_root. Needs root. */
#include "did.h"

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  check(mkdir("new", 0755), "new");
  did("make-directory", "new");
  pid_t child = check(fork(), "fork");
  if (child == 0) {
    check(unshare(CLONE_NEWNS), "unshare");
    check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
    check(mount("tmpfs", "new", "tmpfs", 0, NULL), "tmpfs");
    did("mount", "new");
    check(mkdir("new/old", 0755), "old");
    did("make-directory", "new/old");
    check(chdir("new"), "chdir");
    did("enter", "new");
    check(syscall(SYS_pivot_root, ".", "old"), "pivot_root");
    did("mount", "new");
    close(make(AT_FDCWD, "/inside", "new/inside"));
    close(make(AT_FDCWD, "../../beside", "new/beside"));
    _exit(0);
  }
  await(child);
  close(make(AT_FDCWD, "after", "after"));
  return 0;
}
