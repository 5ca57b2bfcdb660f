/* To run something else than the daemon. */
#include "probe.h"
#include <linux/memfd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

static long drop_in(const char *directory) {
  char path[512];
  new_name(path, directory);
  return drop_and_run(path);
}

/* Each place that the runner names: where this daemon may write. */
static long drop_in_own_place(const char *argument) {
  (void)argument;
  const char *places = from_environment("PROBE_PLACES");
  long result = -ENOENT;
  while (*places != '\0') {
    static char path[4200], directory[4100];
    char *end = directory;
    while (*places != '\0' && *places != ':' && end < directory + 4000) *end++ = *places++;
    *end = '\0';
    if (*places != '\0') places++;
    new_name(path, directory);
    result = drop_and_run(path);
    if (result == OPEN) return OPEN;
  }
  return result;
}

static long run_memory_file(const char *argument) {
  (void)argument;
  int fd = (int)sys(SYS_memfd_create, P("probe"), MFD_EXEC);
  if (fd == -EINVAL) fd = (int)sys(SYS_memfd_create, P("probe"), 0);
  if (fd < 0) return fd;
  long result = write_self(fd);
  if (result != OPEN) return result;
  char path[16];
  append_number(append(path, "#"), (unsigned long)fd);
  const char *const words[] = {"probe", NULL};
  result = run_program(path, words);
  close_fd(fd);
  return result;
}

static long with_argument(const char *path, const char *option, const char *code) {
  const char *const words[] = {path, option, code, NULL};
  return run_program(path, words);
}

static long shell(const char *path) { return with_argument(path, "-c", "exit 42"); }
static long python(const char *path) { return with_argument(path, "-c", "import os; os._exit(42)"); }
static long perl(const char *path) { return with_argument(path, "-e", "exit 42"); }

static long awk(const char *path) {
  const char *const words[] = {path, "BEGIN { exit 42 }", NULL};
  return run_program(path, words);
}

/* The loader of libraries is an interpreter of programs. */
static long loader(const char *argument) {
  (void)argument;
#if defined(__x86_64__)
  const char *path = "/lib64/ld-linux-x86-64.so.2";
#elif defined(__aarch64__)
  const char *path = "/lib/ld-linux-aarch64.so.1";
#else
  const char *path = "/lib/ld-linux-riscv64-lp64d.so.1";
#endif
  const char *const words[] = {path, "/bin/sh", "-c", "exit 42", NULL};
  return run_program(path, words);
}

static long set_uid_program(const char *path) {
  const char *const words[] = {path, NULL};
  return run_program(path, words);
}

const struct attack execution[] = {
    {"run-dropped-tmp", drop_in, "/tmp"},
    {"run-dropped-var-tmp", drop_in, "/var/tmp"},
    {"run-dropped-shm", drop_in, "/dev/shm"},
    {"run-dropped-dev", drop_in, "/dev"},
    {"run-dropped-run", drop_in, "/run"},
    {"run-dropped-lock", drop_in, "/run/lock"},
    {"run-dropped-run-user", drop_in, "/run/user/64111"},
    {"run-dropped-state", drop_in, "/var/lib"},
    {"run-dropped-cache", drop_in, "/var/cache"},
    {"run-dropped-log", drop_in, "/var/log"},
    {"run-dropped-spool", drop_in, "/var/spool"},
    {"run-dropped-home", drop_in, "/root"},
    {"run-dropped-own", drop_in_own_place, ""},
    {"run-memory-file", run_memory_file, ""},
    {"run-sh", shell, "/bin/sh"},
    {"run-bash", shell, "/bin/bash"},
    {"run-python", python, "/usr/bin/python3"},
    {"run-perl", perl, "/usr/bin/perl"},
    {"run-awk", awk, "/usr/bin/awk"},
    {"run-by-loader", loader, ""},
    {"run-set-uid", set_uid_program, "/usr/lib/decoy/decoy-set-uid"},
    {NULL, NULL, NULL},
};
