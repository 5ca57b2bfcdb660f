/*
 * Parts of the kernel that daemons have no need of: to change it, to learn its addresses, or because its bugs are there.
 * Where a call would change the machine, its arguments are bad, and the kernel says whether it looked at them: rights come first.
 */
#include "probe.h"
#include <linux/bpf.h>
#include <linux/fanotify.h>
#include <linux/perf_event.h>
#include <sys/timex.h>
#include <time.h>

static long given(long fd) {
  close_fd((int)fd);
  return fd < 0 ? fd : OPEN;
}

static long load_module(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_init_module, 0, 0, P("")));
}

static long load_module_file(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_finit_module, -1, P(""), 0));
}

static long unload_module(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_delete_module, P("no_such_module"), 04000));
}

static long bpf_map(const char *argument) {
  (void)argument;
  union bpf_attr wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.map_type = BPF_MAP_TYPE_ARRAY, wanted.key_size = 4, wanted.value_size = 4, wanted.max_entries = 1;
  return given(sys(SYS_bpf, BPF_MAP_CREATE, P(&wanted), sizeof wanted));
}

static long bpf_program(const char *argument) {
  (void)argument;
  struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
  union bpf_attr wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, wanted.insn_cnt = 2;
  wanted.insns = (unsigned long)code, wanted.license = (unsigned long)"GPL";
  return given(sys(SYS_bpf, BPF_PROG_LOAD, P(&wanted), sizeof wanted));
}

static long performance(int own) {
  struct perf_event_attr wanted = {.type = PERF_TYPE_SOFTWARE, .size = sizeof wanted, .config = PERF_COUNT_SW_TASK_CLOCK};
  wanted.exclude_kernel = own ? 1 : 0;
  return given(sys(SYS_perf_event_open, P(&wanted), own ? 0 : -1, own ? -1 : 0, -1, PERF_FLAG_FD_CLOEXEC));
}

static long performance_self(const char *argument) { return (void)argument, performance(1); }
static long performance_all(const char *argument) { return (void)argument, performance(0); }

static long io_ring(const char *argument) {
  (void)argument;
  static char parameters[256];
  memset(parameters, 0, sizeof parameters);
  return given(sys(SYS_io_uring_setup, 1, P(parameters)));
}

static long fault_handler(const char *argument) {
  (void)argument;
  return given(sys(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */));
}

static long kernel_fault_handler(const char *argument) {
  (void)argument;
  return given(sys(SYS_userfaultfd, O_CLOEXEC));
}

static long add_key(const char *argument) {
  (void)argument;
  long key = sys(SYS_add_key, P("user"), P("probe"), P("x"), 1, -2 /* the process's own ring */);
  return key < 0 ? key : OPEN;
}

static long key_control(const char *argument) {
  (void)argument;
  long key = sys(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3, 1);
  return key < 0 ? key : OPEN;
}

static long request_key(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_request_key, P("user"), P("probe-none"), 0, 0));
}

static long another_kernel(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_kexec_load, 0, 99, 0, 0xffff));
}

static long reboot(const char *argument) {
  (void)argument;
  /* The magic numbers are wrong. */
  return unless_refused(sys(SYS_reboot, 1, 2, 0, 0));
}

static long swap_on(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_swapon, P(""), 0));
}

static long accounting(const char *argument) {
  (void)argument;
  return unless_refused(sys(SYS_acct, P("/.probe/none")));
}

static long kernel_log(const char *argument) {
  (void)argument;
  static char text[64];
  long size = sys(SYS_syslog, 3 /* SYSLOG_ACTION_READ_ALL */, P(text), sizeof text);
  return size < 0 ? size : OPEN;
}

static long watch_all_files(const char *argument) {
  (void)argument;
  return given(sys(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE, O_RDONLY));
}

static long local_descriptors(const char *argument) {
  (void)argument;
#ifdef SYS_modify_ldt
  static char table[64];
  long size = sys(SYS_modify_ldt, 0, P(table), sizeof table);
  return size < 0 ? size : OPEN;
#else
  return NOT_ON_THIS_PROCESSOR;
#endif
}

static long raw_ports(const char *argument) {
  (void)argument;
#ifdef SYS_ioperm
  return sys(SYS_ioperm, 0x80, 1, 1);
#else
  return NOT_ON_THIS_PROCESSOR;
#endif
}

static long all_raw_ports(const char *argument) {
  (void)argument;
#ifdef SYS_iopl
  return sys(SYS_iopl, 3);
#else
  return NOT_ON_THIS_PROCESSOR;
#endif
}

