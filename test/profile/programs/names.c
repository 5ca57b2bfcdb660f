/* Relative names, directories that are renamed under open descriptors, files without a name, links of /proc. */
#include "did.h"

int main(int argc, char **argv) {
  (void)argc;
  char name[64];
  begin(argv);
  check(mkdir("a", 0755), "a");
  did("make-directory", "a");
  check(mkdir("a/b", 0755), "a/b");
  did("make-directory", "a/b");
  int b = check(open("a/./b/../b", O_RDONLY | O_DIRECTORY), "b");
  did("read", "a/b");
  close(make(b, "one", "a/b/one"));
  check(rename("a", "z"), "rename");
  did("rename-from", "a");
  did("rename-to", "z");
  /* The descriptor is of the directory, not of its name. */
  close(make(b, "two", "z/b/two"));
  check(fchdir(b), "fchdir");
  did("enter", "z/b");
  close(make(AT_FDCWD, "../three", "z/three"));
  check(chdir("../.."), "up");
  did("enter", "");

  int temporary = check(open("z", O_TMPFILE | O_RDWR, 0600), "tmpfile");
  did("write", "z");
  snprintf(name, sizeof name, "/proc/self/fd/%d", temporary);
  check(linkat(AT_FDCWD, name, AT_FDCWD, "z/named", AT_SYMLINK_FOLLOW), "linkat");
  did("make-node", "z/named");
  check(fchmod(temporary, 0640), "fchmod");
  did("chmod", "z/named");

  snprintf(name, sizeof name, "/proc/self/fd/%d", b);
  int again = check(open(name, O_RDONLY | O_DIRECTORY), "again");
  did("read", "z/b");
  close(make(again, "four", "z/b/four"));
  snprintf(name, sizeof name, "/proc/%d/fd/%d/five", getpid(), b);
  close(check(open(name, O_WRONLY | O_CREAT, 0600), "five"));
  did("create write", "z/b/five");
  close(check(open("/proc/self/cwd/six", O_RDWR | O_CREAT, 0600), "six"));
  did("create read write", "six");

  check(symlink("z/b", "link"), "symlink");
  did("make-node", "link");
  check(link("six", "seven"), "link");
  did("link", "six");
  did("make-node", "seven");
  check(mkfifo("pipe", 0600), "mkfifo");
  did("make-node", "pipe");
  check(chmod("six", 0600), "chmod");
  did("chmod", "six");
  check(fchownat(AT_FDCWD, "six", getuid(), getgid(), 0), "chown");
  did("chown", "six");
  struct timespec times[2] = {{1, 0}, {1, 0}};
  check(utimensat(AT_FDCWD, "six", times, 0), "utimensat");
  did("utimes", "six");
  check(futimens(temporary, times), "futimens");
  did("utimes", "z/named");
  check(truncate("six", 3), "truncate");
  did("write", "six");
  check(access("six", W_OK), "access");
  did("stat write", "six");
  struct stat status;
  check(stat("seven", &status), "stat");
  did("stat", "seven");
  if (stat("missing", &status) == 0 || open("nowhere/x", O_RDONLY) >= 0) abort();
  did("!stat", "missing");
  did("!read", "nowhere/x");
  if (mkdir("z", 0755) == 0) abort();
  did("!make-directory", "z");
  check(unlink("seven"), "unlink");
  did("remove", "seven");
  check(unlinkat(b, "five", 0), "unlinkat");
  did("remove", "z/b/five");

  /* Numbers above 3 that are copied, closed by range, and used again for something else. */
  int copy = check(fcntl(b, F_DUPFD_CLOEXEC, 50), "F_DUPFD");
  close(make(copy, "eight", "z/b/eight"));
  check(dup2(temporary, copy), "dup2");
  check(fchmod(copy, 0600), "fchmod");
  did("chmod", "z/named");
  check(close_range(50, 60, 0), "close_range");
  return 0;
}
