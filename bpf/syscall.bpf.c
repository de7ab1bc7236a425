// SPDX-License-Identifier: GPL-2.0
/*
 * Failed system calls, by one table and one body behind two ways to attach:
 *
 *  - fexit on each call (__x64_sys_openat, ...): a call that is not in the table costs nothing. There is
 *    one stub here; user space loads a copy of it for each row. A copy only filters, and then jumps into
 *    the one handler, so that the verifier walks the long body once and not eighty times.
 *  - one program on the tracepoint sys_exit, where the kernel refuses fexit: a few instructions are
 *    added to every call of every process.
 *
 * Neither looks at the enter side: the arguments are still in the task's pt_regs at the end, and the
 * strings that they point at have just been read by the kernel itself, so they are resident.
 */
#include "common.h"

#define MAX_ERRNO 4095
#define FOLD_NS 250000000ULL /* equal failures within this time come as one record */
#define WAKE_NS 1000000ULL   /* the reader is woken at most this often by failures */
#define OUTPUT_WINDOW_NS 1000000000ULL
#define OUTPUT_WINDOW_BYTES 65536 /* of each container's stdout and stderr, each, in one window */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WIRE_ROWS);
	__type(key, u32);
	__type(value, struct wire_row);
} rows SEC(".maps");

struct fold {
	u64 sent;    /* time of the last record */
	u32 repeats; /* equal ones since then */
	u32 pad;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64); /* hash of process, call, errno and path */
	__type(value, struct fold);
} folds SEC(".maps");

struct budget {
	u64 since;
	u64 bytes;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64); /* container and file descriptor */
	__type(value, struct budget);
} budgets SEC(".maps");

/* When the reader was last woken from here. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} last_wake SEC(".maps");

/*
 * The one handler that the fexit copies jump into. Newer kernels let a program jump only into one that
 * is attached to a function of the same prototype, and the kernel's BTF has up to two of them for
 * system calls that are all alike: hence a second array and a second copy of the handler.
 */
struct handlers {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} handlers SEC(".maps"), handlers_other SEC(".maps");

/* Proof for the fexit copies: the self-test calls each of them; a bit a call number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WIRE_ROWS);
	__type(key, u32);
	__type(value, u8);
} fired SEC(".maps");

/* Calls whose success is looked at too (write, writev, connect, sendto): all others end at once. */
#define SUCCESS_CALLS 4
const volatile __u32 success_calls[SUCCESS_CALLS] = { ~0U, ~0U, ~0U, ~0U };

static __always_inline u32 call_number(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(regs, orig_ax);
#else
	return BPF_CORE_READ(regs, syscallno);
#endif
}

static __always_inline void call_args(const struct pt_regs *regs, u64 *args)
{
#if defined(__TARGET_ARCH_x86)
	/* The six lie together, in an order that user space relies on (ptrace) and that cannot change. */
	struct {
		u64 r10, r9, r8, ax, cx, dx, si, di;
	} saved = {};

	bpf_core_read(&saved, sizeof(saved), &regs->r10);
	args[0] = saved.di;
	args[1] = saved.si;
	args[2] = saved.dx;
	args[3] = saved.r10;
	args[4] = saved.r8;
	args[5] = saved.r9;
#else
	args[0] = BPF_CORE_READ(regs, orig_x0); /* x0 holds the result by now */
	bpf_core_read(&args[1], 5 * sizeof(u64), &regs->regs[1]);
#endif
}

/*
 * The registers of the running task's call, where the kernel keeps them. An fexit program has them as an
 * argument too, but may not read it where the BTF has only a forward declaration of their type (5.10).
 */
static __always_inline const struct pt_regs *current_regs(void)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id___helpers, BPF_FUNC_task_pt_regs___helpers))
		return (const struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
#if defined(__TARGET_ARCH_x86)
	/* Before 5.15: at the top of the kernel stack, which is 16 KiB. */
	return BPF_CORE_READ(current_task(), stack) + 16384 - bpf_core_type_size(struct pt_regs);
#else
	return NULL;
#endif
}

/* A 32-bit program's call on a 64-bit kernel: other numbers, other argument sizes; left alone. */
static __always_inline bool is_compat(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#else
	return BPF_CORE_READ(task, thread_info.flags) & TIF_32BIT;
#endif
}

