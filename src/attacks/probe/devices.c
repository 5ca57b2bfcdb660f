/* Devices, by the names that there are, and by names of one's own. Nothing is written to any. */
#include "probe.h"
#include <sys/stat.h>

static long open_device(const char *path) {
  int fd = open_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

/* A node for the machine's memory, made where nodes can be made, and opened. */
static long node_at(const char *path) {
  long result = sys(SYS_mknodat, AT_FDCWD, P(path), S_IFCHR | 0600, 1 << 8 | 1);
  if (result < 0) return result;
  result = open_device(path);
  if (result == OPEN) succeeded();
  remove_file(path);
  return result;
}

static long own_node(const char *argument) {
  (void)argument;
  return in_any_place(node_at);
}

static long harmless_node_at(const char *path) {
  long result = sys(SYS_mknodat, AT_FDCWD, P(path), S_IFCHR | 0600, 1 << 8 | 3);
  if (result == OPEN) succeeded();
  if (result == OPEN) remove_file(path);
  return result;
}

static long harmless_node(const char *argument) {
  (void)argument;
  return in_any_place(harmless_node_at);
}

const struct attack devices[] = {
    {"device-memory", open_device, "/dev/mem"},
    {"device-kernel-log", open_device, "/dev/kmsg"},
    {"device-disk", open_device, "/dev/decoy-disk"},
    {"device-fuse", open_device, "/dev/fuse"},
    {"device-tunnel", open_device, "/dev/net/tun"},
    {"device-terminal", open_device, "/dev/decoy-tty"},
    {"make-device", harmless_node, ""},
    {"make-and-open-device", own_node, ""},
    {NULL, NULL, NULL},
};
