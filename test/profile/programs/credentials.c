/* The steps in which a daemon gives up its rights; what it does in between. Needs root. */
#include "did.h"
#include <grp.h>
#include <sys/fsuid.h>

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  check(mkdir("own", 0777), "own");
  did("make-directory", "own");
  check(chmod("own", 0777), "chmod");
  did("chmod", "own");
  close(make(AT_FDCWD, "own/as-root", "own/as-root"));
  // A mode that nobody asked for: it is no set-ID file.
  close(check(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 07777), "no mode"));
  gid_t none = 65534;
  check(setfsuid(65534), "setfsuid");
  close(make(AT_FDCWD, "own/as-file-user", "own/as-file-user"));
  setfsuid(0);
  pid_t child = check(fork(), "fork");
  if (child == 0) {
    check(prctl(PR_SET_KEEPCAPS, 1), "keepcaps");
    check(setgroups(1, &none), "setgroups");
    check(setresgid(none, none, none), "setresgid");
    check(syscall(SYS_setresuid, 65534, 65534, 65534), "setresuid");
    close(make(AT_FDCWD, "own/dropped", "own/dropped"));
    _exit(0);
  }
  await(child);
  check(chown("own/as-root", 65534, 65534), "chown");
  did("chown", "own/as-root");
  check(seteuid(65534), "seteuid");
  close(make(AT_FDCWD, "own/for-a-while", "own/for-a-while"));
  check(seteuid(0), "seteuid");
  check(setuid(65534), "setuid");
  close(make(AT_FDCWD, "own/for-good", "own/for-good"));
  if (setuid(0) == 0) abort();
  return 0;
}
