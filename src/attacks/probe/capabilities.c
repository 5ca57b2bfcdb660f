/* Each right of root by a real use of it, on things of this process's own wherever that can be. */
#include "probe.h"
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>

/* On a file that has no name and lies on no mount: what is refused is the right, not the place. */
static long give_away(const char *argument) {
  (void)argument;
  int fd = nameless_file();
  if (fd < 0) return fd;
  long result = sys(SYS_fchown, fd, DECOY_UID, -1);
  if (result == -EPERM || result == -ENOSYS) result = sys(SYS_fchownat, fd, P(""), DECOY_UID, -1, AT_EMPTY_PATH);
  close_fd(fd);
  return result;
}

/* By any call that does: a filter may know one of them only. */
static long become_user(const char *argument) {
  (void)argument;
  long result = sys(SYS_setresuid, DECOY_UID, DECOY_UID, -1);
  if (result < 0) result = sys(SYS_setreuid, DECOY_UID, DECOY_UID);
  return result < 0 ? sys(SYS_setuid, DECOY_UID) : result;
}

static long become_group(const char *argument) {
  (void)argument;
  long result = sys(SYS_setresgid, DECOY_UID, DECOY_UID, -1);
  if (result < 0) result = sys(SYS_setregid, DECOY_UID, DECOY_UID);
  return result < 0 ? sys(SYS_setgid, DECOY_UID) : result;
}

static long join_groups(const char *argument) {
  (void)argument;
  unsigned group = DECOY_UID;
  return sys(SYS_setgroups, 1, P(&group));
}

/* A file that its mode closes to everybody, opened again. */
static long past_mode(int flags) {
  char path[64];
  int fd = nameless_file();
  if (fd < 0) return fd;
  long result = sys(SYS_fchmod, fd, 0);
  if (result == OPEN) {
    append_number(append(path, "/proc/self/fd/"), (unsigned long)fd);
    int again = open_at(path, flags | O_NONBLOCK, 0);
    result = again < 0 ? again : OPEN;
    close_fd(again);
  }
  close_fd(fd);
  return result;
}

static long read_anything(const char *argument) { return (void)argument, past_mode(O_RDONLY); }
static long write_anything(const char *argument) { return (void)argument, past_mode(O_WRONLY); }

/* A file of another user, opened, and a property of it changed to what it is. */
static long change_foreign_mode(const char *path) {
  int fd = open_at(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_fchmod, fd, 0644);
  close_fd(fd);
  return result;
}

static long lease(const char *path) {
  int fd = open_at(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_fcntl, fd, 1024 /* F_SETLEASE */, F_RDLCK);
  close_fd(fd);
  return unless_refused(result);
}

static long immutable(const char *argument) {
  (void)argument;
  int fd = nameless_file();
  if (fd < 0) return fd;
  int flags = 0;
  long result = sys(SYS_ioctl, fd, FS_IOC_GETFLAGS, P(&flags));
  flags |= FS_IMMUTABLE_FL;
  if (result == OPEN) result = sys(SYS_ioctl, fd, FS_IOC_SETFLAGS, P(&flags));
  flags &= ~FS_IMMUTABLE_FL;
  sys(SYS_ioctl, fd, FS_IOC_SETFLAGS, P(&flags));
  close_fd(fd);
  return result;
}

static long file_capability(const char *argument) {
  (void)argument;
  struct vfs_cap_data wanted = {VFS_CAP_REVISION_2, {{1, 0}, {0, 0}}};
  int fd = nameless_file();
  if (fd < 0) return fd;
  long result = sys(SYS_fsetxattr, fd, P("security.capability"), P(&wanted), sizeof wanted, 0);
  close_fd(fd);
  return result;
}

static long drop_bounding(const char *argument) {
  (void)argument;
  return sys(SYS_prctl, PR_CAPBSET_DROP, CAP_WAKE_ALARM, 0, 0, 0);
}

static long host_name(const char *argument) {
  (void)argument;
  struct utsname names;
  long result = sys(SYS_uname, P(&names));
  return result < 0 ? result : sys(SYS_sethostname, P(names.nodename), (long)length(names.nodename));
}

static long domain_name(const char *argument) {
  (void)argument;
  struct utsname names;
  long result = sys(SYS_uname, P(&names));
  return result < 0 ? result : sys(SYS_setdomainname, P(names.domainname), (long)length(names.domainname));
}

static long real_time(const char *argument) {
  (void)argument;
  struct sched_param priority = {1};
  return sys(SYS_sched_setscheduler, 0, SCHED_FIFO, P(&priority));
}

static long real_time_other_call(const char *argument) {
  (void)argument;
  struct {
    unsigned size, policy;
    unsigned long flags;
    int nice;
    unsigned priority;
    unsigned long runtime, deadline, period;
  } wanted = {48, SCHED_FIFO, 0, 0, 1, 0, 0, 0};
  return sys(SYS_sched_setattr, 0, P(&wanted), 0);
}

static long more_time(const char *argument) { return (void)argument, sys(SYS_setpriority, PRIO_PROCESS, 0, -20); }

static long more_disk(const char *argument) { return (void)argument, sys(SYS_ioprio_set, 1, 0, 1 << 13 | 4); }

static long lock_memory(const char *argument) {
  (void)argument;
  static char page[4096] __attribute__((aligned(4096)));
  struct rlimit none = {0, 0};
  long result = sys(SYS_prlimit64, 0, RLIMIT_MEMLOCK, P(&none), 0);
  return result < 0 ? result : sys(SYS_mlock, P(page), sizeof page);
}

