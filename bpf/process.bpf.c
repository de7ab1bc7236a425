// SPDX-License-Identifier: GPL-2.0
/* Programs that start and end, and what ends them: exec, exit, signals, OOM kills. */
#include "calls.h"
#include "common.h"
#include "last_output.h"
#include "path.h"

/* The arguments lie in the process' own memory, one after the other, each with its NUL. */
static __always_inline u32 append_args(struct scratch *s, u32 offset, struct mm_struct *mm)
{
	struct wire_head *h = (struct wire_head *)s->data;
	unsigned long start = BPF_CORE_READ(mm, arg_start), end = BPF_CORE_READ(mm, arg_end);
	u64 len = end - start;

	if (end <= start)
		return 0;
	if (len > WIRE_ARGS_MAX) {
		len = WIRE_ARGS_MAX;
		h->flags |= WIRE_CUT;
	}
	if (bpf_probe_read_user(
		    scratch_at(s, offset), bounded(len, 2 * WIRE_ARGS_MAX - 1), (void *)start))
		return 0;
	return len;
}

#define WORD(a, b, c, d) ((u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* 1 or 0, without a branch: the verifier would follow each one's both ways through all that comes after. */
static __always_inline u64 differ(u32 a, u32 b)
{
	u64 bits = a ^ b;

	asm volatile("" : "+r"(bits));
	return -bits >> 63;
}

/*
 * runc, crun, youki (also docker-runc, runsc): the callers' --bundle argument says where a
 * container's description lies, before the container is there. A global function (see walk_some); the address is that of a
 * struct task_struct.
 */
__weak __noinline u32 is_oci_runtime(u64 address)
{
	struct task_struct *task = (struct task_struct *)address;
	u8 comm[16] = {};
	u32 word = 0; /* the last four */
	u64 others = 1;

	bpf_core_read(&comm, sizeof(comm), &task->comm);
	for (int i = 0; i < 16; i++) {
		word = word << 8 | comm[i];
		others &= differ(word, WORD('r', 'u', 'n', 'c')) &
			  differ(word, WORD('r', 'u', 'n', 's')) &
			  differ(word, WORD('c', 'r', 'u', 'n'));
		if (i == 3)
			others &= differ(word, WORD('y', 'o', 'u', 'k'));
	}
	return !others;
}

/*
 * Anybody can start a program called runc and claim what he likes, also a set-uid program under that name. What is said
 * counts only for the caller's own containers (see registry.c), so it has to be known who he is: one user, and where
 * that is root the node's own and not one of a user namespace.
 */
static __always_inline bool may_call_runtime(struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	u32 uid = BPF_CORE_READ(cred, uid.val);

	return uid == BPF_CORE_READ(cred, euid.val) &&
	       (uid || !BPF_CORE_READ(cred, user_ns, level));
}

SEC("raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	struct linux_binprm *bprm = (struct linux_binprm *)ctx->args[2];
	u64 cgroup, container = current_container(&cgroup);
	u8 kind = WIRE_EXEC;

	if (!container || container == WIRE_OUTSIDE) {
		if (is_oci_runtime((u64)task) && may_call_runtime(task))
			kind = WIRE_RUNTIME;
		else if (!container)
			return 0;
	}
	if (kind == WIRE_EXEC)
		note_streams(container);
	struct scratch *s = scratch_get(kind, container);
	if (!s)
		return 0;
	struct wire_exec *e = (struct wire_exec *)s->data;
	const char *filename = BPF_CORE_READ(bprm, filename), *interp = BPF_CORE_READ(bprm, interp);
	u32 size = sizeof(*e);

	fill_own_head(s, kind, cgroup, container);
	e->argc = BPF_CORE_READ(bprm, argc);
	e->pad = 0;
	size += e->executable_len = append_kernel_string(s, size, filename, WIRE_PATH_MAX);
	e->interpreter_len = 0;
	if (interp != filename)
		size += e->interpreter_len = append_kernel_string(s, size, interp, 2048);
	size += e->dir_len = append_cwd(s, size);
	size += e->args_len = append_args(s, size, BPF_CORE_READ(task, mm));
	if (kind == WIRE_RUNTIME && !e->head.uid)
		note_call((u64)BPF_CORE_READ(task, mm));
	submit(ctx, s, &rare, size, BPF_RB_FORCE_WAKEUP, BUDGET_EXECS);
	return 0;
}

/*
 * Processes whose end was reported. The count of live threads is lowered a while before the hook is called, so of
 * threads that end at the same time on several CPUs each may find that it was the last one.
 */
struct ended {
	u64 started;
	u32 pid;
	u32 pad;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct ended);
	__type(value, u8);
} ends SEC(".maps");

