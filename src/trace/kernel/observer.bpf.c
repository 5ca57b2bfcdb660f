/*
 * Tells which calls the traced processes make, and with what paths and addresses, without stopping them: each different call once,
 * then it is only counted. https://docs.kernel.org/bpf/
 *
 * Runs when a system call returns, for every process of the machine; all but the traced ones are let go at once.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "record.h"

#define CORE __attribute__((preserve_access_index))

/* Of the kernel's structures only what is read here; where it lies is found out when the program is loaded (CO-RE). */
struct user_namespace {
	int level;
} CORE;
struct cred {
	struct {
		__u32 val;
	} fsuid;
	struct {
		__u64 val;
	} cap_effective;
	struct user_namespace *user_ns;
} CORE;
struct qstr {
	__u32 len;
	const unsigned char *name;
} CORE;
struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
} CORE;
struct vfsmount {
	struct dentry *mnt_root;
} CORE;
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} CORE;
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} CORE;
struct fs_struct {
	struct path root;
	struct path pwd;
} CORE;
struct file {
	struct path f_path;
} CORE;
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} CORE;
struct files_struct {
	struct fdtable *fdt;
} CORE;
struct upid {
	int nr;
} CORE;
struct pid {
	unsigned int level;
	struct upid numbers[1];
} CORE;
struct thread_info {
	unsigned long flags;
	__u32 status;
} CORE;
struct task_struct {
	struct thread_info thread_info;
	unsigned int ptrace;
	int tgid;
	struct task_struct *parent;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct fs_struct *fs;
	struct files_struct *files;
	const struct cred *cred;
} CORE;
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r10, r9, r8, dx, si, di, orig_ax;
} CORE;
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	int syscallno;
} CORE;
#endif
struct user_msghdr {
	void *msg_name;
	int msg_namelen;
} CORE;

/* Filled in before the program is loaded. */
volatile const struct shape shapes[MOST_CALLS];
volatile const __u64 seed;
/* The process whose children trace: see learn(). */
__u32 owner;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} records SEC(".maps");

/* How often each different call was made. The least used are forgotten where there are too many: then they are told again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1 << 16);
	__type(key, __u64);
	__type(value, __u64);
} seen SEC(".maps");

/* How often each call was made at all. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MOST_CALLS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MOST_MISSED);
	__type(key, __u32);
	__type(value, __u64);
} missed SEC(".maps");

/* A record is put together here: it is too large for the stack. */
struct scratch {
	struct record record;
	union {
		char text[TEXT + LONGEST_NAME];
		__u64 words[(TEXT + LONGEST_NAME) / 8];
	};
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static void miss(__u32 what)
{
	__u64 *count = bpf_map_lookup_elem(&missed, &what);
	if (count)
		++*count;
}

/* A tracee whose tracer was started by the process that started the loader too. */
static int is_traced(struct task_struct *task)
{
	return BPF_CORE_READ(task, ptrace) && BPF_CORE_READ(task, parent, real_parent, tgid) == owner;
}

static __u64 argument(struct pt_regs *regs, int at)
{
#if defined(__TARGET_ARCH_x86)
	switch (at) {
	case 0:
		return BPF_CORE_READ(regs, di);
	case 1:
		return BPF_CORE_READ(regs, si);
	case 2:
		return BPF_CORE_READ(regs, dx);
	case 3:
		return BPF_CORE_READ(regs, r10);
	case 4:
		return BPF_CORE_READ(regs, r8);
	case 5:
		return BPF_CORE_READ(regs, r9);
	}
#elif defined(__TARGET_ARCH_arm64)
	if (at == 0)
		return BPF_CORE_READ(regs, orig_x0);
	if (at > 0 && at < 6)
		return BPF_CORE_READ(regs, regs[at]);
#endif
	return 0;
}

static __u32 number(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(regs, orig_ax);
#elif defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(regs, syscallno);
#endif
}

/* A call of 32-bit code, whose numbers mean other calls: TS_COMPAT in arch/x86/include/asm/thread_info.h, TIF_32BIT of arm64. */
static int is_foreign(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(task, thread_info.status) & 2;
#elif defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(task, thread_info.flags) & (1 << 22);
#endif
}

/* A place, and the names that were written down on the way up from where it began. */
struct way {
	struct scratch *scratch;
	struct dentry *dentry;
	struct vfsmount *mnt;
	__u32 length;
	int is_whole;
};

/* One name up; where a mount begins, the way goes on at the place on which it is mounted. */
static long step_up(__u32 step, struct way *way)
{
	struct dentry *dentry = way->dentry;
	struct vfsmount *mnt = way->mnt;

	if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
		struct mount *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
		struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
		if (parent == mount) {
			way->is_whole = 1;
			return 1;
		}
		way->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		way->mnt = (void *)parent + bpf_core_field_offset(struct mount, mnt);
		return 0;
	}
	if (way->length > TEXT - 256)
		return 1;
	long size = bpf_probe_read_kernel_str(&way->scratch->text[way->length], 256, BPF_CORE_READ(dentry, d_name.name));
	if (size < 0)
		return 1;
	way->length += size;
	way->dentry = BPF_CORE_READ(dentry, d_parent);
	return 0;
}

