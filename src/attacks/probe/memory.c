/* To run machine code of one's own in the daemon's process. */
#include "probe.h"
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>

#if defined(__x86_64__)
static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
#elif defined(__aarch64__)
static const unsigned char code[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#else
static const unsigned char code[] = {0x13, 0x05, 0xa0, 0x02, 0x67, 0x80, 0x00, 0x00};
#endif

static int is_error(long where) { return where < 0 && where > -4096; }

/* The code is run: a page that cannot be executed kills the process, which is a result too. */
static long run_at(long where) {
  __builtin___clear_cache((char *)where, (char *)where + sizeof code);
  int (*function)(void) = (int (*)(void))where;
  return function() == 42 ? succeeded() : -EPROTO;
}

static long write_and_run(const char *argument) {
  (void)argument;
  long where = sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(where)) return where;
  memcpy((void *)where, code, sizeof code);
  return run_at(where);
}

static long make_executable(const char *argument) {
  (void)argument;
  long where = sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(where)) return where;
  memcpy((void *)where, code, sizeof code);
  long result = sys(SYS_mprotect, where, 4096, PROT_READ | PROT_EXEC);
  return result < 0 ? result : run_at(where);
}

static long run_mapped(int fd) {
  long size = sys(SYS_write, fd, P(code), sizeof code);
  if (size < 0) return size;
  long where = sys(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  return is_error(where) ? where : run_at(where);
}

static long map_memory_file(const char *argument) {
  (void)argument;
  int fd = (int)sys(SYS_memfd_create, P("probe"), MFD_CLOEXEC);
  if (fd < 0) return fd;
  long result = run_mapped(fd);
  close_fd(fd);
  return result;
}

/* As a library that was dropped would be loaded. */
static long map_at(const char *path) {
  int fd = open_at(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return fd;
  long result = run_mapped(fd);
  close_fd(fd);
  remove_file(path);
  return result;
}

static long map_dropped(const char *argument) {
  (void)argument;
  return in_any_place(map_at);
}

static long shared_segment(const char *argument) {
  (void)argument;
  long segment = sys(SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  if (segment < 0) return segment;
  long where = sys(SYS_shmat, segment, 0, SHM_EXEC);
  sys(SYS_shmctl, segment, IPC_RMID, 0);
  if (is_error(where)) return where;
  memcpy((void *)where, code, sizeof code);
  return run_at(where);
}

static long read_implies_exec(const char *argument) {
  (void)argument;
  long result = sys(SYS_personality, READ_IMPLIES_EXEC);
  if (result < 0) return result;
  long where = sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (is_error(where)) return where;
  memcpy((void *)where, code, sizeof code);
  return run_at(where);
}

static __attribute__((noinline, aligned(64))) int to_be_patched(void) {
  __asm__ volatile("nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n");
  return 1;
}

/* Through /proc the kernel writes where the page itself says no. */
static long patch_own_code(const char *path) {
  int fd = open_at(path, O_RDWR, 0);
  if (fd < 0) return fd;
  long size = sys(SYS_pwrite64, fd, P(code), sizeof code, P(to_be_patched));
  if (size == -EPERM || size == -ENOSYS) {
    sys(SYS_lseek, fd, P(to_be_patched), 0);
    size = sys(SYS_write, fd, P(code), sizeof code);
  }
  close_fd(fd);
  if (size < 0) return size;
  return run_at(P(to_be_patched));
}

static long low_page(const char *argument) {
  (void)argument;
  long where = sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  return is_error(where) ? where : OPEN;
}

#if defined(__x86_64__)
/* getpid of the 32-bit kernel interface: filters that look at one interface only do not see the other. */
static long foreign_interface(const char *argument) {
  (void)argument;
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
  return result > 0 ? OPEN : result == 0 ? -EPROTO : result;
}

static long x32_interface(const char *argument) {
  (void)argument;
  long result = sys(0x40000000 + SYS_getpid);
  return result > 0 ? OPEN : result;
}
#else
static long foreign_interface(const char *argument) {
  (void)argument;
  return NOT_ON_THIS_PROCESSOR;
}
#define x32_interface foreign_interface
#endif

static long change_personality(const char *argument) {
  (void)argument;
  long result = sys(SYS_personality, ADDR_NO_RANDOMIZE);
  return result < 0 ? result : OPEN;
}

const struct attack memory[] = {
    {"write-and-run-memory", write_and_run, ""},
    {"make-memory-executable", make_executable, ""},
    {"map-memory-file", map_memory_file, ""},
    {"map-dropped-file", map_dropped, ""},
    {"executable-segment", shared_segment, ""},
    {"read-implies-exec", read_implies_exec, ""},
    {"patch-own-code", patch_own_code, "/proc/self/mem"},
    {"map-page-zero", low_page, ""},
    {"foreign-interface", foreign_interface, ""},
    {"x32-interface", x32_interface, ""},
    {"change-personality", change_personality, ""},
    {NULL, NULL, NULL},
};