/* To the time that it has. */
static long set_clock(const char *argument) {
  (void)argument;
  struct timespec now;
  sys(SYS_clock_gettime, CLOCK_REALTIME, P(&now));
  return sys(SYS_clock_settime, CLOCK_REALTIME, P(&now));
}

/* The length of a tick, to what it is. */
static long adjust_clock(const char *argument) {
  (void)argument;
  struct timex state;
  memset(&state, 0, sizeof state);
  long result = sys(SYS_adjtimex, P(&state));
  if (result < 0) return result;
  state.modes = ADJ_TICK;
  result = sys(SYS_adjtimex, P(&state));
  return result < 0 ? result : OPEN;
}

/* What is there is written back. */
static long rewrite(const char *path) {
  char value[256];
  int fd = open_at(path, O_RDWR, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_read, fd, P(value), sizeof value);
  if (size > 0) size = sys(SYS_pwrite64, fd, P(value), size, 0);
  close_fd(fd);
  return size < 0 ? size : size == 0 ? NOTHING_THERE : OPEN;
}

static long open_only(const char *path) { return given(open_at(path, O_WRONLY, 0)); }

/* Addresses of the kernel: to those who may not see them they are all zero. */
static long kernel_addresses(const char *path) {
  char line[16];
  int fd = open_at(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_read, fd, P(line), sizeof line);
  close_fd(fd);
  if (size < 16) return size < 0 ? size : NOTHING_THERE;
  for (int at = 0; at < 16; at++) {
    if (line[at] != '0') return OPEN;
  }
  return -EPERM;
}

static long kernel_memory(const char *path) {
  char byte;
  int fd = open_at(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_read, fd, P(&byte), 1);
  close_fd(fd);
  return size < 0 ? size : size == 0 ? NOTHING_THERE : OPEN;
}

static long new_group(const char *path) {
  long result = sys(SYS_mkdirat, AT_FDCWD, P(path), 0755);
  if (result == -EEXIST) return sys(SYS_unlinkat, AT_FDCWD, P(path), AT_REMOVEDIR);
  if (result == OPEN) succeeded();
  if (result == OPEN) sys(SYS_unlinkat, AT_FDCWD, P(path), AT_REMOVEDIR);
  return result;
}

/* Out of the unit's limits and of what watches it. Another group of the machine: this process ends there. */
static long leave_group(const char *path) {
  int fd = open_at(path, O_WRONLY, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_write, fd, P("0"), 1);
  close_fd(fd);
  return size < 0 ? size : OPEN;
}

const struct attack kernel[] = {
    {"load-module", load_module, ""},
    {"load-module-file", load_module_file, ""},
    {"unload-module", unload_module, ""},
    {"bpf-map", bpf_map, ""},
    {"bpf-program", bpf_program, ""},
    {"perf-self", performance_self, ""},
    {"perf-everything", performance_all, ""},
    {"io-uring", io_ring, ""},
    {"userfaultfd", fault_handler, ""},
    {"userfaultfd-kernel", kernel_fault_handler, ""},
    {"add-key", add_key, ""},
    {"keyctl", key_control, ""},
    {"request-key", request_key, ""},
    {"kexec", another_kernel, ""},
    {"reboot", reboot, ""},
    {"swap", swap_on, ""},
    {"accounting", accounting, ""},
    {"kernel-log", kernel_log, ""},
    {"fanotify", watch_all_files, ""},
    {"modify-ldt", local_descriptors, ""},
    {"io-ports", raw_ports, ""},
    {"all-io-ports", all_raw_ports, ""},
    {"set-clock", set_clock, ""},
    {"adjust-clock", adjust_clock, ""},
    {"sysctl-core-pattern", rewrite, "/proc/sys/kernel/core_pattern"},
    {"sysctl-modprobe", rewrite, "/proc/sys/kernel/modprobe"},
    {"sysctl-network", rewrite, "/proc/sys/net/ipv4/ip_forward"},
    {"sysrq", open_only, "/proc/sysrq-trigger"},
    {"interrupts", rewrite, "/proc/irq/default_smp_affinity"},
    {"kernel-addresses", kernel_addresses, "/proc/kallsyms"},
    {"kernel-memory", kernel_memory, "/proc/kcore"},
    {"loaded-modules", kernel_memory, "/proc/modules"},
    {"sys-uevent", open_only, "/sys/kernel/uevent_helper"},
    {"sys-file", open_only, "/sys/kernel/mm/transparent_hugepage/enabled"},
    {"new-control-group", new_group, "/sys/fs/cgroup/probe"},
    {"leave-control-group", leave_group, "/sys/fs/cgroup/init.scope/cgroup.procs"},
    {NULL, NULL, NULL},
};
