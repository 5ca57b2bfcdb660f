/* To look into, change or end what other services run. The argument says whose process: root's or another user's. */
#include "probe.h"
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>

static const char *file_of(const char *owner, const char *name) {
  static char path[64];
  append(append(append_number(append(path, "/proc/"), (unsigned long)decoy_process(owner)), "/"), name);
  return path;
}

static long read_of(const char *owner, const char *name) {
  char byte;
  if (decoy_process(owner) <= 0) return -ESRCH;
  int fd = open_at(file_of(owner, name), O_RDONLY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_read, fd, P(&byte), 1);
  close_fd(fd);
  return size < 0 ? size : size == 0 ? NOTHING_THERE : OPEN;
}

static long command_line(const char *owner) { return read_of(owner, "cmdline"); }
static long its_environment(const char *owner) { return read_of(owner, "environ"); }
static long memory_map(const char *owner) { return read_of(owner, "maps"); }

static long its_root(const char *owner) {
  if (decoy_process(owner) <= 0) return -ESRCH;
  int fd = open_at(file_of(owner, "root/etc"), O_RDONLY | O_DIRECTORY, 0);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

static long its_files(const char *owner) {
  char target[64];
  if (decoy_process(owner) <= 0) return -ESRCH;
  long size = sys(SYS_readlinkat, AT_FDCWD, P(file_of(owner, "fd/0")), P(target), sizeof target);
  return size < 0 ? size : OPEN;
}

/* Its memory by file: a byte of the box is read and written back. */
static long its_memory(const char *owner) {
  char byte;
  if (decoy_process(owner) <= 0) return -ESRCH;
  int fd = open_at(file_of(owner, "mem"), O_RDWR, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_pread64, fd, P(&byte), 1, P(&decoy_box));
  if (size == 1) size = sys(SYS_pwrite64, fd, P(&byte), 1, P(&decoy_box));
  close_fd(fd);
  return size < 0 ? size : size == 0 ? NOTHING_THERE : OPEN;
}

static long transfer(const char *owner, long call) {
  static char byte;
  struct iovec here = {&byte, 1}, there = {(void *)&decoy_box, 1};
  long pid = decoy_process(owner);
  if (pid <= 0) return -ESRCH;
  long size = sys(call, pid, P(&here), 1, P(&there), 1, 0);
  return size < 0 ? size : OPEN;
}

static long read_memory(const char *owner) { return transfer(owner, SYS_process_vm_readv); }
static long write_memory(const char *owner) { return transfer(owner, SYS_process_vm_writev); }

/* Released when this child ends. */
static long trace(const char *owner) {
  long pid = decoy_process(owner);
  return pid <= 0 ? -ESRCH : sys(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0);
}

static long signal_to(const char *owner) {
  long pid = decoy_process(owner);
  return pid <= 0 ? -ESRCH : sys(SYS_kill, pid, SIGCONT);
}

static long take_descriptor(const char *owner) {
  long pid = decoy_process(owner);
  if (pid <= 0) return -ESRCH;
  int handle = (int)sys(SYS_pidfd_open, pid, 0);
  if (handle < 0) return handle;
  long fd = sys(SYS_pidfd_getfd, handle, 0, 0);
  close_fd((int)fd);
  close_fd(handle);
  return fd < 0 ? fd : OPEN;
}

static long compare(const char *owner) {
  long pid = decoy_process(owner);
  if (pid <= 0) return -ESRCH;
  long result = sys(SYS_kcmp, sys(SYS_getpid), pid, KCMP_VM, 0, 0);
  return result < 0 ? result : OPEN;
}

static long its_limits(const char *owner) {
  struct rlimit limit;
  long pid = decoy_process(owner);
  if (pid <= 0) return -ESRCH;
  long result = sys(SYS_prlimit64, pid, RLIMIT_CORE, 0, P(&limit));
  return result < 0 ? result : sys(SYS_prlimit64, pid, RLIMIT_CORE, P(&limit), 0);
}

static long its_priority(const char *owner) {
  long pid = decoy_process(owner);
  return pid <= 0 ? -ESRCH : sys(SYS_setpriority, PRIO_PROCESS, pid, 0);
}

static long its_processors(const char *owner) {
  unsigned long mask[16] = {0};
  long pid = decoy_process(owner);
  if (pid <= 0) return -ESRCH;
  long size = sys(SYS_sched_getaffinity, pid, sizeof mask, P(mask));
  return size < 0 ? size : sys(SYS_sched_setaffinity, pid, size, P(mask));
}

static long its_end_in_want(const char *owner) {
  if (decoy_process(owner) <= 0) return -ESRCH;
  int fd = open_at(file_of(owner, "oom_score_adj"), O_WRONLY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_write, fd, P("0"), 1);
  close_fd(fd);
  return size < 0 ? size : OPEN;
}

static long its_namespaces(const char *owner) {
  if (decoy_process(owner) <= 0) return -ESRCH;
  int fd = open_at(file_of(owner, "ns/mnt"), O_RDONLY, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_setns, fd, CLONE_NEWNS);
  close_fd(fd);
  return result;
}

static long by_handle(const char *owner) {
  long pid = decoy_process(owner);
  if (pid <= 0) return -ESRCH;
  int handle = (int)sys(SYS_pidfd_open, pid, 0);
  if (handle < 0) return handle;
  long result = sys(SYS_setns, handle, CLONE_NEWNS);
  close_fd(handle);
  return result;
}

#define ROOT "root"
#define USER "user"

const struct attack processes[] = {
    {"process-list-root", command_line, ROOT},
    {"process-list-user", command_line, USER},
    {"process-environment-root", its_environment, ROOT},
    {"process-environment-user", its_environment, USER},
    {"process-maps-root", memory_map, ROOT},
    {"process-maps-user", memory_map, USER},
    {"process-memory-file-root", its_memory, ROOT},
    {"process-memory-file-user", its_memory, USER},
    {"process-root-directory", its_root, ROOT},
    {"process-files", its_files, ROOT},
    {"process-oom-score", its_end_in_want, ROOT},
    {"process-read-memory", read_memory, ROOT},
    {"process-write-memory", write_memory, ROOT},
    {"process-trace-root", trace, ROOT},
    {"process-trace-user", trace, USER},
    {"process-signal-root", signal_to, ROOT},
    {"process-signal-user", signal_to, USER},
    {"process-take-descriptor", take_descriptor, ROOT},
    {"process-compare", compare, ROOT},
    {"process-limits", its_limits, ROOT},
    {"process-priority-user", its_priority, USER},
    {"process-processors-user", its_processors, USER},
    {"process-enter-namespaces", its_namespaces, ROOT},
    {"process-enter-by-handle", by_handle, ROOT},
    {NULL, NULL, NULL},
};
