/* Children of every kind: clone3, CLONE_FS without threads, vfork, a pid namespace of their own. Needs root for the last. */
#include "did.h"
#include <linux/sched.h>

static char stack[65536];

static int sharesDirectory(void *unused) {
  (void)unused;
  check(chdir("first"), "first");
  did("enter", "first");
  return 0;
}

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  check(mkdir("first", 0755), "first");
  did("make-directory", "first");

  struct clone_args args = {.exit_signal = SIGCHLD};
  pid_t child = check(syscall(SYS_clone3, &args, sizeof args), "clone3");
  if (child == 0) {
    check(chdir("first"), "first");
    did("enter", "first");
    close(make(AT_FDCWD, "by-clone3", "first/by-clone3"));
    _exit(0);
  }
  await(child);
  close(make(AT_FDCWD, "after-clone3", "after-clone3"));

  await(check(clone(sharesDirectory, stack + sizeof stack, CLONE_FS | SIGCHLD, NULL), "clone"));
  close(make(AT_FDCWD, "after-shared", "first/after-shared"));

  int directory = check(open(".", O_RDONLY | O_DIRECTORY), "directory");
  did("read", "first");
  child = check(vfork(), "vfork");
  if (child == 0) {
    close(directory);
    _exit(0);
  }
  await(child);

  /* Its number here is not the one that the tracer writes. */
  check(unshare(CLONE_NEWPID), "unshare");
  child = check(fork(), "fork");
  if (child == 0) {
    check(chdir(".."), "up");
    did("enter", "");
    close(make(directory, "in-namespace", "first/in-namespace"));
    pid_t inner = check(fork(), "fork");
    if (inner == 0) {
      close(make(AT_FDCWD, "inner", "inner"));
      _exit(0);
    }
    await(inner);
    inner = check(fork(), "fork");
    if (inner == 0) {
      check(fchdir(directory), "fchdir");
      did("enter", "first");
      close(make(AT_FDCWD, "inner", "first/inner"));
      _exit(0);
    }
    await(inner);
    _exit(0);
  }
  await(child);
  close(make(AT_FDCWD, "last", "first/last"));
  return 0;
}
