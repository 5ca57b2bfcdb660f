/* A changed root: absolute paths, `..` at its top, and openat2 that has a root for one call. Needs root. */
#include "did.h"
#include <linux/openat2.h>

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  check(mkdir("jail", 0755), "jail");
  did("make-directory", "jail");
  check(mkdir("jail/in", 0755), "in");
  did("make-directory", "jail/in");
  int outside = check(open(".", O_RDONLY | O_DIRECTORY), "outside");
  did("read", "");
  int in = check(open("jail/in", O_RDONLY | O_DIRECTORY), "in");
  did("read", "jail/in");
  struct open_how how = {.flags = O_WRONLY | O_CREAT, .mode = 0600, .resolve = RESOLVE_IN_ROOT};
  close(check(syscall(SYS_openat2, in, "/../../rooted", &how, sizeof how), "openat2"));
  did("create write", "jail/in/rooted");
  how.resolve = RESOLVE_BENEATH;
  close(check(syscall(SYS_openat2, in, "beneath", &how, sizeof how), "openat2"));
  did("create write", "jail/in/beneath");
  if (syscall(SYS_openat2, in, "../x", &how, sizeof how) >= 0) abort();
  did("!create !write", "jail/x");

  pid_t child = check(fork(), "fork");
  if (child == 0) {
    check(chroot("jail"), "chroot");
    did("chroot", "jail");
    /* The working directory lies outside until it is changed. */
    close(make(AT_FDCWD, "outside", "outside"));
    check(chdir("/"), "chdir");
    did("enter", "jail");
    close(make(AT_FDCWD, "/in/absolute", "jail/in/absolute"));
    close(make(AT_FDCWD, "../../clamped", "jail/clamped"));
    check(chdir("in"), "in");
    did("enter", "jail/in");
    close(make(AT_FDCWD, "../relative", "jail/relative"));
    close(make(outside, "through", "through"));
    _exit(0);
  }
  await(child);
  close(make(AT_FDCWD, "unchanged", "unchanged"));
  return 0;
}
