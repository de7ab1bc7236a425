/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every program does alike: decide whose task it is, fill a record's head, build a record in a
 * scratch buffer, count it and send it.
 *
 * A record is built in a buffer of this CPU and copied into the ring in its true size, because the
 * verifier wants a constant size for a reservation and paths are of any size. A program can be
 * preempted by another one on the same CPU (fexit programs run with only migration off), so there are
 * a few buffers, each owned by whoever counted itself in alone.
 */
#ifndef KTRACE_COMMON_H
#define KTRACE_COMMON_H

#include "kernel.h"

#include "account.h"
#include "ktrace/wire.h"
#include "pids.h"

#define SCRATCH_BUFFERS 3
#define READ_MAX 4096 /* of one append: the slack behind the record */

/*
 * Where a walk up a path stands. In the buffer and not in registers, as is the record's size below: a
 * value read from a map is "anything" to the verifier, so that one round of the loop (or one way past
 * an optional string) looks like the other to it and it does not follow each way through all the rest.
 */
struct walk {
	struct dentry *dentry, *root_dentry;
	struct vfsmount *mnt, *root_mnt;
	u32 len;
};

struct scratch {
	u64 inside;        /* programs that are in here; an owner is alone */
	u32 slot;          /* which of the buffers this is */
	volatile u32 size; /* of the record so far */
	volatile u64 hash; /* of what makes two failures equal */
	volatile struct walk walk;
	u8 data[WIRE_RECORD_MAX + READ_MAX];
};

/*
 * Records that must survive a flood of failed calls have a ring of their own. Where the kernel has no rings user space makes
 * perf buffers of both.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_RARE_BYTES);
} rare __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_FLOOD_BYTES);
} flood __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct wire_track);
} tracked __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_BUFFERS);
	__type(key, u32);
	__type(value, struct scratch);
} scratches __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WIRE_KINDS *COUNT_REASONS);
	__type(key, u32);
	__type(value, u64);
} counts __weak SEC(".maps");

/* Set before loading. */
/* containers are found by the v1 memory hierarchy */
const volatile bool cgroup_v1 __weak = false;
const volatile bool track_outside __weak = false;
const volatile bool no_output __weak = false;
const volatile __u32 agent_tgid __weak = 0;

static __always_inline void count(u32 kind, u32 reason)
{
	u32 key = kind * COUNT_REASONS + reason;
	u64 *n = bpf_map_lookup_elem(&counts, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* A record that there was no room to make. */
static __always_inline void count_unmade(u32 kind, u32 reason, u64 container)
{
	count(kind, COUNT_PRODUCED);
	count(kind, reason);
	account_unmade(container);
}

/* Whether a cgroup's id is its inode's number and no more. */
#define ID_IS_WHOLE (!bpf_core_field_exists(struct kernfs_node___parted, id.id))

static __always_inline u64 cgroup_id(const struct cgroup *cgrp)
{
	struct kernfs_node *kn = BPF_CORE_READ(cgrp, kn);

	if (ID_IS_WHOLE)
		return BPF_CORE_READ(kn, id);
	return (u32)BPF_CORE_READ((struct kernfs_node___parted *)kn, id.id);
}

static __always_inline u64 task_cgroup(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);

	if (cgroup_v1) {
		struct cgroup_subsys_state *css;
		u32 i = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);

		bpf_core_read(&css, sizeof(css), &set->subsys[i]);
		return cgroup_id(BPF_CORE_READ(css, cgroup));
	}
	return cgroup_id(BPF_CORE_READ(set, dfl_cgrp));
}

static __always_inline u64 current_cgroup(void)
{
	if (HAS(FEATURE_CGROUP_ID, get_current_cgroup_id) && ID_IS_WHOLE && !cgroup_v1)
		return bpf_get_current_cgroup_id();
	return task_cgroup(current_task());
}

