/* To run something else than the daemon. */
#include "probe.h"
#include <linux/memfd.h>
#include <sys/mman.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

static long drop_in(const char *directory) {
  char path[512];
  new_name(path, directory);
  return drop_and_run(path);
}

/* Wherever this daemon may write: the usual places, and those that the runner names. */
static long drop_in_any_place(const char *argument) {
  (void)argument;
  return in_any_place(drop_and_run);
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

/* What the loader does with a program: without a child nobody sees whether it came that far. */
static long map_as_code(const char *path) {
  int fd = open_at(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  long where = sys(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  close_fd(fd);
  if (where < 0 && where > -4096) return where;
  return OPEN;
}

/* The loader of libraries is an interpreter of programs. */
static long loader(const char *program) {
  long mapped = map_as_code(program);
  if (mapped < 0) return mapped;
#if defined(__x86_64__)
  const char *path = "/lib64/ld-linux-x86-64.so.2";
#elif defined(__aarch64__)
  const char *path = "/lib/ld-linux-aarch64.so.1";
#else
  const char *path = "/lib/ld-linux-riscv64-lp64d.so.1";
#endif
  const char *const words[] = {path, program, "-c", "exit 42", NULL};
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
    {"run-dropped-own", drop_in_any_place, ""},
    {"run-memory-file", run_memory_file, ""},
    {"run-sh", shell, "/bin/sh"},
    {"run-bash", shell, "/bin/bash"},
    {"run-python", python, "/usr/bin/python3"},
    {"run-perl", perl, "/usr/bin/perl"},
    {"run-awk", awk, "/usr/bin/awk"},
    {"run-by-loader", loader, "/bin/sh"},
    {"run-set-uid", set_uid_program, "/usr/lib/decoy/decoy-set-uid"},
    {NULL, NULL, NULL},
};
