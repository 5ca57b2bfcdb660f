/* A chain of programs: what execve closes and keeps, a thread that calls it, a script, a program that is a descriptor. */
#include "did.h"
#include <pthread.h>

static char **arguments;

static void *becomes(void *unused) {
  (void)unused;
  did("execute", "two");
  execl("two", "two", arguments[1], arguments[2], "2", NULL);
  abort();
}

static void copyTo(const char *name) {
  char block[65536];
  int from = check(open("/proc/self/exe", O_RDONLY), "self");
  int to = check(open(name, O_WRONLY | O_CREAT, 0755), name);
  did("create write", name);
  for (ssize_t size; (size = read(from, block, sizeof block)) > 0;) check(write(to, block, size), "write");
  close(from);
  close(to);
}

int main(int argc, char **argv) {
  arguments = argv;
  begin(argv);
  int step = argc > 3 ? atoi(argv[3]) : 1;
  if (step == 1) {
    check(mkdir("d", 0755), "d");
    did("make-directory", "d");
    int kept = check(open("d", O_RDONLY | O_DIRECTORY), "kept");
    int gone = check(open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "gone");
    did("read", "d");
    check(dup2(kept, 30), "30");
    check(dup3(gone, 31, O_CLOEXEC), "31");
    copyTo("two");
    did("read", "one"); /* through /proc/self/exe */
    if (execl("missing", "missing", NULL) == 0) abort();
    did("!execute", "missing");
    pthread_t thread;
    if (pthread_create(&thread, NULL, becomes, NULL) != 0) abort();
    pthread_join(thread, NULL);
    abort();
  }
  if (step == 2) {
    close(make(30, "from-two", "d/from-two"));
    if (openat(31, "x", O_RDONLY) >= 0) abort();
    check(mkdir("e", 0755), "e");
    did("make-directory", "e");
    /* The number means something else now. */
    int other = check(open("e", O_RDONLY | O_DIRECTORY), "e");
    did("read", "e");
    check(dup2(other, 31), "31");
    check(chdir("e"), "chdir");
    did("enter", "e");
    pid_t child = check(vfork(), "vfork");
    if (child == 0) {
      did("execute", "one");
      execl("../one", "one", argv[1], argv[2], "3", NULL);
      _exit(1);
    }
    await(child);
    int self = check(open("../two", O_RDONLY), "two");
    did("read", "two");
    char number[8];
    snprintf(number, sizeof number, "%d", self);
    char *const next[] = {"two", argv[1], argv[2], "4", NULL};
    char *const none[] = {NULL};
    did("execute", "two");
    syscall(SYS_execveat, self, "", next, none, AT_EMPTY_PATH);
    abort();
  }
  close(make(31, step == 3 ? "from-three" : "from-four", step == 3 ? "e/from-three" : "e/from-four"));
  close(make(AT_FDCWD, step == 3 ? "../there-three" : "../there-four", step == 3 ? "there-three" : "there-four"));
  if (step == 3) return 0;
  int script = check(open("script", O_WRONLY | O_CREAT | O_EXCL, 0755), "script");
  did("create write", "e/script");
  check(write(script, "#!/bin/sh\n: > made-by-script\n", 29), "write");
  close(script);
  did("execute read", "e/script"); /* the shell reads it */
  did("create write", "e/made-by-script");
  execl("./script", "script", NULL);
  return 1;
}