static __always_inline bool is_self(struct task_struct *task)
{
	u32 agent = control.self_test;

	return agent && (process_pid(task) == agent ||
				process_pid(BPF_CORE_READ(task, real_parent)) == agent);
}

/* The container of a cgroup, WIRE_OUTSIDE where those are asked for, else 0. */
static __always_inline u64 container_of_cgroup(u64 cgroup)
{
	struct wire_track *t = bpf_map_lookup_elem(&tracked, &cgroup);

	if (control.stopped)
		return 0;
	if (t)
		return t->container;
	return track_outside ? WIRE_OUTSIDE : 0;
}

/* The same for the running task; it ends here for nearly all of them. */
static __always_inline u64 current_container(u64 *cgroup)
{
	u64 container;

	*cgroup = current_cgroup();
	container = container_of_cgroup(*cgroup);
	if (track_outside && container == WIRE_OUTSIDE &&
		process_pid(current_task()) == agent_tgid && !control.self_test)
		return 0;
	if (!container && control.self_test && is_self(current_task()))
		return WIRE_OUTSIDE;
	return container;
}

static __always_inline void begin_head(
	struct wire_head *h, u8 kind, struct task_struct *task, u64 cgroup, u64 container)
{
	h->kind = kind;
	h->flags = is_self(task) ? WIRE_SELF : 0;
	h->cgroup = cgroup;
	h->container = container;
	h->pad = 0;
}

/* Of any task. */
static __always_inline void fill_head(
	struct wire_head *h, u8 kind, struct task_struct *task, u64 cgroup, u64 container)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	begin_head(h, kind, task, cgroup, container);
	h->pid = process_pid(task);
	h->tid = thread_pid(task);
	h->vpid = process_vpid(task);
	h->parent_pid = process_pid(parent);
	h->uid = BPF_CORE_READ(task, cred, euid.val);
	h->gid = BPF_CORE_READ(task, cred, egid.val);
	/* The process' name, not the thread's: "redis-server", and not "bio_lazy_free". */
	bpf_core_read(&h->comm, sizeof(h->comm), &leader->comm);
	bpf_core_read(&h->parent_comm, sizeof(h->parent_comm), &parent->comm);
}

/* Of the running task, into a buffer's record. A global function: see walk_some. */
__weak __noinline u32 fill_head_of_own(u32 slot, u32 kind, u64 cgroup, u64 container)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);

	if (!s)
		return 0;
	struct wire_head *h = (struct wire_head *)s->data;

	if (!TYPED_TASK || agent_pid_ns) {
		fill_head(h, kind, current_task(), cgroup, container);
		return 0;
	}
	struct task_struct *task = bpf_get_current_task_btf();
	const struct task_struct *own = followed(task);
	const struct task_struct *parent = own->real_parent, *leader = own->group_leader;
	const struct cred *cred = own->cred;

	begin_head(h, kind, task, cgroup, container);
	h->pid = task->tgid;
	h->tid = task->pid;
	h->vpid = pid_in_own(leader->thread_pid, leader->thread_pid->level);
	h->parent_pid = parent->tgid;
	h->uid = cred->euid.val;
	h->gid = cred->egid.val;
	__builtin_memcpy(h->comm, leader->comm, sizeof(h->comm));
	__builtin_memcpy(h->parent_comm, parent->comm, sizeof(h->parent_comm));
	return 0;
}

static __always_inline void fill_own_head(struct scratch *s, u8 kind, u64 cgroup, u64 container)
{
	fill_head_of_own(s->slot, kind, cgroup, container);
}

/* Whose account it is: a container's, or of a user who calls himself a runtime. */
static __always_inline u64 account_key(const struct wire_head *h)
{
	return h->kind != WIRE_RUNTIME || !h->uid ? h->container : WIRE_USER | h->uid;
}

