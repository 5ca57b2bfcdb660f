/* What the parts of the probe share. There is no C library below it: a sandbox may refuse any call that one makes at its start. */
#ifndef PROBE_H
#define PROBE_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/* A system call: at most six numbers, pointers as P(pointer). Returns what the kernel returns: an error is -errno. */
#define sys(number, ...) system_call((number), (const long[6]){__VA_ARGS__})
#define P(pointer) ((long)(pointer))
long system_call(long number, const long *words);

/* What an attack returns: OPEN, or -errno for what closed it. */
#define OPEN 0L
/* Nothing refused it, but it did not do what it is for: an empty file where a secret should be, an answer that does not come. */
#define NOTHING_THERE (-ENODATA)
#define NOT_ON_THIS_PROCESSOR (-ENOSYS)
/* The errors that stand for a refusal; any other one says that the kernel has looked at the arguments. */
long unless_refused(long result);

struct attack {
  const char *id;
  long (*run)(const char *argument);
  const char *argument;
};

/* The attacks of each file, ended by one without an id. */
extern const struct attack files[], secrets[], execution[], memory[], sockets[], namespaces[], kernel[], processes[], network[],
    capabilities[], devices[], interprocess[];

/* The room: results.c */
extern char **environment;
extern const char *own_path;
/* The number of the attack that is being tried. */
extern int current;
/* Whether the attacks run in the first process itself, because it can have no child. */
extern int is_alone;
/* For an attack that goes on in another program: puts the verdict down before the program is replaced. */
void put_verdict(int number, const char *outcome, long error);
/* Says so before anything is cleaned up: the sandbox may kill for that. */
long succeeded(void);

/* text.c */
size_t length(const char *text);
int same(const char *a, const char *b);
int begins(const char *text, const char *start);
char *append(char *end, const char *text);
char *append_number(char *end, unsigned long number);
unsigned long number_of(const char *text);
const char *from_environment(const char *name);
const char *error_name(long error);
void *memset(void *target, int byte, size_t size);
void *memcpy(void *target, const void *source, size_t size);

/* places.c */
int open_at(const char *path, int flags, int mode);
void close_fd(int fd);
void remove_file(const char *path);
/* A name in a directory that no other attack takes: not every sandbox lets us remove what we made. */
void new_name(char *path, const char *directory);
/* Calls `try` with the name of a new file in each place where daemons write, until it returns OPEN; else its last error. */
long in_any_place(long (*try)(const char *path));
/* A file without a name, of this process alone. */
int nameless_file(void);

/* program.c */
long write_self(int fd);
/* Puts a copy of this program at `path`, runs it, and removes it. */
long drop_and_run(const char *path);
/* Runs another program in a child. OPEN if it ends with status 42. */
long run_program(const char *path, const char *const *words);
/* What a program that an attack started does first; returns unless it was started so. */

/* decoys.c: what is put into the machine so that there is something to attack. */
#define DECOY_UID 64111
#define DECOY_PORT 31987
#define DECOY_ADDRESS 0xc6336401u /* 198.51.100.1, of a network for documentation: RFC 5737 */
#define DECOY_KEY 0x0dec0dec
#define DECOY_GREETING "decoy\n"
extern volatile long decoy_box;
void be_decoys(void);
long decoy_process(const char *owner);

long milliseconds(void);
void rest(long milliseconds);

#endif
