/* Sockets that are files, named from the working directory; names without a file; ports. */
#include "did.h"
#include <arpa/inet.h>

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  check(mkdir("run", 0755), "run");
  did("make-directory", "run");
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "run/stream"};
  int server = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  check(bind(server, (struct sockaddr *)&address, sizeof address), "bind");
  did("bind", "run/stream");
  check(listen(server, 1), "listen");
  check(chdir("run"), "run");
  did("enter", "run");
  strcpy(address.sun_path, "stream");
  int client = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  check(connect(client, (struct sockaddr *)&address, sizeof address), "connect");
  did("connect", "run/stream");
  check(accept(server, NULL, NULL), "accept");
  strcpy(address.sun_path, "nobody");
  if (connect(client, (struct sockaddr *)&address, sizeof address) == 0) abort();
  did("!connect", "run/nobody");
  int datagram = check(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
  strcpy(address.sun_path, "datagram");
  check(bind(datagram, (struct sockaddr *)&address, sizeof address), "bind");
  did("bind", "run/datagram");
  int sender = check(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
  check(sendto(sender, "x", 1, 0, (struct sockaddr *)&address, sizeof address), "sendto");
  did("connect", "run/datagram");
  check(chmod("datagram", 0600), "chmod");
  did("chmod", "run/datagram");
  return 0;
}
