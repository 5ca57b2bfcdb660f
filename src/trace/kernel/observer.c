/*
 * Loads observer.bpf.c and hands on what it tells, a line of JSON each, until its standard input ends:
 *
 *   {"watches":[{"call":"openat","at":0,…]}  what it tells of, and where in its arguments that stands; once it is at work
 *   {"call":"openat","key":"…",…}           a call in words that are new
 *   {"key":"…","times":3}                   how often a call was made in these words; at the end, like all that follows
 *   {"called":"read","times":10}            how often it returned at all
 *   {"lost":0,"cut":0}                      what was not told
 *
 * Text of traced programs is written as hexadecimal digits. Needs root, and a kernel that describes its types (BTF). Everything in the
 * kernel goes when this process goes, however it ends.
 */
#include <asm/unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>
#include "names.h"
#include "record.h"

extern const char program[], program_end[];
__asm__(".section .rodata\n.balign 8\nprogram: .incbin \"" PROGRAM "\"\nprogram_end: .byte 0\n.previous");

#define PATH(at_, name_, flags_, mode_) { .kind = NAME, .at = at_, .name = name_, .flags = flags_, .mode = mode_ }
#define OPEN(at_, name_, flags_, mode_) { .kind = NAME, .at = at_, .name = name_, .flags = flags_, .mode = mode_, .opens = 1 }
#define NONE (-1)

/* The calls that are told of: https://man7.org/linux/man-pages/man2/syscalls.2.html */
static const struct {
	int number;
	struct shape shape;
} calls[] = {
#ifdef __NR_open
	{ __NR_open, OPEN(NONE, 0, 1, 2) },
	{ __NR_creat, OPEN(NONE, 0, NONE, 1) },
	{ __NR_stat, PATH(NONE, 0, NONE, NONE) },
	{ __NR_lstat, PATH(NONE, 0, NONE, NONE) },
	{ __NR_access, PATH(NONE, 0, NONE, 1) },
	{ __NR_readlink, PATH(NONE, 0, NONE, NONE) },
#endif
	{ __NR_openat, OPEN(0, 1, 2, 3) },
	{ __NR_newfstatat, PATH(0, 1, 3, NONE) },
	{ __NR_statx, PATH(0, 1, 2, NONE) },
	{ __NR_statfs, PATH(NONE, 0, NONE, NONE) },
	{ __NR_faccessat, PATH(0, 1, NONE, 2) },
	{ __NR_faccessat2, PATH(0, 1, 3, 2) },
	{ __NR_readlinkat, PATH(0, 1, NONE, NONE) },
	{ __NR_getdents64, { .kind = DESCRIPTOR, .at = 0, .name = NONE, .flags = NONE, .mode = NONE } },
	{ __NR_mmap, { .kind = CODE, .at = 4, .name = NONE, .flags = 2, .mode = 3 } },
	{ __NR_mprotect, { .kind = CODE, .at = NONE, .name = NONE, .flags = 2, .mode = NONE } },
	{ __NR_connect, { .kind = ADDRESS, .at = 2, .name = 1, .flags = NONE, .mode = NONE } },
	{ __NR_sendto, { .kind = ADDRESS, .at = 5, .name = 4, .flags = NONE, .mode = NONE, .portless = 1, .sends = 1 } },
	{ __NR_accept, { .kind = ADDRESS, .at = 2, .name = 1, .flags = NONE, .mode = NONE, .answers = 1, .portless = 1 } },
	{ __NR_accept4, { .kind = ADDRESS, .at = 2, .name = 1, .flags = NONE, .mode = NONE, .answers = 1, .portless = 1 } },
	{ __NR_setsockopt, { .kind = OPTION, .at = 4, .name = 3, .flags = 1, .mode = 2 } },
	{ __NR_sendmsg, { .kind = MESSAGE, .at = NONE, .name = 1, .flags = NONE, .mode = NONE, .portless = 1, .sends = 1 } },
};
#define CALLS (sizeof(calls) / sizeof(*calls))

static const char *name_of(unsigned int number)
{
	static char unknown[32];

	if (number < sizeof(names) / sizeof(*names) && names[number])
		return names[number];
	/* As strace calls it. */
	snprintf(unknown, sizeof(unknown), "syscall_0x%x", number);
	return unknown;
}

static void fail(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(1);
}

static void print_hex(const char *label, const char *bytes, unsigned int length)
{
	static const char digits[] = "0123456789abcdef";

	printf(",\"%s\":\"", label);
	for (unsigned int i = 0; i < length; i++) {
		putchar(digits[(unsigned char)bytes[i] >> 4]);
		putchar(digits[bytes[i] & 15]);
	}
	putchar('"');
}

/* A path, from the root down: the record has its names from the last one up. */
static void print_way(const char *label, const char *text, unsigned int length)
{
	char path[TEXT + 1];
	unsigned int at = sizeof(path), begin = 0;

	for (unsigned int i = 0; i < length; i++) {
		if (text[i])
			continue;
		unsigned int size = i - begin;
		if (size + 1 > at)
			break;
		at -= size;
		memcpy(path + at, text + begin, size);
		path[--at] = '/';
		begin = i + 1;
	}
	if (at == sizeof(path))
		path[--at] = '/';
	print_hex(label, path + at, sizeof(path) - at);
}