/* Adds the names on the way from a place up to the root of its mount namespace: `log`, `var` for /var/log. */
static __u32 add_way_up(struct scratch *scratch, __u32 length, struct path *place)
{
	struct way way = {
		.scratch = scratch,
		.dentry = BPF_CORE_READ(place, dentry),
		.mnt = BPF_CORE_READ(place, mnt),
		.length = length,
	};

	/* No path has more names: PATH_MAX is 4096. */
	bpf_loop(2048, step_up, &way, 0);
	if (!way.is_whole)
		miss(CUT);
	return way.length;
}

static struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = 0;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
}

static __u32 add_way_up_from_file(struct scratch *scratch, __u32 length, struct task_struct *task, __u32 fd)
{
	struct file *file = file_of(task, fd);

	return file ? add_way_up(scratch, length, &file->f_path) : length;
}

#define AT_FDCWD (-100)
#define AT_EMPTY_PATH 0x1000

/* The path as it was given; then the way from where it begins: the task's root, its working directory, or an open directory. */
static long add_name(struct scratch *scratch, struct task_struct *task, struct pt_regs *regs, const volatile struct shape *shape)
{
	const char *name = (const char *)argument(regs, shape->name);
	long length = bpf_probe_read_user_str(scratch->text, LONGEST_NAME, name);

	if (length <= 0) {
		/* The kernel said EFAULT too: then there is nothing to tell. */
		if (scratch->record.result)
			return -1;
		scratch->record.is_unreadable = 1;
		return 0;
	}
	/* To look at what is open already asks nothing of anybody. */
	if (length == 1)
		return -1;
	if (length == LONGEST_NAME)
		miss(CUT);
	scratch->record.name_length = length;
	if (scratch->text[0] == '/')
		return add_way_up(scratch, length, &task->fs->root);
	int at = shape->at < 0 ? AT_FDCWD : (int)argument(regs, shape->at);
	if (at == AT_FDCWD)
		return add_way_up(scratch, length, &task->fs->pwd);
	return add_way_up_from_file(scratch, length, task, at);
}

static long add_address(struct scratch *scratch, const void *address, long size, const volatile struct shape *shape)
{
	if (!address || size <= 0)
		return -1;
	if (size > LONGEST_ADDRESS)
		size = LONGEST_ADDRESS;
	if (bpf_probe_read_user(scratch->text, size, address))
		return -1;
	scratch->record.is_address = 1;
	scratch->record.name_length = size;
	__u16 family = *(__u16 *)scratch->text;
	/* AF_INET, AF_INET6: the port comes first. */
	if (shape->portless && (family == 2 || family == 10))
		scratch->text[2] = scratch->text[3] = 0;
	return size;
}

#define PROT_EXEC 4
#define MAP_ANONYMOUS 0x20

static long add_text(struct scratch *scratch, struct task_struct *task, struct pt_regs *regs, const volatile struct shape *shape)
{
	struct user_msghdr message = {};
	int size = 0;

	switch (shape->kind) {
	case NAME:
		return add_name(scratch, task, regs, shape);
	case DESCRIPTOR:
		return add_way_up_from_file(scratch, 0, task, argument(regs, shape->at));
	case CODE:
		if (!(scratch->record.flags & PROT_EXEC))
			return -1;
		if (shape->at < 0 || scratch->record.mode & MAP_ANONYMOUS)
			return 0;
		return add_way_up_from_file(scratch, 0, task, argument(regs, shape->at));
	case ADDRESS:
		size = argument(regs, shape->at);
		if (shape->answers && bpf_probe_read_user(&size, sizeof(size), (void *)argument(regs, shape->at)))
			return -1;
		return add_address(scratch, (void *)argument(regs, shape->name), size, shape);
	case MESSAGE:
		if (bpf_probe_read_user(&message, sizeof(message), (void *)argument(regs, shape->name)))
			return -1;
		return add_address(scratch, message.msg_name, message.msg_namelen, shape);
	}
	return -1;
}

