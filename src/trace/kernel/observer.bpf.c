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
#include <bpf/bpf_tracing.h>
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
struct inode {
	unsigned short i_mode;
} CORE;
struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
} CORE;
struct sock_common {
	unsigned short skc_family;
} CORE;
struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
} CORE;
struct socket {
	struct sock *sk;
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
struct mm_struct {
	struct file *exe_file;
} CORE;
struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
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
struct iovec {
	void *iov_base;
} CORE;
struct user_msghdr {
	void *msg_name;
	int msg_namelen;
	struct iovec *msg_iov;
} CORE;

/* Filled in before the program is loaded. */
volatile const struct shape shapes[MOST_CALLS];
volatile const __u64 seed;
/* The process whose children trace, and the root directory of the file tree that it sees: see learn(). */
__u32 owner;
__u64 base;

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
	__u64 arguments[8];
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

static struct scratch *own_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static void miss(__u32 what)
{
	__u64 *count = bpf_map_lookup_elem(&missed, &what);
	if (count)
		++*count;
}

/*
 * A tracee whose tracer was started by the process that started the loader too. Before it becomes the program it runs the tracer's own
 * code: what it does then is not the program's doing.
 */
static int is_traced(struct task_struct *task)
{
	if (!task->ptrace)
		return 0;
	struct task_struct *tracer = task->parent;
	return tracer->real_parent->tgid == owner && task->mm->exe_file != tracer->mm->exe_file;
}

static void read_arguments(struct scratch *scratch, struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	scratch->arguments[0] = regs->di;
	scratch->arguments[1] = regs->si;
	scratch->arguments[2] = regs->dx;
	scratch->arguments[3] = regs->r10;
	scratch->arguments[4] = regs->r8;
	scratch->arguments[5] = regs->r9;
#elif defined(__TARGET_ARCH_arm64)
	scratch->arguments[0] = regs->orig_x0;
	scratch->arguments[1] = regs->regs[1];
	scratch->arguments[2] = regs->regs[2];
	scratch->arguments[3] = regs->regs[3];
	scratch->arguments[4] = regs->regs[4];
	scratch->arguments[5] = regs->regs[5];
#endif
}

/* 0 where the call has none at that position. */
static __u64 argument(struct scratch *scratch, int at)
{
	return at < 0 ? 0 : scratch->arguments[at & 7];
}

static __u32 number(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->orig_ax;
#elif defined(__TARGET_ARCH_arm64)
	return regs->syscallno;
#endif
}

/* A call of 32-bit code, whose numbers mean other calls: TS_COMPAT in arch/x86/include/asm/thread_info.h, TIF_32BIT of arm64. */
static int is_foreign(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return task->thread_info.status & 2;
#elif defined(__TARGET_ARCH_arm64)
	return task->thread_info.flags & (1 << 22);
#endif
}

/* A place, and the names that were written down on the way up from where it began. */
struct way {
	struct scratch *scratch;
	struct dentry *dentry;
	struct vfsmount *mnt;
	__u32 length;
	/* The root directory, as soon as no names can follow any more: below it others may be mounted, as an early one of the boot is. */
	struct dentry *base;
	int is_whole;
};

/* Where a mount begins, the way goes on at the place on which it is mounted. Tells whether there is none. */
static long leave_mount(struct way *way)
{
	struct vfsmount *mnt = way->mnt;
	struct mount *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
	struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

	if (!way->base)
		way->base = way->dentry;
	if (parent == mount) {
		way->is_whole = 1;
		return 1;
	}
	way->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	way->mnt = (void *)parent + bpf_core_field_offset(struct mount, mnt);
	return 0;
}

/* One name up. */
static long step_up(__u32 step, struct way *way)
{
	struct dentry *dentry = way->dentry;
	struct vfsmount *mnt = way->mnt;

	if (dentry == BPF_CORE_READ(mnt, mnt_root))
		return leave_mount(way);
	if (way->length > TEXT - 256)
		return 1;
	long size = bpf_probe_read_kernel_str(&way->scratch->text[way->length], 256, BPF_CORE_READ(dentry, d_name.name));
	if (size < 0)
		return 1;
	way->length += size;
	way->base = 0;
	way->dentry = BPF_CORE_READ(dentry, d_parent);
	return 0;
}

/*
 * Functions that are not static the kernel looks at once, whether they are safe, and not anew at each place that calls them; they are
 * given numbers only.
 */

/* Adds the names on the way from a place up to the root of its mount namespace: `log`, `var` for /var/log. */
__noinline __u32 add_way_up(__u32 length, __u64 dentry, __u64 mnt)
{
	struct way way = { .scratch = own_scratch(), .dentry = (void *)dentry, .mnt = (void *)mnt, .length = length };

	if (!way.scratch || length > TEXT)
		return length;
	/* No path has more names: PATH_MAX is 4096. */
	bpf_loop(2048, step_up, &way, 0);
	if (!way.is_whole)
		miss(CUT);
	else if ((__u64)way.base != base)
		way.scratch->record.is_elsewhere = 1;
	return way.length;
}

__noinline __u32 add_way_up_from_file(__u32 length, __u32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = task->files->fdt;
	struct file *file = 0;

	if (fd >= table->max_fds)
		return length;
	bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	if (!file)
		return length;
	return add_way_up(length, (__u64)BPF_CORE_READ(file, f_path.dentry), (__u64)BPF_CORE_READ(file, f_path.mnt));
}

static __u32 add_root(__u32 length, struct task_struct *task)
{
	return add_way_up(length, (__u64)BPF_CORE_READ(task, fs, root.dentry), (__u64)BPF_CORE_READ(task, fs, root.mnt));
}

static __u32 add_working_directory(__u32 length, struct task_struct *task)
{
	return add_way_up(length, (__u64)BPF_CORE_READ(task, fs, pwd.dentry), (__u64)BPF_CORE_READ(task, fs, pwd.mnt));
}

#define AT_FDCWD (-100)

/* Where a path begins that was given: the task's root, its working directory, or an open directory. Then its own root, if it has one. */
__noinline __u32 add_begin(__u32 length, int at)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *scratch = own_scratch();
	__u32 begin = length;