#define EEXIST 17

static __always_inline u64 started_at(struct task_struct *task)
{
	struct task_struct___real *real = (struct task_struct___real *)task;

	return bpf_core_field_exists(task->start_boottime) ? BPF_CORE_READ(task, start_boottime)
							   : BPF_CORE_READ(real, real_start_time);
}

static __always_inline bool was_reported(struct task_struct *task)
{
	struct ended end = {
		.started = started_at(BPF_CORE_READ(task, group_leader)),
		.pid = BPF_CORE_READ(task, tgid),
	};
	u8 yes = 1;

	return bpf_map_update_elem(&ends, &end, &yes, BPF_NOEXIST) == -EEXIST;
}

/* Called for each thread, before it leaves its cgroup; only the last one ends the process. */
SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	u64 cgroup, container = current_container(&cgroup);

	if (!container || BPF_CORE_READ(signal, live.counter) != 0 || was_reported(task))
		return 0;
	send_kept(ctx, cgroup, container);
	struct scratch *s = scratch_get(WIRE_EXIT, container);
	if (!s)
		return 0;
	struct wire_exit *e = (struct wire_exit *)s->data;
	bool group = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT;

	fill_own_head(s, WIRE_EXIT, cgroup, container);
	e->status = group ? BPF_CORE_READ(signal, group_exit_code)
			  : BPF_CORE_READ(task, group_leader, exit_code);
	e->pad = 0;
	e->runtime_ns = e->head.time - started_at(BPF_CORE_READ(task, group_leader));
	/* The container's own end is one of these: its first process, or one that was there for a while. */
	bool lasting = e->head.vpid == 1 || e->runtime_ns > SECOND_NS;
	submit(ctx, s, &rare, sizeof(*e), BPF_RB_FORCE_WAKEUP,
		lasting ? BUDGET_NONE : BUDGET_EXITS);
	return 0;
}

/* HUP INT QUIT ILL TRAP ABRT BUS FPE KILL SEGV PIPE TERM STKFLT XCPU XFSZ SYS: those that end a process and show why. */
#define BIT(n) (1ULL << (n))
static const u64 signals_reported = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) |
				    BIT(8) | BIT(9) | BIT(11) | BIT(13) | BIT(15) | BIT(16) |
				    BIT(24) | BIT(25) | BIT(31);

/*
 * Whom the kernel killed last on this CPU: mark_victim on older kernels says no more than a pid. It also
 * comes after the SIGKILL, and the victim may have ended by then: the kill's time puts them in order.
 */
struct victim {
	u64 task;
	u64 time;
	u32 pid;
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct victim);
} last_victim SEC(".maps");

#define TRACE_SIGNAL_IGNORED 1    /* include/trace/events/signal.h */
#define SEND_SIG_PRIV ((void *)1) /* include/linux/sched/signal.h: from the kernel */

SEC("raw_tp/signal_generate")
int on_signal(struct bpf_raw_tracepoint_args *ctx)
{
	u32 signo = ctx->args[0];
	struct kernel_siginfo *info = (struct kernel_siginfo *)ctx->args[1];
	struct task_struct *target = (struct task_struct *)ctx->args[2];
	bool from_kernel = info == SEND_SIG_PRIV;
	s32 code = 0;

	if (signo > 31 || !(signals_reported & BIT(signo & 31)))
		return 0;
	/* Whoever ignores it (most servers) gets one for each write to a peer that left. */
	if (signo == SIGPIPE && ctx->args[4] == TRACE_SIGNAL_IGNORED)
		return 0;
	if (from_kernel && signo == SIGKILL) {
		u32 zero = 0;
		struct victim *v = bpf_map_lookup_elem(&last_victim, &zero);

		if (v) {
			v->task = (u64)target;
			v->time = boottime();
			v->pid = BPF_CORE_READ(target, pid);
		}
	}
	u64 cgroup = task_cgroup(target), container = container_of_cgroup(cgroup);
	if (!container && is_self(target))
		container = WIRE_OUTSIDE;
	if (!container)
		return 0;
	if ((u64)info > 1) {
		code = BPF_CORE_READ(info, si_code);
		/* SI_USER, SI_TKILL, SI_QUEUE are 0 and below */
		from_kernel = code > 0;
	}
	struct scratch *s = scratch_get(WIRE_SIGNAL, container);
	if (!s)
		return 0;
	struct wire_signal *e = (struct wire_signal *)s->data;

	fill_head(&e->head, WIRE_SIGNAL, target, cgroup, container);
	__builtin_memset(e->sender_comm, 0, sizeof(e->sender_comm));
	e->signo = signo;
	e->code = code;
	e->pad = 0;
	e->sender_pid = 0;
	e->sender_container = container;
	if (!from_kernel) {
		u64 sender_cgroup;

		e->sender_pid = process_pid(current_task());
		e->sender_container = current_container(&sender_cgroup);
		bpf_get_current_comm(e->sender_comm, sizeof(e->sender_comm));
	}
	submit(ctx, s, &rare, sizeof(*e), BPF_RB_FORCE_WAKEUP,
		e->sender_container == container ? BUDGET_SIGNALS : BUDGET_NONE);
	return 0;
}