static int print_record(void *context, void *data, size_t size)
{
	const struct record *record = data;
	const char *text = (const char *)(record + 1);

	(void)context;
	if (size < sizeof(*record) || record->length > size - sizeof(*record))
		return 0;
	__u64 known = (__u64)record->name_length + record->directory_length + record->root_length;
	if (known > record->length)
		return 0;
	printf("{\"call\":\"%s\",\"key\":\"%llx\",\"process\":%u,\"result\":%d,\"flags\":%u,\"mode\":%u,\"user\":%u,\"capabilities\":\"%llx\"",
	       name_of(record->call), record->key, record->process, record->result, record->flags, record->mode,
	       record->user, record->capabilities);
	if (record->in_user_namespace)
		printf(",\"namespaced\":true");
	if (record->is_unreadable)
		printf(",\"unreadable\":true");
	if (record->is_elsewhere)
		printf(",\"elsewhere\":true");
	if (record->is_address)
		print_hex("address", text, record->name_length);
	else if (record->is_value)
		print_hex("value", text, record->name_length);
	else if (record->name_length > 0)
		print_hex("name", text, record->name_length - 1);
	text += record->name_length;
	if (record->length > 0)
		print_way("directory", text, record->directory_length);
	text += record->directory_length;
	if (record->root_length > 0)
		print_way("root", text, record->root_length);
	if (known < record->length)
		print_way("opened", text + record->root_length, record->length - known);
	printf("}\n");
	return 0;
}

/* The sum of what each processor counted. */
static __u64 sum_of(int map, __u32 key, int processors)
{
	__u64 values[processors], sum = 0;

	if (bpf_map_lookup_elem(map, &key, values))
		return 0;
	for (int i = 0; i < processors; i++)
		sum += values[i];
	return sum;
}

static void print_counts(struct bpf_object *object)
{
	int processors = libbpf_num_possible_cpus();
	int seen = bpf_object__find_map_fd_by_name(object, "seen");
	int counts = bpf_object__find_map_fd_by_name(object, "counts");
	int missed = bpf_object__find_map_fd_by_name(object, "missed");
	__u64 key, times, *before = NULL;

	for (__u64 last; !bpf_map_get_next_key(seen, before, &key); last = key, before = &last)
		if (!bpf_map_lookup_elem(seen, &key, &times))
			printf("{\"key\":\"%llx\",\"times\":%llu}\n", key, times);
	for (__u32 call = 0; call < MOST_CALLS; call++)
		if ((times = sum_of(counts, call, processors)) > 0)
			printf("{\"called\":\"%s\",\"times\":%llu}\n", name_of(call), times);
	printf("{\"lost\":%llu,\"cut\":%llu}\n", sum_of(missed, LOST, processors), sum_of(missed, CUT, processors));
}

static void print_watches(void)
{
	printf("{\"watches\":[");
	for (unsigned int i = 0; i < CALLS; i++) {
		const struct shape *shape = &calls[i].shape;
		/* Of these that position is a length. */
		int at = shape->kind == ADDRESS || shape->kind == OPTION ? NONE : shape->at;
		printf("%s{\"call\":\"%s\",\"at\":%d,\"name\":%d,\"flags\":%d,\"mode\":%d,\"message\":%s,\"sends\":%s}", i ? "," : "",
		       name_of(calls[i].number), at, shape->name, shape->flags, shape->mode,
		       shape->kind == MESSAGE ? "true" : "false", shape->sends ? "true" : "false");
	}
	printf("]}\n");
	fflush(stdout);
}

static int keep_quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	/* Why a program can't be loaded is said by its last line, on standard error. */
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

/* The variables that the program finds set: what is told, and a number that nobody can guess. */
static void set_up(struct bpf_object *object)
{
	struct {
		struct shape shapes[MOST_CALLS];
		__u64 seed;
	} values = {};
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");

	for (unsigned int i = 0; i < CALLS; i++)
		values.shapes[calls[i].number] = calls[i].shape;
	if (getrandom(&values.seed, sizeof(values.seed), 0) != sizeof(values.seed))
		fail("getrandom", errno);
	int error = bpf_map__set_initial_value(map, &values, sizeof(values));
	if (error)
		fail("set_initial_value", error);
}

static void attach(struct bpf_object *object, const char *name)
{
	struct bpf_program *found = bpf_object__find_program_by_name(object, name);

	if (!found || !bpf_program__attach(found))
		fail("attach", errno);
}

static void learn_owner(struct bpf_object *object)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	struct bpf_program *learn = bpf_object__find_program_by_name(object, "learn");
	int error = bpf_prog_test_run_opts(bpf_program__fd(learn), &options);

	if (error)
		fail("test_run", error);
}

int main(void)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "observer");

	/* Nobody would hear. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	libbpf_set_print(keep_quiet);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	struct bpf_object *object = bpf_object__open_mem(program, program_end - program, &options);
	if (!object)
		fail("open", errno);
	set_up(object);
	int error = bpf_object__load(object);
	if (error)
		fail("load", error);
	learn_owner(object);
	attach(object, "at_exit");
	struct ring_buffer *ring =
		ring_buffer__new(bpf_object__find_map_fd_by_name(object, "records"), print_record, NULL, NULL);
	if (!ring)
		fail("ring_buffer", errno);

	print_watches();

	struct pollfd waits[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = ring_buffer__epoll_fd(ring), .events = POLLIN } };
	for (;;) {
		if (poll(waits, 2, -1) < 0 && errno != EINTR)
			fail("poll", errno);
		ring_buffer__consume(ring);
		fflush(stdout);
		char byte;
		if (waits[0].revents && read(STDIN_FILENO, &byte, 1) <= 0)
			break;
	}
	ring_buffer__consume(ring);
	print_counts(object);
	return fflush(stdout) ? 1 : 0;
}