	if (!scratch)
		return length;
	int is_absolute = scratch->text[0] == '/';
	if (is_absolute)
		length = add_root(length, task);
	else if (at == AT_FDCWD)
		length = add_working_directory(length, task);
	else
		length = add_way_up_from_file(length, at);
	scratch->record.directory_length = length - begin;
	begin = length;
	if (!is_absolute && (__u64)BPF_CORE_READ(task, fs, root.dentry) != base)
		length = add_root(length, task);
	scratch->record.root_length = length - begin;
	return length;
}

/* Names that lead to what the task itself has open: what lies there another task does not see under that name. */
static int is_own_link(const char *text)
{
	return text[0] == '/' && ((text[1] == 'p' && text[2] == 'r' && text[5] == '/') ||
				  (text[1] == 'd' && text[4] == '/' && (text[5] == 'f' || text[5] == 's')));
}

/* The path as it was given; less than 0 where there is nothing to tell. */
__noinline long add_name(__u32 call, long result)
{
	const volatile struct shape *shape = &shapes[call & (MOST_CALLS - 1)];
	struct scratch *scratch = own_scratch();

	if (!scratch)
		return -1;
	long length = bpf_probe_read_user_str(scratch->text, LONGEST_NAME, (void *)argument(scratch, shape->name));
	if (length <= 0) {
		/* The kernel could not read it either. */
		if (result < 0)
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
	length = add_begin(length, shape->at < 0 ? AT_FDCWD : (int)argument(scratch, shape->at));
	if (shape->opens && result >= 0 && is_own_link(scratch->text))
		length = add_way_up_from_file(length, result);
	return length;
}

/* AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: https://man7.org/linux/man-pages/man7/address_families.7.html */
enum { UNIX = 1, INET = 2, INET6 = 10, NETLINK = 16 };

__noinline long add_address(__u64 address, long size, int is_portless)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *scratch = own_scratch();

	if (!scratch || !address || size <= 0)
		return -1;
	if (size > LONGEST_ADDRESS)
		size = LONGEST_ADDRESS;
	if (bpf_probe_read_user(scratch->text, size, (void *)address))
		return -1;
	scratch->record.is_address = 1;
	scratch->record.name_length = size;
	__u16 family = *(__u16 *)scratch->text;
	/* The port comes first. */
	if (is_portless && (family == INET || family == INET6))
		scratch->text[2] = scratch->text[3] = 0;
	if (family != UNIX || size < 3 || !scratch->text[2])
		return size;
	__u32 length = scratch->text[2] == '/' ? add_root(size, task) : add_working_directory(size, task);
	scratch->record.directory_length = length - size;
	return length;
}

