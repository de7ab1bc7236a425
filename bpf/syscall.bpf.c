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
#include "address.h"
#include "common.h"
#include "dns.h"
#include "flood.h"
#include "output.h"
#include "registers.h"

#define MAX_ERRNO 4095
#define ENOSYS 38

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WIRE_ROWS);
	__type(key, u32);
	__type(value, struct wire_row);
} rows SEC(".maps");

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

/* Calls whose success is looked at too: always (write, connect, ...), or of who asks name servers. All others end at once. */
const volatile __u8 on_success[WIRE_ROWS] = {};

/* An argument by its number in the row, which is 0 to 5. */
static __always_inline u64 arg_of(const struct wire_syscall *e, s8 n)
{
	return e->args[bounded(
		/* behind the six lie other fields of the record: within it */
		(u32)n, 7)];
}

#define ARGV_MAX 16 /* arguments that are read one by one */

/* The arguments of an execve that failed: still in the caller's memory, one pointer each. */
static __always_inline u32 append_argv(struct scratch *s, u32 offset, const void *argv)
{
	struct wire_head *h = (struct wire_head *)s->data;
	u32 len = 0;

	for (int i = 0; i <= ARGV_MAX; i++) {
		const void *arg = NULL;
		long n;

		if (bpf_probe_read_user(&arg, sizeof(arg), argv + i * sizeof(arg)) || !arg)
			return len;
		if (i == ARGV_MAX || len > WIRE_ARGS_MAX - 256)
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

static __always_inline bool wants_error(const struct wire_row *row, u32 error)
{
	if (error < 64)
		return row->errnos[0] >> error & 1;
	if (error < 128)
		return row->errnos[1] >> (error - 64) & 1;
	return error < 192 && row->errnos[2] >> (error - 128) & 1;
}

/* The strings that name files: path, dir, path2, dir2, in this order. The first is there already. */
static __always_inline void append_paths(
	struct scratch *s, struct wire_syscall *e, const struct wire_row *row)
{
	bool by_fd = row->flags & ROW_FD_ARG0;
	u8 first = by_fd ? 0 : *(u8 *)scratch_at(s, s->size);

	s->size += e->path_len;
	if (first != '/' || !e->path_len) {
		s32 fd = by_fd             ? (s32)e->args[0]
			 : row->dirfd >= 0 ? (s32)arg_of(e, row->dirfd)
					   : AT_FDCWD;

		e->dir_len = append_base(s, s->size, fd);
		s->size += e->dir_len;
	}
	if (row->path2 < 0)
		return;
	e->path2_len = append_user_string(s, s->size, (void *)arg_of(e, row->path2), 2048);
	first = *(u8 *)scratch_at(s, s->size);
	s->size += e->path2_len;
	if (first != '/' && e->path2_len) {
		u8 flags = e->head.flags; /* the walk sets the first one's flag */

		e->head.flags &= ~WIRE_DIR_CUT;
		e->dir2_len = append_base(
			s, s->size, row->dirfd2 >= 0 ? (s32)arg_of(e, row->dirfd2) : AT_FDCWD);
		if (e->head.flags & WIRE_DIR_CUT)
			flags |= WIRE_DIR2_CUT;
		e->head.flags = flags;
		s->size += e->dir2_len;
	}
}

/* The type of the socket and, where the call named no address, the one that it is connected to. */
static __always_inline void append_peer(
	struct scratch *s, struct wire_syscall *e, const struct wire_row *row)
{
	u32 at = e->addr_len ? WIRE_RECORD_MAX - 64 : s->size;
	u32 len = append_socket(s, at, e->args[0], row->addr >= 0, &e->sock_type);

	if (!e->addr_len)
		e->addr_len = len;
}

/* What the call is about: its path, its address or its first argument; all of these make two failures equal. */
static __always_inline void append_argument(
	struct scratch *s, struct wire_syscall *e, const struct wire_row *row)
{
	if (row->dirfd >= 0)
		s->hash = mix(s->hash, arg_of(e, row->dirfd));
	if (row->path >= 0) {
		e->path_len =
			append_user_string(s, s->size, (void *)arg_of(e, row->path), WIRE_PATH_MAX);
		s->hash = hash_scratch(s->slot, s->size, e->path_len, s->hash);
	} else if (row->addr_len >= 0) {
		e->addr_len = append_address(
			s, s->size, (void *)arg_of(e, row->addr), (u32)arg_of(e, row->addr_len));
		s->hash = hash_scratch(s->slot, s->size, e->addr_len, s->hash);
	} else {
		s->hash = mix(s->hash, e->args[0]);
	}
}

/* A socket was connected: to a name server, and not one that will be asked by the next call (datagrams). */
static __always_inline bool is_new_server(struct scratch *s, const struct wire_syscall *e)
{
	if (!is_dns(s, s->size, e->addr_len))
		return false;
	note_name_asker();
	return e->sock_type != SOCK_DGRAM;
}

static __always_inline void handle_failure(
	const struct wire_row *row, const struct call *c, u64 cgroup, u64 container)
{
	struct scratch *s = scratch_get(WIRE_SYSCALL, container);

	if (!s)
		return;
	struct wire_syscall *e = (struct wire_syscall *)s->data;
	u32 error = c->ret < 0 ? -c->ret : 0;
	bool self = is_self(current_task());

	e->nr = c->nr;
	e->row_kind = row->kind;
	e->ret = c->ret;
	e->repeats = 1;
	e->sock_type = 0;
	e->ports = 0;
	e->path_len = e->dir_len = e->path2_len = e->dir2_len = e->addr_len = e->args_len = 0;
	__builtin_memcpy(e->args, c->args, sizeof(e->args));
	s->size = sizeof(*e);
	/* Each by itself: mixed together, another process' other error on the same path can be the same. */
	s->hash = mix(mix(mix(bpf_get_current_pid_tgid() >> 32, c->nr), error), cgroup);

	append_argument(s, e, row);
	/* Before the rest, which costs more: most records of a loop end here. */
	if (!self && error && fold(s->hash, bpf_ktime_get_boot_ns(), &e->repeats)) {
		count(WIRE_SYSCALL, COUNT_FOLDED);
		scratch_put(s);
		return;
	}
	fill_own_head(&e->head, WIRE_SYSCALL, cgroup, container);
	if (row->path >= 0 || row->flags & ROW_FD_ARG0)
		append_paths(s, e, row);
	if (row->flags & ROW_SOCK_ARG0)
		append_peer(s, e, row);
	if (row->kind == ROW_NETWORK)
		e->ports = namespace_ports(error);
	if (!error && !self && !is_new_server(s, e)) {
		scratch_put(s);
		return;
	}
	s->size += e->addr_len;
	if (row->kind == ROW_EXEC) {
		e->args_len = append_argv(s, s->size, (void *)arg_of(e, row->path + 1));
		submit(s, &rare, s->size + e->args_len, BPF_RB_FORCE_WAKEUP, BUDGET_EXECS);
		return;
	}
	submit(s, &flood, s->size, wake_for(error, e->head.time), BUDGET_FAILURES);
}

/* One body for both ways; the task is tracked. */
static __always_inline void handle_call(const struct call *c, u64 cgroup, u64 container)
{
	u32 nr = c->nr;
	struct wire_row *row = bpf_map_lookup_elem(&rows, &nr);

	if (!row || row->kind == ROW_NONE || is_compat())
		return;
	if (self_test && is_self(current_task())) {
		u8 yes = 1;

		bpf_map_update_elem(&fired, &nr, &yes, BPF_ANY);
	}
	if (row->flags & (ROW_OUTPUT | ROW_OUTPUT_VEC))
		handle_output(row, c, cgroup, container);
	if (c->ret < 0 ? wants_error(row, -c->ret) : row->flags & ROW_DNS_SUCCESS)
		handle_failure(row, c, cgroup, container);
	if (c->ret > 0 && row->flags & ROW_DNS && (asks_names() || row->addr_len >= 0))
		handle_dns(row, c, cgroup, container);
}

static __always_inline bool is_error(s64 ret)
{
	return ret < 0 && ret >= -MAX_ERRNO;
}

/* A call that succeeded: most of the node's end here. */
static __always_inline bool may_matter(const struct pt_regs *regs, const bool typed)
{
	u32 nr = REGISTER(regs, typed, NUMBER_REGISTER), wanted;

	asm volatile(
		""
		: "+r"(nr)); /* what is compared is what indexes: the verifier knows no other */
	wanted = nr < WIRE_ROWS ? on_success[nr] : SUCCESS_ENDS;
	if (wanted == SUCCESS_ENDS || wanted == SUCCESS_COUNTS)
		return wanted == SUCCESS_COUNTS;
	if (asks_names())
		return true;
	return wanted == SUCCESS_OF_WRITERS && may_be_stream(REGISTER(regs, typed, FIRST_REGISTER));
}

static __always_inline int handle_sys_exit(u64 *ctx, const bool typed)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];
	s64 ret = ctx[1];
	u64 cgroup, container;

	if (!is_error(ret) && !may_matter(regs, typed))
		return 0;
	container = current_container(&cgroup);
	if (container) {
		struct call c;

		read_call(&c, ret, regs, typed);
		handle_call(&c, cgroup, container);
	}
	return 0;
}

