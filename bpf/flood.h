/* SPDX-License-Identifier: GPL-2.0 */
/* When to wake the reader of the ring that a flood of failures goes through, and when to keep one back. */
#ifndef KTRACE_FLOOD_H
#define KTRACE_FLOOD_H

#include "common.h"

#define FOLD_NS 250000000ULL /* equal failures within this time come as one record */
#define WAKE_NS 1000000ULL   /* the reader is woken at most this often by failures */

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

/* When the reader was last woken by a failure. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} last_wake SEC(".maps");

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

#endif
