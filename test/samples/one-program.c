/* Does a little of what a log must be understood by, and writes down what it did: the word, a blank, the path. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *notes;
static char *home;

static void need(int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  _exit(1);
}

/* Each note is a single write(2), so that children may write them too. */
static void note(const char *act, const char *path) {
  fprintf(notes, "%s %s/%s\n", act, home, path);
  fflush(notes);
}

static void make(int dir, const char *name, const char *path) {
  int fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);
  need(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0, path);
  note("create", path);
}

static void enter_sub(void) {
  need(chdir("sub") == 0, "sub");
  note("enter", "sub");
}

static void *thread(void *still) {
  /* A thread moves the whole process: what its siblings open next is relative to here. */
  if (!still) enter_sub();
  make(AT_FDCWD, "by-thread", "sub/by-thread");
  return NULL;
}

int main(int argc, char **argv) {
  home = argv[1];
  char *how = argc > 3 ? argv[3] : "";
  int still = strcmp(how, "still") == 0;
  if (strcmp(how, "again") == 0) {
    /* Started again by execve: the descriptor 9 came along, the working directory too. */
    notes = fopen(argv[2], "a");
    make(9, "after exec", "dir/after exec");
    make(AT_FDCWD, "beside", "sub/beside");
    return 0;
  }
  need(chdir(home) == 0, "home");
  notes = fopen(argv[2], "a");
  need(notes != NULL, "notes");
  note("enter", ".");
  need(mkdir("dir", 0700) == 0 && mkdirat(AT_FDCWD, "sub", 0700) == 0, "mkdir");
  note("make-directory", "dir");
  note("make-directory", "sub");

  int dir = open("dir", O_RDONLY | O_DIRECTORY);
  need(dir >= 0, "dir");
  make(dir, "a", "dir/a");
  make(dir, "caf\xc3\xa9 \"x\"\t\\", "dir/caf\xc3\xa9 \"x\"\t\\");
  need(renameat(dir, "a", dir, "b") == 0, "rename");
  note("rename-from", "dir/a");
  note("rename-to", "dir/b");
  need(linkat(dir, "b", AT_FDCWD, "second", 0) == 0, "link");
  note("link", "dir/b");
  note("make-node", "second");
  need(symlinkat("dir/b", AT_FDCWD, "pointer") == 0, "symlink");
  note("make-node", "pointer");
  need(unlinkat(dir, "../pointer", 0) == 0, "unlink");
  note("remove", "pointer");
  need(fchmodat(AT_FDCWD, "second", 0640, 0) == 0, "chmod");
  note("chmod", "second");

  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "dir/socket"};
  need(bind(server, (struct sockaddr *)&address, sizeof address) == 0 && listen(server, 1) == 0, "bind");
  note("bind", "dir/socket");
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  need(connect(client, (struct sockaddr *)&address, sizeof address) == 0, "connect");
  note("connect", "dir/socket");

  int duplicate = fcntl(dir, F_DUPFD, 5);
  close(dir);
  make(duplicate, "through a copy", "dir/through a copy");

  if (still) enter_sub();
  pthread_t other;
  need(pthread_create(&other, NULL, thread, still ? home : NULL) == 0 && pthread_join(other, NULL) == 0, "thread");
  make(AT_FDCWD, "by-main", "sub/by-main");

  pid_t child = fork();
  if (child == 0) {
    need(chdir("..") == 0, "..");
    note("enter", ".");
    make(AT_FDCWD, "by-child", "by-child");
    need(fchdir(duplicate) == 0, "fchdir");
    note("enter", "dir");
    make(AT_FDCWD, "by-child", "dir/by-child");
    _exit(0);
  }
  int status;
  need(waitpid(child, &status, 0) == child && status == 0, "child");
  /* The child's change of directory is not ours. */
  make(AT_FDCWD, "by-parent", "sub/by-parent");

  child = vfork();
  if (child == 0) {
    dup2(duplicate, 9);
    execl("/proc/self/exe", argv[0], home, argv[2], "again", NULL);
    _exit(1);
  }
  need(waitpid(child, &status, 0) == child && status == 0, "exec");
  need(rmdir("missing") < 0 && errno == ENOENT, "missing");
  return 0;
}
