/* Socket options: everybody's, and those for which the kernel asks for a capability, with values for which it does and does not. */
#include "did.h"
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <net/if.h>

static void set(int socket, int level, int option, const void *value, socklen_t size) {
  check(setsockopt(socket, level, option, value, size), "setsockopt");
}

static void set_number(int socket, int level, int option, int value) {
  set(socket, level, option, &value, sizeof value);
}

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  int tcp = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
  for (int i = 0; i < 50; i++) set_number(tcp, IPPROTO_TCP, TCP_NODELAY, 1);
  set_number(tcp, SOL_SOCKET, SO_PRIORITY, 3);
  set_number(tcp, IPPROTO_IP, IP_TRANSPARENT, 0);
  set_number(tcp, SOL_SOCKET, SO_DEBUG, 0);
  set(tcp, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
  int other = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
  set_number(other, SOL_SOCKET, SO_PRIORITY, 7);
  set_number(other, SOL_SOCKET, SO_MARK, 5);
  set_number(other, IPPROTO_IP, IP_TRANSPARENT, 1);
  set(other, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
  /* Refused: it says nothing. */
  setsockopt(other, SOL_SOCKET, SO_SNDBUFFORCE, NULL, 4);
  int netlink = check(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "socket");
  set_number(netlink, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK);
  set_number(netlink, SOL_NETLINK, NETLINK_PKTINFO, 1);
  return 0;
}
