/* To read what is not meant for this daemon. */
#include "probe.h"
#include <dirent.h>

/* One byte of a file. A place that is hidden from root opens as an empty file. */
static long read_file(const char *path) {
  char byte;
  int fd = open_at(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_read, fd, P(&byte), 1);
  if (size == -EPERM || size == -ENOSYS) size = sys(SYS_pread64, fd, P(&byte), 1, 0);
  close_fd(fd);
  return size < 0 ? size : size == 0 ? NOTHING_THERE : OPEN;
}

/* The name of one file in a directory. */
static long list_directory(const char *path) {
  static char entries[2048];
  int fd = open_at(path, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_getdents64, fd, P(entries), sizeof entries);
  close_fd(fd);
  if (size < 0) return size;
  for (long at = 0; at < size;) {
    const struct dirent *entry = (const struct dirent *)(entries + at);
    if (!same(entry->d_name, ".") && !same(entry->d_name, "..")) return OPEN;
    at += entry->d_reclen;
  }
  return NOTHING_THERE;
}

const struct attack secrets[] = {
    {"read-shadow", read_file, "/etc/shadow"},
    {"read-ssh-host-key", read_file, "/etc/ssh/ssh_host_decoy_key"},
    {"read-tls-key", read_file, "/etc/ssl/private/decoy.key"},
    {"read-foreign-configuration", read_file, "/etc/decoy/password"},
    {"read-root-home", read_file, "/root/.decoy"},
    {"read-root-ssh-key", read_file, "/root/.ssh/id_decoy"},
    {"read-home", read_file, "/home/decoy/secret"},
    {"read-run-user", read_file, "/run/user/64111/secret"},
    {"read-foreign-state", read_file, "/var/lib/decoy/open"},
    {"read-foreign-state-secret", read_file, "/var/lib/decoy/secret"},
    {"read-foreign-cache", read_file, "/var/cache/decoy/secret"},
    {"read-foreign-spool", read_file, "/var/spool/decoy/secret"},
    {"read-foreign-log", read_file, "/var/log/decoy.log"},
    {"read-foreign-run", read_file, "/run/decoy/secret"},
    {"read-journal", list_directory, "/run/log/journal"},
    {"read-credentials", read_file, "/run/credentials/decoy.service/token"},
    {"read-backup", read_file, "/var/backups/decoy"},
    {"read-srv", read_file, "/srv/decoy/secret"},
    {"read-opt", read_file, "/opt/decoy/secret"},
    {"read-mnt", read_file, "/mnt/decoy/secret"},
    {"read-boot", read_file, "/boot/decoy"},
    {"read-shared-tmp", read_file, "/tmp/decoy"},
    {"read-shared-memory", read_file, "/dev/shm/decoy"},
    {NULL, NULL, NULL},
};
