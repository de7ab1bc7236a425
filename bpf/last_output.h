/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of output beside the records of it. Which files are a container's stdout and stderr: those that
 * its first program had as 1 and 2, whatever descriptor they are written through later (a dup, /dev/stderr,
 * /proc/1/fd/2, a log that is a link to one of these). And the last bytes of a process that writes more than is
 * sent: they are kept until its end, because that is where it says why.
 */
#ifndef KTRACE_LAST_OUTPUT_H
#define KTRACE_LAST_OUTPUT_H

#include "common.h"
#include "path.h"

/* Inodes by address: they stay what they are while the first program has them open. */
struct streams {
	u64 inodes[2]; /* of stdout and stderr */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64); /* container */
	__type(value, struct streams);
} streams __weak SEC(".maps");

static __always_inline u64 inode_of_fd(s32 fd)
{
	struct file *file = file_of_fd(fd);

	return file ? (u64)BPF_CORE_READ(file, f_inode) : 0;
}

/* At the start of a program: the first one of a container tells which its streams are. */
static __always_inline void note_streams(u64 container)
{
	struct streams fresh = { { inode_of_fd(1), inode_of_fd(2) } };

	if (!no_output && container != WIRE_OUTSIDE && !bpf_map_lookup_elem(&streams, &container))
		bpf_map_update_elem(&streams, &container, &fresh, BPF_NOEXIST);
}

/*
 * Descriptors that were found to be other files a moment ago, so that a program that writes a lot into these is not
 * asked each time. An answer holds for two ticks of the clock: a descriptor may be closed and become another file.
 */
#define OTHER_FILES 4096
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, OTHER_FILES);
	__type(key, u32);
	__type(value, u64);
} other_files __weak SEC(".maps");

#define OTHER_FD_MAX 1024 /* of the descriptors that are remembered */

/* The time by a clock that is cheap to read. */
static __always_inline u64 two_ticks(void)
{
	return HAS(FEATURE_JIFFIES, jiffies64) ? bpf_jiffies64() >> 1 : bpf_ktime_get_ns() >> 23;
}

/* Where the answer for a descriptor of the running process is kept, and what it is now if it holds. */
static __always_inline u64 *other_file(u32 fd, u64 *answer)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32, slot = (pid * 61 + fd) % OTHER_FILES;

	*answer = (u64)pid << 42 | (u64)(fd % OTHER_FD_MAX) << 32 | (u32)(two_ticks());
	return bpf_map_lookup_elem(&other_files, &slot);
}

/* Cheap enough to be asked before whose process it is: false for most writes of a container into files and sockets. */
static __always_inline bool may_be_stream(u32 fd)
{
	u64 answer, *other;

	if (no_output || !fd)
		return false;
	if (fd <= 2 || fd >= OTHER_FD_MAX)
		return true;
	other = other_file(fd, &answer);
	return !other || *other != answer;
}

/* 1 or 2 when this is the container's stdout or stderr, else 0: of a descriptor that is neither 1 nor 2. A global function: see walk_some. */
__weak __noinline u32 stream_of_other_fd(u64 container, u32 fd)
{
	u64 answer, *other = other_file(fd, &answer);

	if (!fd || !other || (*other == answer && fd < OTHER_FD_MAX))
		return 0;
	struct streams *s = bpf_map_lookup_elem(&streams, &container);
	u64 inode = s ? inode_of_fd(fd) : 0;

	if (inode && inode == s->inodes[1])
		return 2;
	if (inode && inode == s->inodes[0])
		return 1;
	*other = answer;
	return 0;
}

/* 1 or 2 when this is the container's stdout or stderr, else 0. */
static __always_inline u32 stream_of_fd(u64 container, u32 fd)
{
	return fd == 1 || fd == 2 ? fd : stream_of_other_fd(container, fd);
}

#define KEPT_MAX 1023 /* bytes of each half */

/* One half is filled while the other holds what came before: the last KiB at least. */
struct kept {
	volatile u32 half; /* the one that is filled, 0 or 1 */
	volatile u32 used[2];
	u32 stream;
	u8 bytes[2 * (KEPT_MAX + 1) + KEPT_MAX +
		 1]; /* and room behind for what the verifier thinks of */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, u32); /* process */
	__type(value, struct kept);
} kept __weak SEC(".maps");

/* Too large for the stack: what a new entry begins as. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kept);
} kept_empty __weak SEC(".maps");

static __always_inline struct kept *kept_of_process(void)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32, zero = 0;
	struct kept *k = bpf_map_lookup_elem(&kept, &pid), *empty;

	if (k)
		return k;
	empty = bpf_map_lookup_elem(&kept_empty, &zero);
	if (empty)
		bpf_map_update_elem(&kept, &pid, empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&kept, &pid);
}

/* The end of one stretch of memory that the running process wrote. A global function: see walk_some. */
__weak __noinline u32 keep_bytes(u64 from, u64 len, u32 stream)
{
	struct kept *k = kept_of_process();

	if (!k)
		return 0;
	k->stream = stream;
	if (len > KEPT_MAX) {
		from += len - KEPT_MAX;
		len = KEPT_MAX;
	}
	if (k->used[k->half & 1] + len > KEPT_MAX) {
		k->half = (k->half & 1) ^ 1;
		k->used[k->half & 1] = 0;
	}
	u32 half = k->half & 1, used = k->used[half];
	u64 at = half * (KEPT_MAX + 1) + bounded(used, KEPT_MAX);

	if (bpf_probe_read_user(
		    k->bytes + bounded(at, 2 * KEPT_MAX + 1), bounded(len, KEPT_MAX), (void *)from))
		return 0;
	k->used[half] = used + len;
	return len;
}

/* What follows was sent: nothing before it is last any more. */
static __always_inline void forget_kept(void)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_map_delete_elem(&kept, &pid);
}

static __always_inline void send_half(
	void *ctx, u64 cgroup, u64 container, struct kept *k, u32 half)
{
	u32 used = k->used[half & 1];
	struct scratch *s = used ? scratch_get(WIRE_OUTPUT, container) : NULL;

	if (!s)
		return;
	struct wire_output *e = (struct wire_output *)s->data;
	u32 size = sizeof(*e);

	fill_own_head(s, WIRE_OUTPUT, cgroup, container);
	e->fd = k->stream;
	e->error = 0;
	e->tail_len = 0;
	e->total = used;
	e->head_len = bounded(used, KEPT_MAX);
	if (bpf_probe_read_kernel(scratch_at(s, size), bounded(used, KEPT_MAX),
		    k->bytes + (half & 1) * (KEPT_MAX + 1)))
		e->head_len = 0;
	submit(ctx, s, &rare, size + e->head_len, BPF_RB_NO_WAKEUP, BUDGET_EXITS);
}

/* At the end of a process, before that is told: the older half and then the newer one. */
static __always_inline void send_kept(void *ctx, u64 cgroup, u64 container)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct kept *k = bpf_map_lookup_elem(&kept, &pid);

	if (!k)
		return;
	send_half(ctx, cgroup, container, k, k->half ^ 1);
	send_half(ctx, cgroup, container, k, k->half);
	bpf_map_delete_elem(&kept, &pid);
}

#endif