#define S_IFMT 0170000
#define S_IFSOCK 0140000

/* Of a message over netlink what it asks for, too: its protocol and its kind. Tells whether it goes that way. */
__noinline int is_netlink(__u32 fd, __u64 message)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *scratch = own_scratch();
	struct fdtable *table = task->files->fdt;
	struct file *file = 0;
	/* https://docs.kernel.org/userspace-api/netlink/intro.html: the length of the message comes first. */
	struct {
		__u32 length;
		__u16 kind;
	} header = {};

	if (!scratch || fd >= table->max_fds)
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sock = BPF_CORE_READ(socket, sk);
	if (BPF_CORE_READ(sock, __sk_common.skc_family) != NETLINK)
		return 0;
	bpf_probe_read_user(&header, sizeof(header), (void *)message);
	scratch->record.flags = BPF_CORE_READ(sock, sk_protocol) + 1;
	scratch->record.mode = header.kind;
	return 1;
}

#define SOL_NETLINK 270

__noinline long add_option(__u64 value, long size, __u32 fd)
{
	struct scratch *scratch = own_scratch();

	if (!scratch || size < 0)
		return -1;
	struct record *record = &scratch->record;
	__u32 level = record->flags, option = record->mode;

	if (level == SOL_NETLINK && is_netlink(fd, 0))
		level |= record->flags << 16;
	record->flags = level;
	record->mode = option;
	record->is_value = 1;
	if (size > LONGEST_VALUE)
		size = LONGEST_VALUE;
	/* Of a value that nobody knows the worst is thought. */
	if (bpf_probe_read_user(scratch->text, size, (void *)value))
		size = 0;
	record->name_length = size;
	return size;
}

#define PROT_EXEC 4
#define MAP_ANONYMOUS 0x20

