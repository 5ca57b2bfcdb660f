/* To speak to what the daemon has nothing to say to, and to be spoken to. */
#include "probe.h"
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static unsigned short swapped(unsigned short port) { return (unsigned short)(port << 8 | port >> 8); }
static unsigned swapped_address(unsigned address) { return __builtin_bswap32(address); }

static long wait_for(int fd, short what) {
  struct pollfd one = {fd, what, 0};
  long limit[2] = {0, 700000000};
  long result = sys(SYS_ppoll, P(&one), 1, P(limit), 0, 8);
  if (result == -EPERM || result == -ENOSYS) {
    rest(200);
    return OPEN;
  }
  return result < 0 ? result : result == 0 ? -ETIMEDOUT : OPEN;
}

static long greeting(int fd) {
  char answer[16];
  long result = wait_for(fd, POLLIN);
  if (result < 0) return result;
  long heard = sys(SYS_recvfrom, fd, P(answer), sizeof answer, MSG_DONTWAIT, 0, 0);
  if (heard == -EPERM || heard == -ENOSYS) heard = sys(SYS_read, fd, P(answer), sizeof answer);
  return heard < 0 ? heard : heard == 0 ? -ECONNRESET : OPEN;
}

static long tcp_to(unsigned address) {
  struct sockaddr_in peer = {AF_INET, swapped(DECOY_PORT), {swapped_address(address)}, {0}};
  int fd = (int)sys(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_connect, fd, P(&peer), sizeof peer);
  if (result == OPEN || result == -EINPROGRESS) result = greeting(fd);
  close_fd(fd);
  return result;
}

static long udp_to(unsigned address) {
  struct sockaddr_in peer = {AF_INET, swapped(DECOY_PORT), {swapped_address(address)}, {0}};
  int fd = (int)sys(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_sendto, fd, P("?"), 1, 0, P(&peer), sizeof peer);
  if (result == -ENOSYS) result = sys(SYS_connect, fd, P(&peer), sizeof peer) < 0 ? -ENOSYS : sys(SYS_write, fd, P("?"), 1);
  if (result >= 0) result = greeting(fd);
  close_fd(fd);
  return result;
}

static long tcp_loopback(const char *argument) { return (void)argument, tcp_to(INADDR_LOOPBACK); }
static long tcp_elsewhere(const char *argument) { return (void)argument, tcp_to(DECOY_ADDRESS); }
static long udp_loopback(const char *argument) { return (void)argument, udp_to(INADDR_LOOPBACK); }
static long udp_elsewhere(const char *argument) { return (void)argument, udp_to(DECOY_ADDRESS); }

static long tcp_six(const char *argument) {
  (void)argument;
  struct sockaddr_in6 peer = {AF_INET6, swapped(DECOY_PORT), 0, IN6ADDR_LOOPBACK_INIT, 0};
  int fd = (int)sys(SYS_socket, AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_connect, fd, P(&peer), sizeof peer);
  if (result == OPEN || result == -EINPROGRESS) result = greeting(fd);
  close_fd(fd);
  return result;
}

/* A back door: a port of one's own. */
static long listen_on(const char *port) {
  struct sockaddr_in here = {AF_INET, swapped((unsigned short)number_of(port)), {0}, {0}};
  int fd = (int)sys(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_bind, fd, P(&here), sizeof here);
  if (result == OPEN) result = sys(SYS_listen, fd, 1);
  close_fd(fd);
  return result;
}

static long receive_on(const char *port) {
  struct sockaddr_in here = {AF_INET, swapped((unsigned short)number_of(port)), {0}, {0}};
  int fd = (int)sys(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_bind, fd, P(&here), sizeof here);
  close_fd(fd);
  return result;
}

