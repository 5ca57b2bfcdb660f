/* To change what the file system, and the rest of the system, looks like. The last ones: what is mounted stays for the whole unit. */
#include "probe.h"
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/statfs.h>
#include <sys/wait.h>

static long new_namespace(const char *flag) { return sys(SYS_unshare, (long)number_of(flag)); }

/* As containers do it: a child in a user namespace of its own, in which it is root. */
static long user_child(const char *argument) {
  (void)argument;
  if (is_alone) return sys(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS);
  long child = sys(SYS_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD);
  if (child == 0) sys(SYS_exit_group, 0);
  if (child < 0) return child;
  sys(SYS_wait4, child, 0, __WALL, 0);
  return OPEN;
}

static long enter_first_process(const char *argument) {
  (void)argument;
  int fd = open_at("/proc/1/ns/mnt", O_RDONLY, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_setns, fd, CLONE_NEWNS);
  close_fd(fd);
  return result;
}

static long mount_empty(const char *path) {
  long result = sys(SYS_mount, P("probe"), P(path), P("tmpfs"), 0, 0);
  if (result == OPEN) succeeded();
  if (result == OPEN) sys(SYS_umount2, P(path), 2);
  return result;
}

static long mount_again(const char *path) {
  long result = sys(SYS_mount, P(path), P(path), 0, 4096 /* MS_BIND */, 0);
  if (result == OPEN) succeeded();
  if (result == OPEN) sys(SYS_umount2, P(path), 2);
  return result;
}

/* With the flags that it has: who may do that may also make it writable. */
static long mount_flags(const char *path) {
  struct statfs there;
  long result = sys(SYS_statfs, P(path), P(&there));
  unsigned long flags = result < 0 ? 0 : (unsigned long)there.f_flags & (1 | 2 | 4 | 8);
  return sys(SYS_mount, 0, P(path), 0, (long)(flags | 4096 | 32 /* MS_REMOUNT */), 0);
}

/* Nothing is mounted there: who may ask is told so. */
static long unmount(const char *argument) {
  (void)argument;
  long result = sys(SYS_umount2, P("/proc/self"), 8 /* UMOUNT_NOFOLLOW */);
  return result == -EINVAL ? OPEN : result;
}

static long open_file_system(const char *type) {
  int fd = (int)sys(SYS_fsopen, P(type), 1);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

static long copy_tree(const char *path) {
  int fd = (int)sys(SYS_open_tree, AT_FDCWD, P(path), 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

/* The arguments are looked at after the right to call it. */
static long pivot(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_pivot_root, P("/"), P("/")));
}

static long change_root(const char *path) { return sys(SYS_chroot, P(path)); }

/* Files by number instead of by name, past every directory that is hidden. Refused before the number is looked at. */
static long by_number(const char *argument) {
  (void)argument;
  struct {
    unsigned size;
    int type;
    unsigned char number[8];
  } handle = {8, 1, {0}};
  int directory = open_at("/", O_RDONLY | O_DIRECTORY, 0);
  if (directory < 0) return directory;
  long result = sys(SYS_open_by_handle_at, directory, P(&handle), O_RDONLY);
  close_fd(directory);
  return unless_refused(result);
}

const struct attack namespaces[] = {
    {"namespace-user", new_namespace, "268435456"},
    {"namespace-user-child", user_child, ""},
    {"namespace-mount", new_namespace, "131072"},
    {"namespace-pid", new_namespace, "536870912"},
    {"namespace-network", new_namespace, "1073741824"},
    {"namespace-ipc", new_namespace, "134217728"},
    {"namespace-uts", new_namespace, "67108864"},
    {"namespace-cgroup", new_namespace, "33554432"},
    {"namespace-time", new_namespace, "128"},
    {"enter-first-process", enter_first_process, ""},
    {"open-by-handle", by_number, ""},
    {"change-root", change_root, "/"},
    {"pivot-root", pivot, ""},
    {"open-file-system", open_file_system, "tmpfs"},
    {"copy-mount-tree", copy_tree, "/"},
    {"unmount", unmount, ""},
    {"mount-tmpfs", mount_empty, "/mnt"},
    {"mount-bind", mount_again, "/mnt"},
    {"mount-flags", mount_flags, "/"},
    {NULL, NULL, NULL},
};
