/*
 * The room in which the attacks run, and how their results get out.
 *
 * Standard input and output are one file that systemd has opened outside the sandbox. It is mapped and written to as memory, so that
 * no call is needed that a sandbox may refuse: mmap always passes. Each attack has one line of it, in the order of the table; the
 * first line says whether a child can be had. What a kill of the whole unit leaves in it is where the next start goes on.
 */
#include "probe.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define LINE 128
#define ROOM 65536
#define PATIENCE 8000

char **environment;
const char *own_path = "";
int current;
int is_alone;

static const struct attack *const tables[] = {files,   secrets,   execution, memory,       interprocess, processes, sockets,
                                              network, devices,   kernel,    capabilities, namespaces};
static const struct attack *attacks[ROOM / LINE];
static int count;
static char (*room)[LINE];

static void gather(void) {
  for (size_t table = 0; table < sizeof tables / sizeof tables[0]; table++) {
    for (const struct attack *each = tables[table]; each->id != NULL && count < ROOM / LINE - 1; each++) attacks[count++] = each;
  }
}

static void open_room(void) {
  long where = sys(SYS_mmap, 0, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 0);
  if (where < 0 && where > -4096) where = sys(SYS_mmap, 0, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (where < 0 && where > -4096) sys(SYS_exit_group, 70);
  room = (char(*)[LINE])where;
}

static void put_line(int number, const char *outcome, const char *detail) {
  char *line = room[number + 1];
  char *end = append(append(append(line, "{\"id\":\""), attacks[number]->id), "\",\"outcome\":\"");
  end = append(append(append(append(end, outcome), "\",\"detail\":\""), detail), "\"}");
  while (end < line + LINE - 1) *end++ = ' ';
  *end = '\n';
}

void put_verdict(int number, const char *outcome, long error) {
  put_line(number, outcome, error == 0 ? "" : error_name(error));
}

long succeeded(void) {
  put_verdict(current, "open", 0);
  return OPEN;
}

static int is_state(int number, const char *outcome) {
  char *line = room[number + 1];
  size_t at = length("{\"id\":\"\",\"outcome\":\"") + length(attacks[number]->id);
  return line[0] == '{' && begins(line + at, outcome);
}

static void try(int number) {
  current = number;
  put_line(number, "started", "");
  long result = attacks[number]->run(attacks[number]->argument);
  put_verdict(number, result == OPEN ? "open" : "closed", result);
}

static void put_signal(int number, int which) {
  put_line(number, "closed", which == SIGSYS ? "SIGSYS" : which == SIGKILL ? "SIGKILL" : which == SIGSEGV ? "SIGSEGV" : "signal");
}

long milliseconds(void) {
  struct timespec now = {0, 0};
  sys(SYS_clock_gettime, CLOCK_MONOTONIC, P(&now));
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void rest(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  sys(SYS_nanosleep, P(&time), 0);
}

static long new_child(void) {
  long child = sys(SYS_clone, SIGCHLD);
#ifdef SYS_fork
  if (child < 0) child = sys(SYS_fork);
#endif
  return child;
}

/* -1 where no child can be had, or none waited for. */
static int try_in_child(int number) {
  long child = new_child();
  if (child < 0) return -1;
  if (child == 0) {
    try(number);
    sys(SYS_exit_group, 0);
  }
  int status = 0;
  long start = milliseconds();
  for (int turn = 0;; turn++) {
    long ended = sys(SYS_wait4, child, P(&status), WNOHANG | __WALL);
    if (ended == child) break;
    if (ended < 0) return -1;
    if (milliseconds() - start > PATIENCE) {
      sys(SYS_kill, child, SIGKILL);
      put_line(number, "closed", "timeout");
      return 0;
    }
    if (turn < 20) sys(SYS_sched_yield);
    else rest(1);
  }
  if (WIFSIGNALED(status) && !is_state(number, "open")) put_signal(number, WTERMSIG(status));
  return 0;
}

static void self_test_output(void) {
  for (int number = 0; number < count; number++) sys(SYS_write, 1, P(room[number + 1]), LINE);
}

static void list(void) {
  for (int number = 0; number < count; number++) {
    const char *const parts[] = {attacks[number]->id, " ", attacks[number]->argument, "\n"};
    for (int part = 0; part < 4; part++) sys(SYS_write, 1, P(parts[part]), (long)length(parts[part]));
  }
}

static int is_in(const struct attack *table, const struct attack *which) {
  for (; table->id != NULL; table++) {
    if (table == which) return 1;
  }
  return 0;
}

/* Whether the next attack would not be tried by the same process as this one was: what failed has changed nothing, but for limits. */
static int has_changed_process(int number) {
  const struct attack *which = attacks[number];
  if (same(which->id, "lock-memory") || same(which->id, "raise-limit")) return 1;
  if (is_in(files, which) || is_in(secrets, which) || is_in(sockets, which) || is_in(network, which) || is_in(devices, which)) return 0;
  return is_state(number, "open");
}

/* 't': a child is being tried, 'y': there are children, 'n': there are none, and each start goes on until the process is changed or dead. */
static void attack(void) {
  char *children = room[0];
  if (*children == 't') *children = 'n';
  for (int number = 0; number < count; number++) {
    if (is_state(number, "started")) put_line(number, "closed", "killed");
    if (room[number + 1][0] == '{') continue;
    if (*children != 'n') {
      if (*children != 'y') *children = 't';
      if (try_in_child(number) < 0) {
        *children = 'n';
        room[number + 1][0] = '\0';
      } else {
        *children = 'y';
        continue;
      }
    }
    is_alone = 1;
    try(number);
    if (has_changed_process(number)) return;
  }
}

/* A dropped copy runs: it says so itself, for nobody else may be there to see it. */
static void be_what_was_dropped(void) {
  const char *number = from_environment("PROBE_DROPPED");
  if (*number == '\0') return;
  const char *base = own_path;
  for (const char *each = own_path; *each != '\0'; each++) {
    if (*each == '/') base = each + 1;
  }
  /* Its owner is another: only if that took effect is the attack open. */
  if (same(base, "decoy-set-uid")) {
    if (sys(SYS_geteuid) != DECOY_UID) sys(SYS_exit_group, 128 + EPERM);
  }
  int dropped = (int)number_of(number);
  open_room();
  if (dropped < count) put_line(dropped, "open", "");
  sys(SYS_exit_group, 42);
}

void probe(long *stack) {
  long argc = stack[0];
  environment = (char **)(stack + 1 + argc + 1);
  char **end = environment;
  while (*end != NULL) end++;
  for (long *auxiliary = (long *)(end + 1); auxiliary[0] != 0; auxiliary += 2) {
    if (auxiliary[0] == 31 /* AT_EXECFN */) own_path = (const char *)auxiliary[1];
  }
  gather();
  be_what_was_dropped();
  const char *mode = from_environment("PROBE_MODE");
  if (same(mode, "list")) list();
  else if (same(mode, "decoys")) be_decoys();
  else {
    open_room();
    attack();
    if (same(mode, "self-test")) self_test_output();
  }
  sys(SYS_exit_group, 0);
  for (;;) {
  }
}
