/* To stay: something that others run or read later. To spoil: what belongs to others. */
#include "probe.h"
#include <sys/stat.h>

/* A new file in a directory, and one byte in it. */
static long create_in(const char *directory) {
  char path[512];
  new_name(path, directory);
  int fd = open_at(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return fd;
  long size = sys(SYS_write, fd, P("#"), 1);
  if (size < 0) size = sys(SYS_pwrite64, fd, P("#"), 1, 0);
  if (size > 0) succeeded();
  close_fd(fd);
  remove_file(path);
  return size < 0 ? size : OPEN;
}

/* A file that is there, opened to be written to; nothing is written. A running program is busy whether or not it could be written to. */
static long open_to_write(const char *path) {
  int fd = open_at(path, O_WRONLY | O_APPEND, 0);
  if (fd == -ETXTBSY) {
    long result = sys(SYS_faccessat, AT_FDCWD, P(path), 2 /* W_OK */);
    return result == -EPERM || result == -ENOSYS ? sys(SYS_utimensat, AT_FDCWD, P(path), 0, 0) : result;
  }
  if (fd >= 0) succeeded();
  close_fd(fd);
  return fd >= 0 ? OPEN : fd;
}

static long own_program(const char *argument) {
  (void)argument;
  return open_to_write(own_path);
}

/* Beside the own program, from where rename would put it in its place. */
static long beside_own_program(const char *argument) {
  (void)argument;
  char directory[4096];
  size_t size = length(own_path);
  while (size > 1 && own_path[size - 1] != '/') size--;
  if (size >= 400) return -ENAMETOOLONG;
  append(directory, own_path);
  directory[size > 1 ? size - 1 : 1] = '\0';
  return create_in(directory);
}

static long own_unit(const char *argument) {
  (void)argument;
  const char *path = from_environment("PROBE_UNIT_FILE");
  return open_to_write(*path == '\0' ? "/usr/lib/systemd/system/sysinit.target" : path);
}

static long make_directory(const char *path) {
  long result = sys(SYS_mkdirat, AT_FDCWD, P(path), 0700);
  if (result == -EEXIST) return sys(SYS_unlinkat, AT_FDCWD, P(path), AT_REMOVEDIR);
  if (result == OPEN) {
    succeeded();
    sys(SYS_unlinkat, AT_FDCWD, P(path), AT_REMOVEDIR);
  }
  return result;
}

static long link_in(const char *path) {
  long result = sys(SYS_symlinkat, P("/.probe/none"), AT_FDCWD, P(path));
  if (result == -EEXIST) return sys(SYS_unlinkat, AT_FDCWD, P(path), 0);
  if (result == OPEN) {
    succeeded();
    remove_file(path);
  }
  return result;
}

/* The name of a file that is there, given away and taken back. */
static long rename_file(const char *path) {
  char other[512];
  append(append(other, path), ".probe");
  long result = sys(SYS_renameat2, AT_FDCWD, P(path), AT_FDCWD, P(other), 0);
  if (result == OPEN) sys(SYS_renameat2, AT_FDCWD, P(other), AT_FDCWD, P(path), 0);
  return result;
}

static long set_id_file(const char *path, int bit) {
  int fd = open_at(path, O_WRONLY | O_CREAT | O_TRUNC, bit | 0755);
  long result = fd < 0 ? fd : OPEN;
  if (fd == -EPERM) {
    fd = open_at(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    result = fd < 0 ? fd : sys(SYS_fchmod, fd, bit | 0755);
  }
  if (result == OPEN) succeeded();
  close_fd(fd);
  remove_file(path);
  return result;
}

static long set_uid_at(const char *path) { return set_id_file(path, S_ISUID); }
static long set_gid_at(const char *path) { return set_id_file(path, S_ISGID); }

static long set_uid_file(const char *argument) {
  (void)argument;
  return in_any_place(set_uid_at);
}

static long set_gid_file(const char *argument) {
  (void)argument;
  return in_any_place(set_gid_at);
}

const struct attack files[] = {
    {"write-etc", create_in, "/etc"},
    {"write-etc-passwd", open_to_write, "/etc/passwd"},
    {"write-etc-shadow", open_to_write, "/etc/shadow"},
    {"write-sudoers", create_in, "/etc/sudoers.d"},
    {"write-pam", create_in, "/etc/pam.d"},
    {"write-ssh-server", create_in, "/etc/ssh"},
    {"write-cron-d", create_in, "/etc/cron.d"},
    {"write-cron-daily", create_in, "/etc/cron.daily"},
    {"write-cron-spool", create_in, "/var/spool/cron/crontabs"},
    {"write-unit-etc", create_in, "/etc/systemd/system"},
    {"write-unit-run", create_in, "/run/systemd/system"},
    {"write-unit-usr", create_in, "/usr/lib/systemd/system"},
    {"write-own-unit", own_unit, ""},
    {"enable-unit", link_in, "/etc/systemd/system/probe.service"},
    {"write-generator", make_directory, "/run/systemd/system-generators"},
    {"write-tmpfiles-etc", create_in, "/etc/tmpfiles.d"},
    {"write-tmpfiles-run", create_in, "/run/tmpfiles.d"},
    {"write-sysctl-etc", create_in, "/etc/sysctl.d"},
    {"write-sysctl-run", create_in, "/run/sysctl.d"},
    {"write-modprobe", create_in, "/etc/modprobe.d"},
    {"write-udev-etc", create_in, "/etc/udev/rules.d"},
    {"write-udev-run", create_in, "/run/udev/rules.d"},
    {"write-dbus-policy", create_in, "/etc/dbus-1/system.d"},
    {"write-logrotate", create_in, "/etc/logrotate.d"},
    {"write-profile", create_in, "/etc/profile.d"},
    {"write-bashrc", open_to_write, "/etc/decoy/bashrc"},
    {"write-root-bashrc", open_to_write, "/root/.bashrc"},
    {"write-home-bashrc", open_to_write, "/home/decoy/.bashrc"},
    {"write-root-ssh", create_in, "/root/.ssh"},
    {"write-home-ssh", create_in, "/home/decoy/.ssh"},
    {"write-preload", link_in, "/etc/ld.so.preload"},
    {"write-loader-paths", create_in, "/etc/ld.so.conf.d"},
    {"write-certificates", create_in, "/etc/ssl/certs"},
    {"write-usr-bin", create_in, "/usr/bin"},
    {"write-usr-sbin", create_in, "/usr/sbin"},
    {"write-usr-lib", create_in, "/usr/lib"},
    {"write-usr-local", create_in, "/usr/local/bin"},
    {"write-library", open_to_write, "/usr/lib/decoy/library.so"},
    {"rename-library", rename_file, "/usr/lib/decoy/library.so"},
    {"write-own-program", own_program, ""},
    {"replace-own-program", beside_own_program, ""},
    {"write-boot", create_in, "/boot"},
    {"write-srv", create_in, "/srv"},
    {"write-opt", create_in, "/opt"},
    {"write-home", create_in, "/home/decoy"},
    {"write-root-home", create_in, "/root"},
    {"write-root-directory", make_directory, "/.probe"},
    {"write-run", create_in, "/run"},
    {"write-foreign-run", create_in, "/run/decoy"},
    {"write-foreign-state", create_in, "/var/lib/decoy"},
    {"write-foreign-cache", create_in, "/var/cache/decoy"},
    {"write-foreign-spool", create_in, "/var/spool/decoy"},
    {"write-foreign-log", open_to_write, "/var/log/decoy.log"},
    {"write-shared-tmp", open_to_write, "/tmp/decoy"},
    {"write-shared-memory", open_to_write, "/dev/shm/decoy"},
    {"set-uid-file", set_uid_file, ""},
    {"set-gid-file", set_gid_file, ""},
    {NULL, NULL, NULL},
};
