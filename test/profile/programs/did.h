/* What a program says of itself: each line is an act and an absolute path, `!` in front where the kernel refused it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *home;
static int notes = -1;

/* The notes lie outside the directory that the test looks at. */
static inline void begin(char **argv) {
  notes = open(argv[1], O_WRONLY | O_APPEND);
  if (notes < 0) abort();
  notes = fcntl(notes, F_DUPFD, 200);
  home = argv[2];
}

static inline void did(const char *acts, const char *path) {
  char line[4096], list[256];
  strcpy(list, acts);
  for (char *act = strtok(list, " "); act != NULL; act = strtok(NULL, " ")) {
    int size = snprintf(line, sizeof line, "%s %s%s%s\n", act, home, *path == '\0' ? "" : "/", path);
    if (write(notes, line, size) != size) abort();
  }
}

static inline int check(long result, const char *what) {
  if (result < 0) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    _exit(1);
  }
  return result;
}

static inline int make(int at, const char *name, const char *path) {
  int fd = check(openat(at, name, O_WRONLY | O_CREAT, 0644), path);
  did("create write", path);
  return fd;
}

static inline void await(pid_t child) {
  int status;
  check(waitpid(child, &status, 0), "waitpid");
  if (status != 0) {
    fprintf(stderr, "child: %x\n", status);
    _exit(1);
  }
}
