/*
 * Decoys: two processes of another service, one of root and one of a user, with sockets, ports, segments and queues. They greet
 * whoever comes. Standard output tells their numbers when all is ready.
 */
#include "probe.h"
#include <linux/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/socket.h>
#include <sys/un.h>

volatile long decoy_box = 42;

/* PROBE_DECOYS is "ROOT:USER". In other process namespaces these numbers are nobody, or ourselves. */
long decoy_process(const char *owner) {
  const char *numbers = from_environment("PROBE_DECOYS");
  if (same(owner, "user")) {
    while (*numbers != '\0' && *numbers != ':') numbers++;
    if (*numbers == ':') numbers++;
  }
  long pid = (long)number_of(numbers);
  return pid == sys(SYS_getpid) || pid == sys(SYS_getppid) ? -ESRCH : pid;
}

#define MOST 16
static struct pollfd listeners[MOST];
static int listening;

static void await(int fd) {
  if (fd >= 0 && listening < MOST) listeners[listening++] = (struct pollfd){fd, POLLIN, 0};
}

static void await_path(const char *path, int type) {
  struct sockaddr_un address = {AF_UNIX, ""};
  append(address.sun_path, path);
  size_t size = offsetof(struct sockaddr_un, sun_path) + length(path);
  if (path[0] == '@') address.sun_path[0] = '\0';
  else size++;
  int fd = (int)sys(SYS_socket, AF_UNIX, type, 0);
  if (sys(SYS_bind, fd, P(&address), (long)size) != 0 || sys(SYS_listen, fd, 64) != 0) return;
  if (path[0] != '@') sys(SYS_fchmodat, AT_FDCWD, P(path), 0666);
  await(fd);
}

static void await_port(int type) {
  struct sockaddr_in6 address = {AF_INET6, (unsigned short)(DECOY_PORT << 8 | DECOY_PORT >> 8), 0, IN6ADDR_ANY_INIT, 0};
  struct sockaddr_in old = {AF_INET, address.sin6_port, {0}, {0}};
  int fd = (int)sys(SYS_socket, AF_INET6, type, 0);
  long result = fd < 0 ? fd : sys(SYS_bind, fd, P(&address), sizeof address);
  if (result != 0) {
    fd = (int)sys(SYS_socket, AF_INET, type, 0);
    sys(SYS_bind, fd, P(&old), sizeof old);
  }
  if (type == SOCK_STREAM) sys(SYS_listen, fd, 64);
  await(fd);
}

/* An address that is neither of loopback nor of a network that there is, and yet leads here. */
static void take_address(void) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  append(request.ifr_name, "lo:1");
  struct sockaddr_in address = {AF_INET, 0, {__builtin_bswap32(DECOY_ADDRESS)}, {0}};
  memcpy(&request.ifr_addr, &address, sizeof address);
  int fd = (int)sys(SYS_socket, AF_INET, SOCK_DGRAM, 0);
  sys(SYS_ioctl, fd, 0x8916 /* SIOCSIFADDR */, P(&request));
  close_fd(fd);
}

static void serve(void) {
  for (;;) {
    sys(SYS_ppoll, P(listeners), listening, 0, 0, 8);
    for (int at = 0; at < listening; at++) {
      if (listeners[at].revents == 0) continue;
      int fd = (int)sys(SYS_accept4, listeners[at].fd, 0, 0, 0);
      if (fd >= 0) {
        sys(SYS_sendto, fd, P(DECOY_GREETING), sizeof DECOY_GREETING, MSG_NOSIGNAL, 0, 0);
        close_fd(fd);
        continue;
      }
      char question[16];
      struct sockaddr_in6 from;
      unsigned size = sizeof from;
      long heard = sys(SYS_recvfrom, listeners[at].fd, P(question), sizeof question, MSG_DONTWAIT, P(&from), P(&size));
      if (heard >= 0) sys(SYS_sendto, listeners[at].fd, P(DECOY_GREETING), sizeof DECOY_GREETING, 0, P(&from), size);
    }
  }
}

void be_decoys(void) {
  take_address();
  static const char *const paths[] = {"/run/decoy/socket", "/var/lib/decoy/socket", "/tmp/decoy-socket",         "/run/docker.sock",
                                      "/run/snapd.socket", "@decoy",                "/run/libvirt/libvirt-sock", "/run/containerd/containerd.sock"};
  for (size_t at = 0; at < sizeof paths / sizeof paths[0]; at++) await_path(paths[at], SOCK_STREAM);
  await_path("/run/udev/control", SOCK_SEQPACKET);
  await_port(SOCK_STREAM);
  await_port(SOCK_DGRAM);
  sys(SYS_shmget, DECOY_KEY, 4096, IPC_CREAT | 0666);
  sys(SYS_msgget, DECOY_KEY, IPC_CREAT | 0666);
  sys(SYS_semget, DECOY_KEY, 1, IPC_CREAT | 0666);
  sys(SYS_umask, 0);
  sys(SYS_mq_open, P("decoy"), O_RDWR | O_CREAT, 0666, 0);
  /* Where the kernel has Smack, whose label is checked whoever one is. */
  int labelled = open_at("/etc/decoy/labelled", O_WRONLY | O_CREAT, 0644);
  sys(SYS_fsetxattr, labelled, P("security.SMACK64"), P("decoy"), 5, 0);
  close_fd(labelled);
  long root = sys(SYS_getpid);
  long user = sys(SYS_clone, SIGCHLD);
  if (user == 0) {
    sys(SYS_setgroups, 0, 0);
    sys(SYS_setresgid, DECOY_UID, DECOY_UID, DECOY_UID);
    sys(SYS_setresuid, DECOY_UID, DECOY_UID, DECOY_UID);
    /* As root's processes are: what belongs to a process whose user has changed is otherwise root's. */
    sys(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0);
    for (;;) sys(SYS_ppoll, 0, 0, 0, 0, 8);
  }
  char line[64];
  char *end = append(append_number(append(append_number(line, (unsigned long)root), ":"), (unsigned long)user), "\n");
  sys(SYS_write, 1, P(line), end - line);
  serve();
}