/* An argument by its number in the row, which is 0 to 5. */
static __always_inline u64 arg_of(const struct wire_syscall *e, s8 n)
{
	return e->args[bounded(
		/* behind the six lie other fields of the record: within it */
		(u32)n, 7)];
}

/* True when an equal failure was sent a moment ago; else how many were kept back since the last one. */
static __always_inline bool fold(u64 key, u64 now, u32 *repeats)
{
	struct fold *f = bpf_map_lookup_elem(&folds, &key), first = { .sent = now };

	if (!f) {
		bpf_map_update_elem(&folds, &key, &first, BPF_ANY);
		return false;
	}
	if (now - f->sent < FOLD_NS) {
		__sync_fetch_and_add(&f->repeats, 1);
		return true;
	}
	*repeats += f->repeats;
	f->repeats = 0;
	f->sent = now;
	return false;
}

/* Files are looked at right after a failure, so the reader must come at once; not for look-ups, though. */
static __always_inline u64 wake_for(u32 error, u64 now)
{
	u32 zero = 0;
	u64 *last = bpf_map_lookup_elem(&last_wake, &zero);

	if (error != 2 && last && now - *last > WAKE_NS) {
		*last = now;
		return BPF_RB_FORCE_WAKEUP;
	}
	if (bpf_ringbuf_query(&flood, BPF_RB_AVAIL_DATA) >
		bpf_ringbuf_query(&flood, BPF_RB_RING_SIZE) / 8)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline u16 file_mode(struct file *file)
{
	return file ? BPF_CORE_READ(file, f_inode, i_mode) : 0;
}

/* The folder that a relative path starts from, or the file itself behind a descriptor. */
static __always_inline u32 append_base(
	struct scratch *s, u32 offset, struct task_struct *task, s32 fd)
{
	if (fd == AT_FDCWD)
		return append_cwd(s, offset, task);

	struct file *file = file_of_fd(task, fd);
	u16 type = file_mode(file) & S_IFMT;

	if (!file || type == S_IFIFO || type == S_IFSOCK)
		return 0;
	return append_path(s, offset, &file->f_path);
}

struct sockaddr_any {
	u16 family;
	u16 port;
	union {
		u32 v4;
		struct {
			u32 flow;
			u8 v6[16];
		};
	};
};

/* Type of the socket and, as a sockaddr, its peer; for listen its own address. */
static __always_inline u32 append_socket(
	struct scratch *s, u32 offset, struct task_struct *task, s32 fd, bool peer, u32 *type)
{
	struct file *file = file_of_fd(task, fd);

	if ((file_mode(file) & S_IFMT) != S_IFSOCK)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct sockaddr_any *a = scratch_at(s, offset);

	*type = BPF_CORE_READ(socket, type);
	a->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (a->family != 2 && a->family != 10)
		return 0;
	a->port = peer ? BPF_CORE_READ(sk, __sk_common.skc_dport)
		       : __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_num));
	if (a->family == 2) {
		a->v4 = peer ? BPF_CORE_READ(sk, __sk_common.skc_daddr)
			     : BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		return a->port ? 8 : 0;
	}
	a->flow = 0;
	if (peer)
		BPF_CORE_READ_INTO(&a->v6, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	else
		BPF_CORE_READ_INTO(&a->v6, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
	return a->port ? 24 : 0;
}

/* The arguments of an execve that failed: still in the caller's memory, one pointer each. */
static __always_inline u32 append_argv(struct scratch *s, u32 offset, const void *argv)
{
	struct wire_head *h = (struct wire_head *)s->data;
	u32 len = 0;

	for (int i = 0; i < 16; i++) {
		const void *arg = NULL;
		long n;

		if (bpf_probe_read_user(&arg, sizeof(arg), argv + i * sizeof(arg)) || !arg)
			return len;
		if (len > WIRE_ARGS_MAX - 256)
			break;
		n = bpf_probe_read_user_str(scratch_at(s, offset + len), 256, arg);
		if (n <= 0)
			break;
		if (n == 256)
			h->flags |= WIRE_CUT;
		len += n & 0x1ff;
	}
	h->flags |= WIRE_CUT;
	return len;
}

static __always_inline u32 append_address(
	struct scratch *s, u32 offset, const void *address, u64 len)
{
	if (!address || !len)
		return 0;
	if (len > WIRE_ADDR_MAX)
		len = WIRE_ADDR_MAX;
	if (bpf_probe_read_user(
		    scratch_at(s, offset), bounded(len, 2 * WIRE_ADDR_MAX - 1), address))
		return 0;
	return len;
}

/* Port 53, in network byte order, of an address that was just appended. */
static __always_inline bool is_dns(struct scratch *s, u32 offset, u32 len)
{
	struct sockaddr_any *a = scratch_at(s, offset);

	return len >= 4 && (a->family == 2 || a->family == 10) && a->port == __builtin_bswap16(53);
}

static __always_inline bool wants_error(const struct wire_row *row, u32 error)
{
	if (error < 64)
		return row->errnos[0] >> error & 1;
	if (error < 128)
		return row->errnos[1] >> (error - 64) & 1;
	return error < 192 && row->errnos[2] >> (error - 128) & 1;
}

/* The strings that name files: path, dir, path2, dir2, in this order. The first is there already. */
static __always_inline void append_paths(struct scratch *s, struct wire_syscall *e,
	const struct wire_row *row, struct task_struct *task)
{
	bool by_fd = row->flags & ROW_FD_ARG0;
	u8 first = by_fd ? 0 : *(u8 *)scratch_at(s, s->size);

	s->size += e->path_len;
	if (first != '/' || !e->path_len) {
		s32 fd = by_fd             ? (s32)e->args[0]
			 : row->dirfd >= 0 ? (s32)arg_of(e, row->dirfd)
					   : AT_FDCWD;

		e->dir_len = append_base(s, s->size, task, fd);
		s->size += e->dir_len;
	}
	if (row->path2 < 0)
		return;
	e->path2_len = append_user_string(s, s->size, (void *)arg_of(e, row->path2), 2048);
	first = *(u8 *)scratch_at(s, s->size);
	s->size += e->path2_len;
	if (first != '/' && e->path2_len) {
		e->dir2_len = append_base(s, s->size, task,
			row->dirfd2 >= 0 ? (s32)arg_of(e, row->dirfd2) : AT_FDCWD);
		s->size += e->dir2_len;
	}
}

/* The type of the socket and, where the call named no address, the one that it is connected to. */
static __always_inline void append_peer(struct scratch *s, struct wire_syscall *e,
	const struct wire_row *row, struct task_struct *task)
{
	u32 at = e->addr_len ? WIRE_RECORD_MAX - 64 : s->size;
	u32 len = append_socket(s, at, task, e->args[0], row->addr >= 0, &e->sock_type);

	if (!e->addr_len)
		e->addr_len = len;
}

static __always_inline void handle_failure(const struct wire_row *row, const struct pt_regs *regs,
	struct task_struct *task, s64 ret, u32 nr, u64 cgroup, u64 container)
{
	struct scratch *s = scratch_get(WIRE_SYSCALL);

	if (!s)
		return;
	struct wire_syscall *e = (struct wire_syscall *)s->data;
	u32 error = ret < 0 ? -ret : 0;
	bool self = is_self(task);

	e->nr = nr;
	e->row_kind = row->kind;
	e->ret = ret;
	e->repeats = 1;
	e->sock_type = 0;
	e->pad = 0;
	e->path_len = e->dir_len = e->path2_len = e->dir2_len = e->addr_len = e->args_len = 0;
	call_args(regs, e->args);
	s->size = sizeof(*e);
	s->hash = mix(mix(bpf_get_current_pid_tgid() >> 32, (u64)nr << 32 | error), cgroup);

	if (row->dirfd >= 0)
		s->hash = mix(s->hash, arg_of(e, row->dirfd));
	if (row->path >= 0) {
		e->path_len =
			append_user_string(s, s->size, (void *)arg_of(e, row->path), WIRE_PATH_MAX);
		s->hash = hash_scratch(s->slot, s->size, e->path_len, s->hash);
	} else if (row->addr >= 0) {
		e->addr_len = append_address(
			s, s->size, (void *)arg_of(e, row->addr), (u32)arg_of(e, row->addr_len));
		s->hash = hash_scratch(s->slot, s->size, e->addr_len, s->hash);
	} else {
		s->hash = mix(s->hash, e->args[0]);
	}
	/* Before the rest, which costs more: most records of a loop end here. */
	if (!self && error && fold(s->hash, bpf_ktime_get_boot_ns(), &e->repeats)) {
		count(WIRE_SYSCALL, COUNT_FOLDED);
		scratch_put(s);
		return;
	}
	fill_head(&e->head, WIRE_SYSCALL, task, cgroup, container);
	if (row->path >= 0 || row->flags & ROW_FD_ARG0)
		append_paths(s, e, row, task);
	if (row->flags & ROW_SOCK_ARG0)
		append_peer(s, e, row, task);
	if (!error && !self && !is_dns(s, s->size, e->addr_len)) {
		scratch_put(s);
		return;
	}
	s->size += e->addr_len;
	if (row->kind == ROW_EXEC) {
		e->args_len = append_argv(s, s->size, (void *)arg_of(e, row->path + 1));
		submit(s, &rare, s->size + e->args_len, BPF_RB_FORCE_WAKEUP);
		return;
	}
	submit(s, &flood, s->size, wake_for(error, e->head.time));
}

/* Within the container's budget for this descriptor? */
static __always_inline bool may_output(u64 container, u32 fd, u64 bytes, u64 now)
{
	u64 key = container << 2 | fd;
	struct budget *b = bpf_map_lookup_elem(&budgets, &key), fresh = { .since = now };

	if (!b) {
		bpf_map_update_elem(&budgets, &key, &fresh, BPF_ANY);
		return true;
	}
	if (now - b->since > OUTPUT_WINDOW_NS) {
		b->since = now;
		b->bytes = 0;
	}
	__sync_fetch_and_add(&b->bytes, bytes);
	return b->bytes < OUTPUT_WINDOW_BYTES;
}

#define HALF (WIRE_OUTPUT_MAX / 2)

/* The first and the last bytes of one stretch of memory. */
static __always_inline u32 append_output(
	struct scratch *s, u32 offset, struct wire_output *e, const void *from, u64 len)
{
	u32 n = len < WIRE_OUTPUT_MAX ? len : HALF;

	if (!bpf_probe_read_user(scratch_at(s, offset), bounded(n, 2 * WIRE_OUTPUT_MAX - 1), from))
		e->head_len = n;
	if (len < WIRE_OUTPUT_MAX)
		return e->head_len;
	if (!bpf_probe_read_user(scratch_at(s, offset + e->head_len), HALF, from + (len - HALF)))
		e->tail_len = HALF;
	return e->head_len + e->tail_len;
}

struct iovec {
	const void *base;
	u64 len;
};

/* A vector's pieces, one after the other, as far as they fit: programs write a line in two or three. */
static __always_inline u32 append_vector(
	struct scratch *s, u32 offset, struct wire_output *e, const void *vector, u64 pieces)
{
	volatile struct walk *w = &s->walk;
	u64 total = 0;

	w->len = 0;
	for (u32 i = 0; i < 8; i++) {
		struct iovec v = {};
		u32 room = WIRE_OUTPUT_MAX - w->len, n;

		if (i >= pieces || bpf_probe_read_user(&v, sizeof(v), vector + i * sizeof(v)))
			break;
		total += v.len;
		n = v.len < room ? v.len : room;
		if (!bpf_probe_read_user(scratch_at(s, offset + w->len),
			    bounded(n, 2 * WIRE_OUTPUT_MAX - 1), v.base))
			w->len += n;
	}
	e->head_len = w->len;
	e->total = total;
	return w->len;
}

static __always_inline void handle_output(const struct wire_row *row, const struct pt_regs *regs,
	struct task_struct *task, s64 ret, u64 cgroup, u64 container)
{
	u64 args[6] = {}, now = bpf_ktime_get_boot_ns();
	u32 fd;

	call_args(regs, args);
	fd = args[0];
	if (no_output || (fd != 1 && fd != 2))
		return;
	if (!may_output(container, fd, ret > 0 ? ret : args[2] & 0xffff, now)) {
		count(WIRE_OUTPUT, COUNT_PRODUCED);
		count(WIRE_OUTPUT, COUNT_RATE);
		return;
	}
	struct scratch *s = scratch_get(WIRE_OUTPUT);
	if (!s)
		return;
	struct wire_output *e = (struct wire_output *)s->data;
	u32 size = sizeof(*e);

	fill_head(&e->head, WIRE_OUTPUT, task, cgroup, container);
	e->fd = fd;
	e->error = ret < 0 ? -ret : 0;
	e->head_len = e->tail_len = 0;
	e->total = args[2];
	if (row->flags & ROW_OUTPUT_VEC)
		size += append_vector(s, size, e, (void *)args[1], args[2]);
	else
		size += append_output(s, size, e, (void *)args[1], args[2] & 0x7fffffff);
	submit(s, &flood, size, wake_for(2, e->head.time));
}

/* One body for both ways; the task is tracked. */
static __always_inline void handle_call(
	const struct pt_regs *regs, s64 ret, u64 cgroup, u64 container)
{
	struct task_struct *task = current_task();
	u32 nr = call_number(regs);
	struct wire_row *row = bpf_map_lookup_elem(&rows, &nr);

	if (!row || row->kind == ROW_NONE || is_compat(task))
		return;
	if (self_test && is_self(task)) {
		u8 yes = 1;

		bpf_map_update_elem(&fired, &nr, &yes, BPF_ANY);
	}
	if (row->flags & (ROW_OUTPUT | ROW_OUTPUT_VEC))
		handle_output(row, regs, task, ret, cgroup, container);
	if (ret < 0 ? wants_error(row, -ret) : row->flags & ROW_DNS_SUCCESS)
		handle_failure(row, regs, task, ret, nr, cgroup, container);
}

static __always_inline bool is_error(s64 ret)
{
	return ret < 0 && ret >= -MAX_ERRNO;
}

SEC("tp_btf/sys_exit")
int on_sys_exit(u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];
	s64 ret = ctx[1];
	u64 cgroup, container;

	if (!is_error(ret)) {
#if defined(__TARGET_ARCH_x86)
		u32 nr = regs->orig_ax;
#else
		u32 nr = regs->syscallno;
#endif
		if (nr != success_calls[0] && nr != success_calls[1] && nr != success_calls[2] &&
			nr != success_calls[3])
			return 0;
	}
	container = current_container(&cgroup);
	if (container)
		handle_call(regs, ret, cgroup, container);
	return 0;
}

