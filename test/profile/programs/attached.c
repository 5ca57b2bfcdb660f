/* Waits until it is watched, then works with what it had opened before. */
#include "did.h"

int main(int argc, char **argv) {
  (void)argc;
  char byte, path[4096];
  begin(argv);
  check(mkdir("sub", 0755), "sub");
  int sub = check(open("sub", O_RDONLY | O_DIRECTORY), "sub");
  int file = check(open("file", O_WRONLY | O_CREAT, 0600), "file");
  check(write(1, "ready\n", 6), "ready");
  check(read(0, &byte, 1), "read");
  check(fchmod(file, 0640), "fchmod");
  did("chmod", "file");
  close(make(sub, "through", "sub/through"));
  close(make(AT_FDCWD, "relative", "relative"));
  snprintf(path, sizeof path, "%s/absolute", home);
  close(make(AT_FDCWD, path, "absolute"));
  return 0;
}
