/* Services that do for others what the daemon itself may not do, and are spoken to through a socket in the file system. */
#include "probe.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static long wait_for(int fd, short what) {
  struct pollfd one = {fd, what, 0};
  struct timespec {
    long seconds, nanoseconds;
  } limit = {1, 500000000};
  long result = sys(SYS_ppoll, P(&one), 1, P(&limit), 0, 8);
  return result < 0 ? result : result == 0 ? -ETIMEDOUT : OPEN;
}

static int connect_path(const char *path, int type) {
  struct sockaddr_un address = {AF_UNIX, ""};
  append(address.sun_path, path);
  size_t size = offsetof(struct sockaddr_un, sun_path) + length(path);
  /* A name that begins with @ is abstract. */
  if (path[0] == '@') address.sun_path[0] = '\0';
  else size++;
  int fd = (int)sys(SYS_socket, AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_connect, fd, P(&address), (long)size);
  if (result == OPEN) return fd;
  close_fd(fd);
  return (int)result;
}

static long say(int fd, const void *text, size_t size) {
  long done = sys(SYS_sendto, fd, P(text), (long)size, MSG_NOSIGNAL, 0, 0);
  if (done == -EPERM || done == -ENOSYS) done = sys(SYS_write, fd, P(text), (long)size);
  return done < 0 ? done : OPEN;
}

/* What is said on a connection; nothing where it was hung up. */
static long hear(int fd, char *answer, size_t size) {
  long result = wait_for(fd, POLLIN);
  if (result == -EPERM || result == -ENOSYS) rest(300);
  else if (result < 0) return result;
  long heard = sys(SYS_recvfrom, fd, P(answer), (long)size - 1, 0, 0, 0);
  if (heard == -EPERM || heard == -ENOSYS) heard = sys(SYS_read, fd, P(answer), (long)size - 1);
  if (heard < 0) return heard;
  if (heard == 0) return -ECONNRESET;
  answer[heard] = '\0';
  return OPEN;
}

/* Connects and is greeted: by what stands in for a service that is not installed here. */
static long greeted_by(const char *path) {
  char answer[16];
  int fd = connect_path(path, SOCK_STREAM);
  if (fd < 0) return fd;
  long result = hear(fd, answer, sizeof answer);
  close_fd(fd);
  return result;
}

/* Real ones, where they are there, answer to nothing before they were asked. */
static long reached(const char *path) {
  int fd = connect_path(path, SOCK_STREAM);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

static long reached_by_packets(const char *path) {
  int fd = connect_path(path, SOCK_SEQPACKET);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

/* The handshake of D-Bus: who we are is a number in hexadecimal digits, written as digits of digits. */
static long authenticate(int fd) {
  char line[64] = "", answer[128], digits[16];
  append_number(digits, (unsigned long)sys(SYS_geteuid));
  char *end = append(line + 1, "AUTH EXTERNAL ");
  for (char *each = digits; *each != '\0'; each++) {
    char two[3] = {'3', *each, '\0'};
    end = append(end, two);
  }
  end = append(end, "\r\n");
  long result = say(fd, line, (size_t)(end - line));
  if (result == OPEN) result = hear(fd, answer, sizeof answer);
  if (result == OPEN && !begins(answer, "OK ")) result = -EACCES;
  if (result == OPEN) result = say(fd, "BEGIN\r\n", 7);
  return result;
}

/* A call without arguments, by the D-Bus wire format. https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol */
struct message {
  char bytes[512];
  size_t size;
};

static void put_field(struct message *message, char code, char type, const char *text) {
  while (message->size % 8 != 0) message->bytes[message->size++] = 0;
  char *at = message->bytes + message->size;
  unsigned size = (unsigned)length(text);
  at[0] = code, at[1] = 1, at[2] = type, at[3] = 0;
  memcpy(at + 4, &size, 4);
  append(at + 8, text);
  message->size += 8 + size + 1;
}

static long call(int fd, const char *path, const char *interface, const char *member, const char *destination) {
  static struct message message;
  char answer[512];
  memset(&message, 0, sizeof message);
  message.bytes[0] = 'l', message.bytes[1] = 1, message.bytes[3] = 1, message.bytes[8] = 1;
  message.size = 16;
  put_field(&message, 1, 'o', path);
  put_field(&message, 2, 's', interface);
  put_field(&message, 3, 's', member);
  if (*destination != '\0') put_field(&message, 6, 's', destination);
  unsigned fields = (unsigned)message.size - 16;
  memcpy(message.bytes + 12, &fields, 4);
  while (message.size % 8 != 0) message.bytes[message.size++] = 0;
  long result = say(fd, message.bytes, message.size);
  if (result == OPEN) result = hear(fd, answer, sizeof answer);
  /* The second byte: 2 is an answer, 3 an error, 4 a signal. */
  return result < 0 ? result : answer[1] == 2 || answer[1] == 4 ? OPEN : -EACCES;
}

/* Whoever is answered here as root starts a unit without any sandbox with the next message. */
static long ask_system_manager(const char *path, long patience) {
  int fd = connect_path(path, SOCK_STREAM);
  if (fd < 0) return fd;
  long result = authenticate(fd);
  if (result == OPEN) {
    /* A question that comes in one piece with the handshake's end waits there for the next piece. */
    rest(patience);
    result = call(fd, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "ListJobs", "org.freedesktop.systemd1");
  }
  close_fd(fd);
  return result;
}

static long system_manager(const char *path) {
  long result = -ETIMEDOUT;
  for (long patience = 20; patience < 1000 && result == -ETIMEDOUT; patience *= 4) result = ask_system_manager(path, patience);
  return result;
}

static long system_bus(const char *path) {
  int fd = connect_path(path, SOCK_STREAM);
  if (fd < 0) return fd;
  long result = authenticate(fd);
  if (result == OPEN) {
    result = call(fd, "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", "org.freedesktop.DBus");
  }
  close_fd(fd);
  return result;
}

/* https://varlink.org/Service */
static long varlink(const char *path) {
  static const char question[] = "{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":{}}";
  char answer[64];
  int fd = connect_path(path, SOCK_STREAM);
  if (fd < 0) return fd;
  long result = say(fd, question, sizeof question);
  if (result == OPEN) result = hear(fd, answer, sizeof answer);
  close_fd(fd);
  return result;
}

const struct attack sockets[] = {
    {"socket-system-manager", system_manager, "/run/systemd/private"},
    {"socket-system-bus", system_bus, "/run/dbus/system_bus_socket"},
    {"socket-journal-varlink", varlink, "/run/systemd/journal/io.systemd.journal"},
    {"socket-user-database", varlink, "/run/systemd/userdb/io.systemd.DynamicUser"},
    {"socket-udev", reached_by_packets, "/run/udev/control"},
    {"socket-docker", reached, "/run/docker.sock"},
    {"socket-containerd", reached, "/run/containerd/containerd.sock"},
    {"socket-libvirt", reached, "/run/libvirt/libvirt-sock"},
    {"socket-snapd", reached, "/run/snapd.socket"},
    {"socket-foreign-run", greeted_by, "/run/decoy/socket"},
    {"socket-foreign-state", greeted_by, "/var/lib/decoy/socket"},
    {"socket-foreign-tmp", greeted_by, "/tmp/decoy-socket"},
    {"socket-abstract", greeted_by, "@decoy"},
    {NULL, NULL, NULL},
};
