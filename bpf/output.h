/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: what a process writes to stdout and stderr, also to /dev/null. The first and the last bytes of a
 * write, within a budget of each container; of what is over it the last KiB of each process comes at its end.
 */
#ifndef KTRACE_OUTPUT_H
#define KTRACE_OUTPUT_H

#include "common.h"
#include "flood.h"
#include "last_output.h"
#include "registers.h"

#define OUTPUT_WINDOW_NS 1000000000ULL
#define OUTPUT_WINDOW_BYTES 65536 /* of each container's stdout and stderr, each, in one window */

struct budget {
	u64 since;
	u64 bytes;
	u64 passed; /* it was over the budget once: bytes may be kept of some process */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64); /* container and stream */
	__type(value, struct budget);
} budgets SEC(".maps");

/* Within the container's budget for this stream? A global function: see walk_some. */
__weak __noinline u32 may_output(u64 container, u32 stream, u64 bytes, u64 now)
{
	u64 key = container << 2 | stream;
	struct budget *b = bpf_map_lookup_elem(&budgets, &key), fresh = { .since = now };

	if (!b) {
		bpf_map_update_elem(&budgets, &key, &fresh, BPF_ANY);
		return 1;
	}
	if ((s64)(now - b->since) > (s64)OUTPUT_WINDOW_NS) {
		b->since = now;
		b->bytes = 0;
	}
	__sync_fetch_and_add(&b->bytes, bytes);
	if (b->bytes >= OUTPUT_WINDOW_BYTES) {
		b->passed = 1;
		return 0;
	}
	if (b->passed)
		forget_kept();
	return 1;
}

/* The same by the number of writes. Before the record is made, as what is over it is kept as the process' last words. */
static __always_inline bool may_write(u64 container, u64 bytes, u64 now)
{
	u32 size = bytes < WIRE_OUTPUT_MAX ? bytes : WIRE_OUTPUT_MAX;

	return account_takes(
		container, BUDGET_OUTPUT, size, is_crowded(&flood, WIRE_FLOOD_BYTES), now);
}

#define HALF (WIRE_OUTPUT_MAX / 2)

/* The first and the last bytes of one stretch of memory. A global function: see walk_some. */
__weak __noinline u32 append_output(u32 slot, u32 offset, u64 from, u64 len)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);
	u32 n = len < WIRE_OUTPUT_MAX ? len : HALF;

	if (!s)
		return 0;
	struct wire_output *e = (struct wire_output *)s->data;

	if (!bpf_probe_read_user(
		    scratch_at(s, offset), bounded(n, 2 * WIRE_OUTPUT_MAX - 1), (void *)from))
		e->head_len = n;
	if (len < WIRE_OUTPUT_MAX)
		return e->head_len;
	if (!bpf_probe_read_user(
		    scratch_at(s, offset + e->head_len), HALF, (void *)from + (len - HALF)))
		e->tail_len = HALF;
	return e->head_len + e->tail_len;
}

struct iovec {
	const void *base;
	u64 len;
};

/*
 * A vector's pieces, one after the other, as far as they fit: programs write a line in two or three. A global function:
 * see walk_some.
 */
__weak __noinline u32 append_vector(u32 slot, u32 offset, u64 vector, u64 pieces)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);
	u64 total = 0;

	if (!s)
		return 0;
	struct wire_output *e = (struct wire_output *)s->data;
	volatile struct walk *w = &s->walk;

	w->len = 0;
	for (u32 i = 0; i < 8; i++) {
		struct iovec v = {};
		u32 space = WIRE_OUTPUT_MAX - w->len, n;

		if (i >= pieces ||
			bpf_probe_read_user(&v, sizeof(v), (void *)vector + i * sizeof(v)))
			break;
		total += v.len;
		n = v.len < space ? v.len : space;
		if (!bpf_probe_read_user(scratch_at(s, offset + w->len),
			    bounded(n, 2 * WIRE_OUTPUT_MAX - 1), v.base))
			w->len += n;
	}
	e->head_len = w->len;
	e->total = total;
	return w->len;
}

/* A vector's pieces by the end of each. A global function: see walk_some. */
__weak __noinline u32 keep_vector(u64 vector, u64 pieces, u32 stream)
{
	for (u32 i = 0; i < 4; i++) {
		struct iovec v = {};

		if (i >= pieces ||
			bpf_probe_read_user(&v, sizeof(v), (void *)vector + i * sizeof(v)))
			break;
		keep_bytes((u64)v.base, v.len, stream);
	}
	return 0;
}

static __always_inline void keep_output(const struct wire_row *row, const u64 *args, u32 stream)
{
	if (row->flags & ROW_OUTPUT_VEC)
		keep_vector(args[1], args[2], stream);
	else
		keep_bytes(args[1], args[2] & 0x7fffffff, stream);
}

static __always_inline void handle_output(
	const struct wire_row *row, const struct call *c, u64 cgroup, u64 container)
{
	u32 stream = no_output ? 0 : stream_of_fd(container, c->args[0]);

	if (!stream)
		return;
	u64 now = boottime(), bytes = c->ret > 0 ? c->ret : c->args[2] & 0xffff;
	if (!may_output(container, stream, bytes, now) || !may_write(container, bytes, now)) {
		count(WIRE_OUTPUT, COUNT_RATE);
		keep_output(row, c->args, stream);
		return;
	}
	struct scratch *s = scratch_get(WIRE_OUTPUT, container);
	if (!s)
		return;
	struct wire_output *e = (struct wire_output *)s->data;
	u32 size = sizeof(*e);

	fill_own_head(s, WIRE_OUTPUT, cgroup, container);
	e->fd = stream;
	e->error = c->ret < 0 ? -c->ret : 0;
	e->head_len = e->tail_len = 0;
	e->total = c->args[2];
	if (row->flags & ROW_OUTPUT_VEC)
		size += append_vector(s->slot, size, c->args[1], c->args[2]);
	else
		size += append_output(s->slot, size, c->args[1], c->args[2] & 0x7fffffff);
	submit(c->ctx, s, &flood, size, wake_for(2, e->head.time), BUDGET_NONE);
}

#endif
