/* Shared memory, queues and sockets without a path that other services use. */
#include "probe.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static long foreign_segment(const char *argument) {
  (void)argument;
  long segment = sys(SYS_shmget, DECOY_KEY, 0, 0);
  if (segment < 0) return segment;
  long where = sys(SYS_shmat, segment, 0, 0);
  if (where < 0 && where > -4096) return where;
  sys(SYS_shmdt, where);
  return OPEN;
}

static long foreign_message_queue(const char *argument) {
  (void)argument;
  long queue = sys(SYS_msgget, DECOY_KEY, 0);
  if (queue < 0) return queue;
  struct {
    long type;
    char text[4];
  } message = {1, "ok"};
  long result = sys(SYS_msgsnd, queue, P(&message), 2, IPC_NOWAIT);
  if (result == OPEN) sys(SYS_msgrcv, queue, P(&message), 2, 1, IPC_NOWAIT);
  return result;
}

static long foreign_semaphores(const char *argument) {
  (void)argument;
  long set = sys(SYS_semget, DECOY_KEY, 0, 0);
  return set < 0 ? set : OPEN;
}

static long foreign_posix_queue(const char *argument) {
  (void)argument;
  long queue = sys(SYS_mq_open, P("decoy"), O_RDWR | O_NONBLOCK, 0, 0);
  if (queue < 0) return queue;
  close_fd((int)queue);
  return OPEN;
}

const struct attack interprocess[] = {
    {"foreign-shared-segment", foreign_segment, ""},
    {"foreign-message-queue", foreign_message_queue, ""},
    {"foreign-semaphores", foreign_semaphores, ""},
    {"foreign-posix-queue", foreign_posix_queue, ""},
    {NULL, NULL, NULL},
};
