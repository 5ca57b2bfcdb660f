/* Copies of this program, and other programs, run by an attack. */
#include "probe.h"
#include <elf.h>
#include <signal.h>
#include <sys/wait.h>

extern const Elf64_Ehdr __ehdr_start;

/* Out of memory: the program's own file may be hidden or closed to it. */
long write_self(int fd) {
  const char *image = (const char *)&__ehdr_start;
  const Elf64_Phdr *part = (const Elf64_Phdr *)(image + __ehdr_start.e_phoff);
  for (int at = 0; at < __ehdr_start.e_phnum; at++, part++) {
    if (part->p_type != PT_LOAD) continue;
    for (size_t done = 0; done < part->p_filesz;) {
      long size = sys(SYS_pwrite64, fd, P(part->p_vaddr + done), (long)(part->p_filesz - done), (long)(part->p_offset + done));
      if (size == -EPERM || size == -ENOSYS) {
        sys(SYS_lseek, fd, (long)(part->p_offset + done), 0);
        size = sys(SYS_write, fd, P(part->p_vaddr + done), (long)(part->p_filesz - done));
      }
      if (size <= 0) return size == 0 ? -EIO : size;
      done += (size_t)size;
    }
  }
  return OPEN;
}

static char told[40];
static char *const told_only[] = {told, NULL};

/* The copy finds the lines of the results as its standard input, and marks its own. */
static char *const *tell(int number) {
  append_number(append(told, "PROBE_DROPPED="), (unsigned long)number);
  return told_only;
}

long drop_and_run(const char *path) {
  int fd = open_at(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  if (fd < 0) return fd;
  long result = write_self(fd);
  close_fd(fd);
  if (result == OPEN) {
    const char *const words[] = {path, NULL};
    result = run_program(path, words);
  }
  remove_file(path);
  return result;
}

static long replace_self(const char *path, const char *const *words) {
  char *const *environment_of_it = tell(current);
  if (path[0] == '#') return sys(SYS_execveat, (long)number_of(path + 1), P(""), P(words), P(environment_of_it), AT_EMPTY_PATH);
  return sys(SYS_execve, P(path), P(words), P(environment_of_it));
}

long run_program(const char *path, const char *const *words) {
  /* Shared with the child by nothing but its status: errno of the call, or 42 from the program. */
  long child = is_alone ? -EAGAIN : sys(SYS_clone, SIGCHLD);
  if (child < 0) {
    /* Without children the program takes our place: that it was let in is the last thing that can be said. */
    put_verdict(current, "open", 0);
    long result = replace_self(path, words);
    put_verdict(current, "started", 0);
    return result;
  }
  if (child == 0) {
    long result = replace_self(path, words);
    sys(SYS_exit_group, result < 0 && -result < 128 && result != -42 ? -result + 128 : 127);
  }
  int status = 0;
  sys(SYS_wait4, child, P(&status), __WALL, 0);
  if (WIFSIGNALED(status)) return -EPROTO;
  int code = WEXITSTATUS(status);
  if (code == 42) return OPEN;
  /* 127: the program began, and its libraries were refused. */
  return code > 128 ? -(code - 128) : NOTHING_THERE;
}