static __u64 mixed(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

struct sum {
	struct scratch *scratch;
	__u64 hash;
};

static long mix_word(__u32 at, struct sum *sum)
{
	if (at >= TEXT / 8)
		return 1;
	sum->hash = mixed(sum->hash, sum->scratch->words[at]);
	return 0;
}

/* The same for the same call in the same words, by somebody with the same rights. Whose process it is counts for names in /proc alone. */
static __u64 key_of(struct scratch *scratch, __u32 length)
{
	struct record *record = &scratch->record;
	struct sum sum = { .scratch = scratch, .hash = mixed(seed, (__u64)record->call << 32 | (__u32)record->result) };

	sum.hash = mixed(sum.hash, record->capabilities);
	sum.hash = mixed(sum.hash, (__u64)record->user << 32 | record->flags);
	sum.hash = mixed(sum.hash, (__u64)record->mode << 32 | record->in_user_namespace);
	if (scratch->text[0] == '/' && scratch->text[1] == 'p' && scratch->text[5] == '/')
		sum.hash = mixed(sum.hash, record->process);
	/* The text ends with zeros up to the next whole word. */
	bpf_loop((length + 7) / 8, mix_word, &sum, 0);
	return sum.hash;
}

static __u32 process_of(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	unsigned int level = BPF_CORE_READ(pid, level);
	int number = 0;

	if (level > 32)
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number),
			      (void *)&pid->numbers + level * bpf_core_type_size(struct upid));
	return number;
}

static int tell(struct task_struct *task, struct pt_regs *regs, __u32 call, long result)
{
	const volatile struct shape *shape = &shapes[call & (MOST_CALLS - 1)];
	__u32 zero = 0;

	if (shape->kind == NOTHING || result <= -512)
		return 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &zero);
	if (!scratch)
		return 0;
	struct record *record = &scratch->record;
	record->call = call;
	record->result = result < 0 ? result : 0;
	record->flags = shape->flags < 0 ? 0 : argument(regs, shape->flags);
	record->mode = shape->mode < 0 ? 0 : argument(regs, shape->mode);
	record->is_address = record->is_unreadable = record->padding = 0;
	record->name_length = 0;
	long length = add_text(scratch, task, regs, shape);
	if (length < 0)
		return 0;
	if (length > TEXT)
		length = TEXT;
	for (int i = 0; i < 8; i++)
		scratch->text[length + i] = 0;
	record->length = length;

	const struct cred *cred = BPF_CORE_READ(task, cred);
	record->user = BPF_CORE_READ(cred, fsuid.val);
	record->in_user_namespace = BPF_CORE_READ(cred, user_ns, level) > 0;
	bpf_core_read(&record->capabilities, sizeof(record->capabilities), &cred->cap_effective);
	record->process = process_of(task);
	record->key = key_of(scratch, length);

	__u64 *known = bpf_map_lookup_elem(&seen, &record->key);
	if (known) {
		__sync_fetch_and_add(known, 1);
		return 0;
	}
	__u64 one = 1;
	bpf_map_update_elem(&seen, &record->key, &one, BPF_ANY);
	if (bpf_ringbuf_output(&records, scratch, sizeof(*record) + (length & (2 * TEXT - 1)), 0)) {
		miss(LOST);
		/* The next time it may find room. */
		bpf_map_delete_elem(&seen, &record->key);
	}
	return 0;
}

SEC("raw_tp/sys_exit")
int at_exit(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)context->args[0];

	if (!is_traced(task) || is_foreign(task))
		return 0;
	return tell(task, regs, number(regs), context->args[1]);
}

/* Counted when they begin: some never return. */
SEC("raw_tp/sys_enter")
int at_enter(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 call = context->args[1];

	if (!is_traced(task))
		return 0;
	if (is_foreign(task)) {
		miss(FOREIGN);
		return 0;
	}
	if (call >= MOST_CALLS)
		call = MOST_CALLS - 1;
	__u64 *count = bpf_map_lookup_elem(&counts, &call);
	if (count)
		++*count;
	return 0;
}

/* Run once by the loader: its parent is the owner. Numbers of processes are other ones in each pid namespace; this one is the kernel's. */
SEC("raw_tp/sys_enter")
int learn(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	owner = BPF_CORE_READ(task, real_parent, tgid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