static long open_socket(int family, int type, int protocol) {
  int fd = (int)sys(SYS_socket, family, type | SOCK_CLOEXEC, protocol);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

static long raw(const char *argument) { return (void)argument, open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long packets(const char *argument) { return (void)argument, open_socket(AF_PACKET, SOCK_RAW, 0); }

static long key_management(const char *argument) {
  (void)argument;
  return open_socket(AF_KEY, SOCK_RAW, 2);
}

static long kernel_cipher(const char *argument) {
  (void)argument;
  struct sockaddr_alg address = {.salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256"};
  int fd = (int)sys(SYS_socket, AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_bind, fd, P(&address), sizeof address);
  close_fd(fd);
  return result;
}

static long stream_or_packets(const char *number) {
  int which = (int)number_of(number);
  long result = open_socket(which, SOCK_STREAM, 0);
  if (result < 0) result = open_socket(which, SOCK_SEQPACKET, 0);
  if (result < 0) result = open_socket(which, SOCK_DGRAM, 0);
  if (result < 0) result = open_socket(which, SOCK_RAW, 1);
  return result;
}

/* Families of protocols that few need and whose code few have looked at. The last error is that of the last one. */
static long rare_families(const char *argument) {
  (void)argument;
  static const unsigned char rare[] = {3, 4, 5, 6, 9, 11, 12, 18, 19, 20, 21, 23, 24, 26, 27, 28, 30, 31, 32, 33, 34, 35, 36, 37, 39, 41, 42, 43};
  long result = -EAFNOSUPPORT;
  for (size_t at = 0; at < sizeof rare; at++) {
    for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type++) {
      if (open_socket(rare[at], type, 0) == OPEN) return OPEN;
    }
  }
  return result;
}

static long ask_kernel(int protocol, unsigned short type, unsigned short flags) {
  struct {
    struct nlmsghdr head;
    struct rtgenmsg body;
  } question = {{sizeof question, type, flags, 1, 0}, {AF_UNSPEC}};
  struct sockaddr_nl kernel_address = {AF_NETLINK, 0, 0, 0};
  static char answer[8192];
  int fd = (int)sys(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) return fd;
  long result = sys(SYS_sendto, fd, P(&question), sizeof question, 0, P(&kernel_address), sizeof kernel_address);
  if (result >= 0) result = wait_for(fd, POLLIN);
  if (result >= 0) result = sys(SYS_recvfrom, fd, P(answer), sizeof answer, MSG_DONTWAIT, 0, 0);
  close_fd(fd);
  if (result < 0) return result;
  const struct nlmsghdr *head = (const struct nlmsghdr *)answer;
  if (head->nlmsg_type != NLMSG_ERROR) return OPEN;
  return ((const struct nlmsgerr *)(answer + NLMSG_HDRLEN))->error;
}

static long routes(const char *argument) {
  (void)argument;
  return ask_kernel(NETLINK_ROUTE, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
}

/* AUDIT_GET: what the kernel's audit does; who may ask may also tell. */
static long audit(const char *argument) {
  (void)argument;
  return ask_kernel(NETLINK_AUDIT, 1000, NLM_F_REQUEST | NLM_F_ACK);
}

/* AUDIT_USER: a record that claims to be of somebody's log-in, say. This one is empty. */
static long audit_record(const char *argument) {
  (void)argument;
  return ask_kernel(NETLINK_AUDIT, 1005, NLM_F_REQUEST | NLM_F_ACK);
}

/* What the kernel tells of the audit to whoever listens: its first group of listeners. */
static long audit_listener(const char *argument) {
  (void)argument;
  struct sockaddr_nl group = {AF_NETLINK, 0, 0, 1};
  int fd = (int)sys(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  if (fd < 0) return fd;
  long result = sys(SYS_bind, fd, P(&group), sizeof group);
  close_fd(fd);
  return result;
}

static long netfilter(const char *argument) {
  (void)argument;
  return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
}

/* What tells of each connection of this machine. */
static long socket_list(const char *argument) {
  (void)argument;
  return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
}

const struct attack network[] = {
    {"connect-loopback", tcp_loopback, ""},
    {"connect-elsewhere", tcp_elsewhere, ""},
    {"connect-loopback-ipv6", tcp_six, ""},
    {"ask-by-udp-loopback", udp_loopback, ""},
    {"ask-by-udp-elsewhere", udp_elsewhere, ""},
    {"listen-high-port", listen_on, "31988"},
    {"listen-low-port", listen_on, "987"},
    {"receive-udp", receive_on, "31989"},
    {"raw-socket", raw, ""},
    {"packet-socket", packets, ""},
    {"netlink-route", routes, ""},
    {"netlink-audit", audit, ""},
    {"audit-record", audit_record, ""},
    {"audit-listener", audit_listener, ""},
    {"netlink-netfilter", netfilter, ""},
    {"netlink-sockets", socket_list, ""},
    {"family-alg", kernel_cipher, ""},
    {"family-vsock", stream_or_packets, "40"},
    {"family-key", key_management, ""},
    {"family-bluetooth", stream_or_packets, "31"},
    {"family-can", stream_or_packets, "29"},
    {"family-xdp", stream_or_packets, "44"},
    {"family-smc", stream_or_packets, "43"},
    {"family-tipc", stream_or_packets, "30"},
    {"families-rare", rare_families, ""},
    {NULL, NULL, NULL},
};