/* A buffer that nobody else on this CPU is in, with the record's time; NULL when there is none: a record of this kind is lost. */
static __always_inline struct scratch *scratch_get(u32 kind, u64 container)
{
	for (u32 i = 0; i < SCRATCH_BUFFERS; i++) {
		u32 key = i;
		struct scratch *s = bpf_map_lookup_elem(&scratches, &key);

		if (!s)
			break;
		__sync_fetch_and_add(&s->inside, 1);
		if (*(volatile u64 *)&s->inside == 1) {
			s->slot = i;
			((struct wire_head *)s->data)->time = boottime();
			return s;
		}
		__sync_fetch_and_add(&s->inside, -1ULL);
	}
	count_unmade(kind, COUNT_BUSY, container);
	return NULL;
}

static __always_inline void scratch_put(struct scratch *s)
{
	__sync_fetch_and_add(&s->inside, -1ULL);
}

static __always_inline void *scratch_at(struct scratch *s, u32 offset)
{
	return s->data + bounded(offset, WIRE_RECORD_MAX - 1);
}

/* Takes the budget for a record of so many bytes, and counts it. False: it is not to be sent, and the buffer was given back. */
static __always_inline bool may_submit(struct scratch *s, u32 size, u32 budget, bool crowded)
{
	struct wire_head *h = (struct wire_head *)s->data;
	bool sends = account_sends(account_key(h), budget, size, crowded, h->time);

	h->size = size;
	count(h->kind, sends ? COUNT_PRODUCED : COUNT_RATE);
	if (!sends)
		scratch_put(s);
	return sends;
}

/* After it was put into the ring, or not. */
static __always_inline void submitted(struct scratch *s, long err)
{
	struct wire_head *h = (struct wire_head *)s->data;

	if (err) {
		count(h->kind, COUNT_FULL);
		account_lost(account_key(h));
	}
	scratch_put(s);
}

/* A global function: see walk_some. `rarely`: into the ring of that name. */
__weak __noinline u32 submit_to_ring(u32 slot, u32 rarely, u32 size, u64 wake, u32 budget)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);
	bool crowded = budget < WIRE_BUDGETS && (rarely ? is_crowded(&rare, WIRE_RARE_BYTES)
							: is_crowded(&flood, WIRE_FLOOD_BYTES));

	if (!HAS_RING || !s || !may_submit(s, size, budget, crowded))
		return 0;
	submitted(s, rarely ? bpf_ringbuf_output(
				      &rare, s->data, bounded(size, WIRE_RECORD_MAX - 1), wake)
			    : bpf_ringbuf_output(
				      &flood, s->data, bounded(size, WIRE_RECORD_MAX - 1), wake));
	return 0;
}

/*
 * Sends data[0..size), where the container's budget allows it, and gives the buffer back: into the ring or, where the kernel
 * has none, into this CPU's perf buffer, which wakes the reader each time. ctx is the program's own.
 */
static __always_inline void submit(
	void *ctx, struct scratch *s, void *ring, u32 size, u64 wake, u32 budget)
{
	if (size > WIRE_RECORD_MAX - 1)
		size = WIRE_RECORD_MAX - 1;
	if (HAS_RING)
		submit_to_ring(s->slot, ring == &rare, size, wake, budget);
	else if (may_submit(s, size, budget, false))
		submitted(s, bpf_perf_event_output(ctx, ring, BPF_F_CURRENT_CPU, s->data,
				     bounded(size, WIRE_RECORD_MAX - 1)));
}

/* Each append, here and elsewhere, returns the bytes that it added at offset; strings are added without their NUL. */

static __always_inline u32 append_user_string(
	struct scratch *s, u32 offset, const void *from, u32 max)
{
	long n = bpf_probe_read_user_str(scratch_at(s, offset), max, from);

	return n > 1 ? n - 1 : 0;
}

static __always_inline u32 append_kernel_string(
	struct scratch *s, u32 offset, const void *from, u32 max)
{
	long n = bpf_probe_read_kernel_str(scratch_at(s, offset), max, from);

	return n > 1 ? n - 1 : 0;
}

#endif
