/* Threads share descriptors and the working directory, until one of them asks for its own. */
#include "did.h"
#include <pthread.h>

static int shared;

static void *moves(void *unused) {
  (void)unused;
  check(chdir("sub"), "sub");
  did("enter", "sub");
  shared = check(open(".", O_RDONLY | O_DIRECTORY), "shared");
  did("read", "sub");
  return NULL;
}

static void *apart(void *unused) {
  (void)unused;
  check(unshare(CLONE_FS | CLONE_FILES), "unshare");
  check(chdir("/"), "root");
  int fd = check(dup2(shared, 40), "dup2");
  close(make(fd, "apart", "sub/apart"));
  return NULL;
}

static void run(void *(*body)(void *)) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, NULL) != 0 || pthread_join(thread, NULL) != 0) abort();
}

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  check(mkdir("sub", 0755), "sub");
  did("make-directory", "sub");
  run(moves);
  close(make(AT_FDCWD, "after", "sub/after"));
  close(make(shared, "through", "sub/through"));
  run(apart);
  close(make(AT_FDCWD, "still", "sub/still"));
  pid_t child = check(fork(), "fork");
  if (child == 0) {
    check(chdir(".."), "up");
    did("enter", "");
    close(shared);
    close(make(AT_FDCWD, "in-child", "in-child"));
    _exit(0);
  }
  await(child);
  close(make(shared, "not-closed", "sub/not-closed"));
  close(make(AT_FDCWD, "not-moved", "sub/not-moved"));
  return 0;
}