static long raise_limit(const char *argument) {
  (void)argument;
  struct rlimit low = {0, 0}, high = {1, 1};
  long result = sys(SYS_prlimit64, 0, RLIMIT_CORE, P(&low), 0);
  return result < 0 ? result : sys(SYS_prlimit64, 0, RLIMIT_CORE, P(&high), 0);
}

/* The flags of the loopback interface, to what they are. */
static long interface_flags(const char *argument) {
  (void)argument;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  append(request.ifr_name, "lo");
  int fd = (int)sys(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fd = (int)sys(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_ioctl, fd, 0x8913 /* SIOCGIFFLAGS */, P(&request));
  if (result == OPEN) result = sys(SYS_ioctl, fd, 0x8914 /* SIOCSIFFLAGS */, P(&request));
  close_fd(fd);
  return result;
}

static long mark_packets(const char *argument) {
  (void)argument;
  int mark = 1;
  int fd = (int)sys(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fd = (int)sys(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  long result = sys(SYS_setsockopt, fd, SOL_SOCKET, 33 /* SO_RCVBUFFORCE */, P(&mark), sizeof mark);
  close_fd(fd);
  return result;
}

static long wake_machine(const char *argument) {
  (void)argument;
  int fd = (int)sys(SYS_timerfd_create, 8 /* CLOCK_REALTIME_ALARM */, TFD_CLOEXEC);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

static long quota(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_quotactl, (long)(0x800003u << 8) /* Q_QUOTAOFF */, P("/.probe/none"), 0, 0));
}

/* This process has no terminal: what is asked is whether it might. */
static long hang_up(const char *argument) { return (void)argument, sys(SYS_vhangup); }

/* Number 1 is taken, but who may not choose is told so first. */
static long choose_number(const char *argument) {
  (void)argument;
  int number = 1;
  struct clone_args wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.exit_signal = SIGCHLD, wanted.set_tid = (unsigned long)&number, wanted.set_tid_size = 1;
  return unless_refused(sys(SYS_clone3, P(&wanted), sizeof wanted));
}

/* A right that is not held is left out without a word: what the kernel keeps of the wish is in fdinfo. */
static long keeps_awake(int set) {
  static char text[512];
  char path[64];
  append_number(append(path, "/proc/self/fdinfo/"), (unsigned long)set);
  int fd = open_at(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_read, fd, P(text), sizeof text - 1);
  close_fd(fd);
  if (size < 0) return size;
  text[size] = '\0';
  for (const char *at = text; *at != '\0'; at++) {
    if (begins(at, "events: 2") && length(at) >= 16 && at[15] != ' ') return OPEN;
    if (begins(at, "events: ")) return -EPERM;
  }
  return NOTHING_THERE;
}

static long block_suspend(const char *argument) {
  (void)argument;
  struct epoll_event wanted = {EPOLLIN | EPOLLWAKEUP, {0}};
  int pair[2];
  long result = sys(SYS_pipe2, P(pair), O_CLOEXEC);
  if (result < 0) return result;
  int set = (int)sys(SYS_epoll_create1, EPOLL_CLOEXEC);
  result = set < 0 ? set : sys(SYS_epoll_ctl, set, EPOLL_CTL_ADD, pair[0], P(&wanted));
  if (result == OPEN) result = keeps_awake(set);
  close_fd(set), close_fd(pair[0]), close_fd(pair[1]);
  return result;
}

/* An empty or senseless policy: who may not load one is told so before anybody reads it. */
static long load_policy(const char *argument) {
  (void)argument;
  static const char *const places[] = {"/sys/kernel/security/apparmor/.replace", "/sys/fs/smackfs/load2"};
  long result = -ENOENT;
  for (size_t at = 0; at < sizeof places / sizeof places[0]; at++) {
    int fd = open_at(places[at], O_WRONLY, 0);
    if (fd == -ENOENT) continue;
    result = fd < 0 ? fd : unless_refused(sys(SYS_write, fd, P("\n"), 1));
    close_fd(fd);
  }
  return result;
}

/* Only Smack asks for this right; the label is that of a decoy. */
static long past_label(const char *path) {
  if (sys(SYS_faccessat, AT_FDCWD, P("/sys/fs/smackfs"), 0) < 0) return NOTHING_THERE;
  int fd = open_at(path, O_RDONLY, 0);
  close_fd(fd);
  return fd < 0 ? fd : OPEN;
}

const struct attack capabilities[] = {
    {"give-file-away", give_away, ""},
    {"become-another-user", become_user, ""},
    {"become-another-group", become_group, ""},
    {"join-groups", join_groups, ""},
    {"read-past-mode", read_anything, ""},
    {"write-past-mode", write_anything, ""},
    {"change-foreign-mode", change_foreign_mode, "/etc/decoy/open"},
    {"lease-foreign-file", lease, "/etc/decoy/open"},
    {"immutable-file", immutable, ""},
    {"file-capability", file_capability, ""},
    {"drop-bounding-capability", drop_bounding, ""},
    {"host-name", host_name, ""},
    {"domain-name", domain_name, ""},
    {"real-time-scheduler", real_time, ""},
    {"real-time-attributes", real_time_other_call, ""},
    {"higher-priority", more_time, ""},
    {"disk-priority", more_disk, ""},
    {"lock-memory", lock_memory, ""},
    {"raise-limit", raise_limit, ""},
    {"network-interface", interface_flags, ""},
    {"force-buffer", mark_packets, ""},
    {"wake-machine", wake_machine, ""},
    {"quota", quota, ""},
    {"hang-up-terminal", hang_up, ""},
    {"choose-process-number", choose_number, ""},
    {"block-suspend", block_suspend, ""},
    {"load-security-policy", load_policy, ""},
    {"past-security-label", past_label, "/etc/decoy/labelled"},
    {NULL, NULL, NULL},
};
