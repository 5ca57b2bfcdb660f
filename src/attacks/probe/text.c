/* Texts and numbers. */
#include "probe.h"

size_t length(const char *text) {
  size_t size = 0;
  while (text[size] != '\0') size++;
  return size;
}

int same(const char *a, const char *b) {
  while (*a != '\0' && *a == *b) a++, b++;
  return *a == *b;
}

int begins(const char *text, const char *start) {
  while (*start != '\0' && *text == *start) text++, start++;
  return *start == '\0';
}

char *append(char *end, const char *text) {
  while (*text != '\0') *end++ = *text++;
  *end = '\0';
  return end;
}

char *append_number(char *end, unsigned long number) {
  if (number >= 10) end = append_number(end, number / 10);
  *end++ = (char)('0' + number % 10);
  *end = '\0';
  return end;
}

unsigned long number_of(const char *text) {
  unsigned long number = 0;
  for (; *text >= '0' && *text <= '9'; text++) number = number * 10 + (unsigned long)(*text - '0');
  return number;
}

const char *from_environment(const char *name) {
  for (char **each = environment; *each != NULL; each++) {
    if (begins(*each, name) && (*each)[length(name)] == '=') return *each + length(name) + 1;
  }
  return "";
}

void *memset(void *target, int byte, size_t size) {
  volatile char *to = target;
  while (size-- > 0) *to++ = (char)byte;
  return target;
}

void *memcpy(void *target, const void *source, size_t size) {
  volatile char *to = target;
  const char *from = source;
  while (size-- > 0) *to++ = *from++;
  return target;
}

long unless_refused(long result) {
  return result == -EPERM || result == -EACCES || result == -ENOSYS ? result : OPEN;
}

#define NAME(error) [error] = #error
static const char *const names[] = {
    NAME(EPERM),        NAME(ENOENT),      NAME(ESRCH),        NAME(EINTR),       NAME(EIO),          NAME(ENXIO),
    NAME(E2BIG),        NAME(ENOEXEC),     NAME(EBADF),        NAME(ECHILD),      NAME(EAGAIN),       NAME(ENOMEM),
    NAME(EACCES),       NAME(EFAULT),      NAME(ENOTBLK),      NAME(EBUSY),       NAME(EEXIST),       NAME(EXDEV),
    NAME(ENODEV),       NAME(ENOTDIR),     NAME(EISDIR),       NAME(EINVAL),      NAME(ENFILE),       NAME(EMFILE),
    NAME(ENOTTY),       NAME(ETXTBSY),     NAME(EFBIG),        NAME(ENOSPC),      NAME(ESPIPE),       NAME(EROFS),
    NAME(EMLINK),       NAME(EPIPE),       NAME(EDOM),         NAME(ERANGE),      NAME(EDEADLK),      NAME(ENAMETOOLONG),
    NAME(ENOLCK),       NAME(ENOSYS),      NAME(ENOTEMPTY),    NAME(ELOOP),       NAME(ENODATA),      NAME(EPROTO),
    NAME(EOVERFLOW),    NAME(ENOTSOCK),    NAME(EPROTOTYPE),   NAME(ENOPROTOOPT), NAME(EPROTONOSUPPORT), NAME(ESOCKTNOSUPPORT),
    NAME(EOPNOTSUPP),   NAME(EPFNOSUPPORT), NAME(EAFNOSUPPORT), NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(ENETDOWN),
    NAME(ENETUNREACH),  NAME(ECONNABORTED), NAME(ECONNRESET),  NAME(ENOBUFS),     NAME(ENOTCONN),     NAME(ETIMEDOUT),
    NAME(ECONNREFUSED), NAME(EHOSTUNREACH), NAME(EINPROGRESS), NAME(ESTALE),      NAME(EDQUOT),       NAME(ENOKEY),
};

const char *error_name(long error) {
  const unsigned long known = sizeof names / sizeof names[0];
  if (error < 0 && (unsigned long)-error < known && names[-error] != NULL) return names[-error];
  return "other";
}