#define PAGE_SHIFT 12 /* of the page counters; arm64 with larger pages sets page_shift */
const volatile __u32 page_shift = PAGE_SHIFT;
#define LEVELS 8 /* of memory cgroups above the victim's */
#define COUNTER_UNLIMITED (1ULL << 48)

/* The memory cgroup that was full: the nearest one above the victim that is at its limit. */
static __always_inline void oom_scope(struct task_struct *victim, struct wire_oom *e)
{
	u32 i = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	struct css_set *set = BPF_CORE_READ(victim, cgroups);
	struct cgroup_subsys_state *css = NULL;

	bpf_core_read(&css, sizeof(css), &set->subsys[i]);
	for (u32 level = 0; css && level < LEVELS; level++) {
		struct mem_cgroup *memcg =
			(void *)css - bpf_core_field_offset(struct mem_cgroup, css);
		u64 max = BPF_CORE_READ(memcg, memory.max);
		u64 usage = BPF_CORE_READ(memcg, memory.usage.counter);

		/* A charge that would pass the limit is taken back: usage is a batch (64 pages) below. */
		if (max < COUNTER_UNLIMITED && usage + 128 >= max) {
			e->limit_bytes = max << page_shift;
			e->levels_up = level;
			return;
		}
		css = BPF_CORE_READ(css, parent);
	}
}

/* Indexed by hand: relocations follow no variable index. */
static __always_inline u64 rss_bytes(struct mm_struct *mm, u32 kind)
{
	void *counter;
	s64 pages = 0;

	/*
	 * Not bpf_core_type_exists(struct mm_rss_stat): for a type that vmlinux lacks libbpf goes through the
	 * modules' BTF, which needs CAP_SYS_ADMIN. A struct where the kernel has an array does not match.
	 */
	if (bpf_core_field_exists(struct mm_struct___plain, rss_stat))
		counter = (void *)mm + bpf_core_field_offset(struct mm_struct___plain, rss_stat) +
			  kind * sizeof(s64);
	else
		counter = (void *)mm + bpf_core_field_offset(struct mm_struct, rss_stat) +
			  kind * bpf_core_type_size(struct percpu_counter) +
			  bpf_core_field_offset(struct percpu_counter, count);
	bpf_probe_read_kernel(&pages, sizeof(pages), counter);
	return pages > 0 ? (u64)pages << page_shift : 0;
}

/*
 * The argument is the victim, or on kernels before 5.10.22x only its pid: the signature changed within
 * stable series, so the value itself decides. `current` is whoever asked for memory, not the victim.
 */
SEC("raw_tp/mark_victim")
int on_oom(struct bpf_raw_tracepoint_args *ctx)
{
	u64 arg = ctx->args[0];
	struct task_struct *victim = (struct task_struct *)arg;
	u32 zero = 0;
	struct victim *v = bpf_map_lookup_elem(&last_victim, &zero);

	if (arg < 1ULL << 47) {
		if (!v || v->pid != (u32)arg)
			return 0;
		victim = (struct task_struct *)v->task;
	}
	u64 cgroup = task_cgroup(victim), container = container_of_cgroup(cgroup);
	if (!container)
		return 0;
	struct scratch *s = scratch_get(WIRE_OOM, container);
	if (!s)
		return 0;
	struct wire_oom *e = (struct wire_oom *)s->data;
	struct mm_struct *mm = BPF_CORE_READ(victim, mm);

	fill_head(&e->head, WIRE_OOM, victim, cgroup, container);
	if (v && v->task == (u64)victim && e->head.time - v->time < 1000000000)
		e->head.time = v->time;
	e->limit_bytes = 0;
	e->levels_up = 0;
	e->pad = 0;
	oom_scope(victim, e);
	e->file_bytes = rss_bytes(mm, 0);
	e->anon_bytes = rss_bytes(mm, 1);
	e->shmem_bytes = rss_bytes(mm, 3);
	submit(ctx, s, &rare, sizeof(*e), BPF_RB_FORCE_WAKEUP, BUDGET_NONE);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