static long add_text(struct scratch *scratch, __u32 call, const volatile struct shape *shape, long result)
{
	struct user_msghdr message = {};
	struct iovec first = {};
	__u64 at = argument(scratch, shape->at), name = argument(scratch, shape->name);
	int size = at, asks = 0;
	long length;

	switch (shape->kind) {
	case NAME:
		return add_name(call, result);
	case CODE:
		if (!(scratch->record.flags & PROT_EXEC))
			return -1;
		if (shape->at < 0 || scratch->record.mode & MAP_ANONYMOUS)
			return 0;
		/* fallthrough */
	case DESCRIPTOR:
		return scratch->record.directory_length = add_way_up_from_file(0, at);
	case ADDRESS:
		if (shape->answers && bpf_probe_read_user(&size, sizeof(size), (void *)at))
			return -1;
		asks = shape->sends && is_netlink(argument(scratch, 0), argument(scratch, 1));
		length = add_address(name, size, shape->portless);
		return length < 0 && asks ? 0 : length;
	case MESSAGE:
		if (bpf_probe_read_user(&message, sizeof(message), (void *)name))
			return -1;
		bpf_probe_read_user(&first, sizeof(first), message.msg_iov);
		asks = shape->sends && is_netlink(argument(scratch, 0), (__u64)first.iov_base);
		length = add_address((__u64)message.msg_name, message.msg_namelen, shape->portless);
		return length < 0 && asks ? 0 : length;
	case OPTION:
		/* What fails asked for nothing that anybody has to grant. */
		return result < 0 ? -1 : add_option(name, size, argument(scratch, 0));
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
__noinline __u64 key_of(__u32 length)
{
	struct scratch *scratch = own_scratch();

	if (!scratch)
		return 0;
	struct record *record = &scratch->record;
	struct sum sum = { .scratch = scratch, .hash = mixed(seed, (__u64)record->call << 32 | (__u32)record->result) };

	sum.hash = mixed(sum.hash, record->capabilities);
	sum.hash = mixed(sum.hash, (__u64)record->user << 32 | record->flags);
	sum.hash = mixed(sum.hash, (__u64)record->mode << 32 | record->in_user_namespace << 1 | record->is_elsewhere);
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

/* include/linux/fcntl.h, WILL_CREATE: the same numbers on x86 and arm64 */
#define O_CREAT 0100
#define O_TMPFILE 020000000

static int tell(struct task_struct *task, struct pt_regs *regs, __u32 call, long result)
{
	const volatile struct shape *shape = &shapes[call & (MOST_CALLS - 1)];

	if (shape->kind == NOTHING || result <= -512)
		return 0;
	struct scratch *scratch = own_scratch();
	if (!scratch)
		return 0;
	struct record *record = &scratch->record;
	read_arguments(scratch, regs);
	record->call = call;
	record->result = result < 0 ? result : 0;
	record->flags = argument(scratch, shape->flags);
	record->mode = argument(scratch, shape->mode);
	/* Who makes no file gives no mode, and has anything in its place. */
	if (shape->opens && shape->flags >= 0 && !(record->flags & (O_CREAT | O_TMPFILE)))
		record->mode = 0;
	record->is_address = record->is_value = record->is_unreadable = record->is_elsewhere = 0;
	record->name_length = record->directory_length = record->root_length = 0;
	long length = add_text(scratch, call, shape, result);
	if (length < 0)
		return 0;
	if (length > TEXT)
		length = TEXT;
	/* Up to the next whole word. */
	__builtin_memset(&scratch->text[length], 0, 8);
	record->length = length;

	const struct cred *cred = BPF_CORE_READ(task, cred);
	record->user = BPF_CORE_READ(cred, fsuid.val);
	record->in_user_namespace = BPF_CORE_READ(cred, user_ns, level) > 0;
	bpf_core_read(&record->capabilities, sizeof(record->capabilities), &cred->cap_effective);
	record->process = process_of(task);
	record->key = key_of(length);

	__u64 *known = bpf_map_lookup_elem(&seen, &record->key);
	if (known) {
		__sync_fetch_and_add(known, 1);
		return 0;
	}
	__u64 one = 1;
	bpf_map_update_elem(&seen, &record->key, &one, BPF_ANY);
	if (bpf_ringbuf_output(&records, record, sizeof(*record) + (length & (2 * TEXT - 1)), 0)) {
		miss(LOST);
		/* The next time it may find room. */
		bpf_map_delete_elem(&seen, &record->key);
	}
	return 0;
}

/* A return from a signal handler leaves no number behind: arch/x86/kernel/signal_64.c, arch/arm64/kernel/signal.c. */
#if defined(__TARGET_ARCH_x86)
#define SIGRETURN 15
#elif defined(__TARGET_ARCH_arm64)
#define SIGRETURN 139
#endif

/*
 * Each call that returns is told and counted here: exit and exit_group, which never do, are left to strace. One tracepoint costs
 * each call of the machine half of what two cost.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(at_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();

	/* Calls of 32-bit programs have strace stop. */
	if (!is_traced(task) || is_foreign(task))
		return 0;
	__u32 call = number(regs) == (__u32)-1 ? SIGRETURN : number(regs);
	__u32 slot = call < MOST_CALLS ? call : MOST_CALLS - 1;
	__u64 *count = bpf_map_lookup_elem(&counts, &slot);
	if (count)
		++*count;
	return tell(task, regs, call, result);
}

/* As step_up, without writing down the names. */
static long step_up_silently(__u32 step, struct way *way)
{
	struct dentry *dentry = way->dentry;
	struct vfsmount *mnt = way->mnt;

	if (dentry != BPF_CORE_READ(mnt, mnt_root)) {
		way->base = 0;
		way->dentry = BPF_CORE_READ(dentry, d_parent);
		return 0;
	}
	return leave_mount(way);
}

/* Run once by the loader: its parent is the owner. Numbers of processes are other ones in each pid namespace; this one is the kernel's. */
SEC("raw_tp/sys_enter")
int learn(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *parent = bpf_get_current_task_btf()->real_parent;
	struct way way = { .dentry = parent->fs->root.dentry, .mnt = parent->fs->root.mnt };

	owner = parent->tgid;
	bpf_loop(2048, step_up_silently, &way, 0);
	base = (__u64)way.base;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