SEC("tp_btf/sys_exit")
int on_sys_exit(u64 *ctx)
{
	return handle_sys_exit(ctx, true);
}

/* Where the kernel has no BTF of its own, and so no typed arguments. */
SEC("?raw_tp/sys_exit")
int on_sys_exit_untyped(u64 *ctx)
{
	return handle_sys_exit(ctx, false);
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

SEC("?fexit/__x64_sys_read")
int on_call_answer(u64 *ctx)
{
	s64 ret = ctx[1];
	u64 cgroup;

	if ((is_error(ret) || self_test || asks_names()) && current_container(&cgroup))
		bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

SEC("?fexit/__x64_sys_write")
int on_call_output(u64 *ctx)
{
	s64 ret = ctx[1];
	u64 cgroup;

	if ((is_error(ret) || self_test || asks_names() ||
		    may_be_stream(OWN_REGISTER(FIRST_REGISTER))) &&
		current_container(&cgroup))
		bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

SEC("?fexit/__x64_sys_connect")
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
	struct call c;

	if (container && read_own_call(&c, ctx[1]))
		handle_call(&c, cgroup, container);
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
	struct call c;

	if (!is_error(ret) && !self_test)
		return 0;
	container = current_container(&cgroup);
	if (container && read_own_call(&c, ret) && (c.nr == fork_calls[0] || c.nr == fork_calls[1]))
		handle_call(&c, cgroup, container);
	return 0;
}

/*
 * Whether the filter's answer, which the hook returns, was no. Before 5.17 no program sees it whatever the number of
 * arguments; there x86 gives each call ENOSYS to start with, which is still its result when it is let through.
 */
static __always_inline bool is_refused(void *ctx, s64 ret)
{
	u64 answer = 0;

	if (bpf_core_enum_value_exists(enum bpf_func_id___helpers, BPF_FUNC_get_func_ret___helpers))
		return !bpf_get_func_ret(ctx, &answer) && (s32)answer;
	return ret != -ENOSYS;
}

/* Called for each system call of a process that has a seccomp filter; the result of a refused one is there by then. */
SEC("?fexit/__secure_computing")
int on_seccomp(void *ctx)
{
	s64 ret = OWN_REGISTER(RESULT_REGISTER);
	u64 cgroup, container;
	struct call c;

	if (!is_error(ret) || !is_refused(ctx, ret))
		return 0;
	container = current_container(&cgroup);
	if (container && read_own_call(&c, ret))
		handle_call(&c, cgroup, container);
	return 0;
}

/* Keeps the second array in the object; its handler is loaded where there is a second prototype. */
SEC("?fexit/__x64_sys_openat")
int on_call_other(u64 *ctx)
{
	return handle_fexit(ctx);
}

char LICENSE[] SEC("license") = "GPL";
