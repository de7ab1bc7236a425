// SPDX-License-Identifier: GPL-2.0
/*
 * Failed system calls, by one table and one body behind two ways to attach:
 *
 *  - fexit on each call (__x64_sys_openat, ...): a call that is not in the table costs nothing. There is
 *    one stub here; user space loads a copy of it for each row. A copy only looks at the result, and jumps
 *    into the one handler, so that the verifier walks the long body once and not a hundred times.
 *  - one program on the tracepoint sys_exit, where the kernel refuses fexit: a few instructions are
 *    added to every call of every process.
 *
 * Neither looks at the enter side: the arguments are still in the task's pt_regs at the end, and the
 * strings that they point at have just been read by the kernel itself, so they are resident.
 */
#include "common.h"
#include "dns.h"
#include "failure.h"
#include "output.h"
#include "registers.h"

#define MAX_ERRNO 4095
#define ENOSYS 38

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

/* Calls whose success is looked at too, and of whom: enum wire_success. All others end at once. */
const volatile __u8 on_success[WIRE_ROWS] = {};

/* NULL: the call is not watched. */
static __always_inline struct wire_row *row_of(const struct call *c)
{
	u32 nr = c->nr;
	struct wire_row *row = bpf_map_lookup_elem(&rows, &nr);

	if (!row || row->kind == ROW_NONE || is_compat())
		return NULL;
	if (control.self_test && is_self(current_task())) {
		u8 yes = 1;

		bpf_map_update_elem(&fired, &nr, &yes, BPF_ANY);
	}
	return row;
}

/* One body for both ways; the task is tracked. */
static __always_inline void handle_call(const struct call *c, u64 cgroup, u64 container)
{
	struct wire_row *row = row_of(c);

	if (!row)
		return;
	if (row->flags & (ROW_OUTPUT | ROW_OUTPUT_VEC))
		handle_output(row, c, cgroup, container);
	if (c->ret < 0 ? wants_error(row, -c->ret) : row->flags & ROW_DNS_SUCCESS)
		handle_failure(row, c, cgroup, container);
	if (c->ret > 0 && row->flags & ROW_DNS && (asks_names() || row->addr_len >= 0))
		handle_dns(row, c, cgroup, container);
}

/* The same where no success matters, and no output. */
static __always_inline void handle_error(const struct call *c, u64 cgroup, u64 container)
{
	struct wire_row *row = row_of(c);

	if (row && c->ret < 0 && wants_error(row, -c->ret))
		handle_failure(row, c, cgroup, container);
}

static __always_inline bool is_error(s64 ret)
{
	return ret < 0 && ret >= -MAX_ERRNO;
}

/* Of a call that succeeded: false for most of the node's. */
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

		read_call(&c, ctx, ret, regs, typed);
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

/*
 * Loaded once for each row with the attach target of that row. What passes goes to on_call, which asks whose task it is:
 * for most of what comes here that is a container's, and is not to be asked twice.
 */
SEC("?fexit/__x64_sys_openat")
int on_call_error(u64 *ctx)
{
	s64 ret = ctx[1];

	if (is_error(ret) || control.self_test)
		bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

SEC("?fexit/__x64_sys_read")
int on_call_answer(u64 *ctx)
{
	s64 ret = ctx[1];

	if (is_error(ret) || control.self_test || asks_names())
		bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

SEC("?fexit/__x64_sys_write")
int on_call_output(u64 *ctx)
{
	s64 ret = ctx[1];

	if (is_error(ret) || control.self_test || asks_names() ||
		may_be_stream(OWN_REGISTER(FIRST_REGISTER)))
		bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

SEC("?fexit/__x64_sys_connect")
int on_call_any(u64 *ctx)
{
	bpf_tail_call(ctx, &handlers, 0);
	return 0;
}

static __always_inline int handle_fexit(u64 *ctx)
{
	u64 cgroup, container = current_container(&cgroup);
	struct call c;

	if (container && read_own_call(&c, ctx, ctx[1]))
		handle_call(&c, cgroup, container);
	return 0;
}

SEC("?fexit/__x64_sys_openat")
int on_call(u64 *ctx)
{
	return handle_fexit(ctx);
}

/*
 * Of calls that are seldom made all at once, where the kernel has that (since 5.18): the call costs more, its attachment, which for
 * each fexit program is a walk over all functions that can be traced, is one. None of them is of output or of names.
 */
SEC("?kretprobe.multi")
int on_seldom_call(struct pt_regs *ctx)
{
	s64 ret = ctx->RESULT_REGISTER;
	u64 cgroup, container;
	struct call c;

	if (!is_error(ret) && !control.self_test)
		return 0;
	container = current_container(&cgroup);
	if (container && read_own_call(&c, ctx, ret))
		handle_error(&c, cgroup, container);
	return 0;
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

	if (!is_error(ret) && !control.self_test)
		return 0;
	container = current_container(&cgroup);
	if (!container || !read_own_call(&c, ctx, ret) ||
		(c.nr != fork_calls[0] && c.nr != fork_calls[1]))
		return 0;
	struct wire_row *row = row_of(&c);

	if (row && ret < 0 && wants_error(row, -ret))
		handle_bare_failure(row, &c, cgroup, container);
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
	if (container && read_own_call(&c, ctx, ret))
		handle_error(&c, cgroup, container);
	return 0;
}

/* Keeps the second array in the object; its handler is loaded where there is a second prototype. */
SEC("?fexit/__x64_sys_openat")
int on_call_other(u64 *ctx)
{
	return handle_fexit(ctx);
}

char LICENSE[] SEC("license") = "GPL";
