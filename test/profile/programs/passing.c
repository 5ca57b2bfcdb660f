/* Descriptors that are sent to another process over a socketpair, and fetched from it with pidfd_getfd. */
#include "did.h"

static void give(int socket, int fd) {
  char byte = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  check(sendmsg(socket, &message, 0), "sendmsg");
}

static int take(int socket) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  int fd;
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  check(recvmsg(socket, &message, MSG_CMSG_CLOEXEC), "recvmsg");
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

int main(int argc, char **argv) {
  (void)argc;
  begin(argv);
  int pair[2], gate[2];
  check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
  check(pipe(gate), "pipe");
  check(mkdir("given", 0755), "given");
  did("make-directory", "given");
  pid_t child = check(fork(), "fork");
  if (child == 0) {
    close(pair[0]);
    int fd = take(pair[1]);
    close(make(fd, "by-receiver", "given/by-receiver"));
    int own = check(open("given/by-receiver", O_RDONLY), "own");
    did("read", "given/by-receiver");
    check(dup2(own, 77), "77");
    check(write(gate[1], "x", 1), "gate");
    take(pair[1]);
    _exit(0);
  }
  close(pair[1]);
  int directory = check(open("given", O_RDONLY | O_DIRECTORY), "directory");
  did("read", "given");
  give(pair[0], directory);
  char byte;
  check(read(gate[0], &byte, 1), "gate");
  int process = check(syscall(SYS_pidfd_open, child, 0), "pidfd_open");
  int fetched = check(syscall(SYS_pidfd_getfd, process, 77, 0), "pidfd_getfd");
  check(fchmod(fetched, 0600), "fchmod");
  did("chmod", "given/by-receiver");
  give(pair[0], directory);
  await(child);
  return 0;
}