/* Loaded once for each row with the attach target of that row; what passes goes to on_call. */
SEC("?fexit/__x64_sys_openat")
int on_call_error(u64 *ctx)
{
	s64 ret = ctx[1];
	u64 cgroup;

	if ((is_error(ret) || self_test) && current_container(&cgroup))
		bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

SEC("?fexit/__x64_sys_write")
int on_call_any(u64 *ctx)
{
	u64 cgroup;

	if (current_container(&cgroup))
		bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

static __always_inline int handle_fexit(u64 *ctx)
{
	u64 cgroup, container = current_container(&cgroup);
	const struct pt_regs *regs = container ? current_regs() : NULL;

	if (regs)
		handle_call(regs, ctx[1], cgroup, container);
	return 0;
}

SEC("?fexit/__x64_sys_openat")
int on_call(u64 *ctx)
{
	return handle_fexit(ctx);
}

/*
 * Two things that no copy sees: fork and vfork, whose functions are not in the kernel's BTF, and calls that
 * a seccomp filter refuses before their function is reached.
 */
const volatile __u32 fork_calls[2] = { ~0U, ~0U };

SEC("?fexit/kernel_clone")
int on_clone(u64 *ctx)
{
	s64 ret = (s32)ctx[1]; /* a pid_t */
	u64 cgroup, container;

	if (!is_error(ret) && !self_test)
		return 0;
	container = current_container(&cgroup);
	const struct pt_regs *regs = container ? current_regs() : NULL;

	if (!regs)
		return 0;
	u32 nr = call_number(regs);
	if (nr == fork_calls[0] || nr == fork_calls[1])
		handle_call(regs, ret, cgroup, container);
	return 0;
}

/*
 * Called for each system call of a process that has a seccomp filter. The result of a refused call is in
 * the register by then; of one that is let through it is still the ENOSYS that every call starts with.
 */
SEC("?fexit/__secure_computing")
int on_seccomp(void *ctx __attribute__((unused)))
{
	const struct pt_regs *regs = current_regs();
	u64 cgroup, container;

	if (!regs)
		return 0;
#if defined(__TARGET_ARCH_x86)
	s64 ret = BPF_CORE_READ(regs, ax);
#else
	s64 ret = BPF_CORE_READ(regs, regs[0]);
#endif
	if (!is_error(ret) || ret == -38)
		return 0;
	container = current_container(&cgroup);
	if (container)
		handle_call(regs, ret, cgroup, container);
	return 0;
}

/* Keeps the second array in the object; its handler is loaded where there is a second prototype. */
SEC("?fexit/__x64_sys_openat")
int on_call_other(u64 *ctx)
{
	return handle_fexit(ctx);
}

char LICENSE[] SEC("license") = "GPL";
