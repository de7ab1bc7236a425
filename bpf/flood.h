/* SPDX-License-Identifier: GPL-2.0 */
/* When to wake the reader of the ring that a flood of failures goes through, and when to keep one back. */
#ifndef KTRACE_FLOOD_H
#define KTRACE_FLOOD_H

#include "common.h"

#define FOLD_NS 250000000ULL /* equal failures within this time come as one record */
#define WAKE_NS 1000000ULL   /* the reader is woken at most this often by failures */

struct fold {
	u64 key;     /* hash of process, call, errno and path */
	u64 sent;    /* time of the last record */
	u32 repeats; /* equal ones since then */
	u32 pad;
};

/*
 * A key has two places to be in, and takes the one whose record is older. An array: a look-up in it costs a few
 * instructions, in a hash map a hundred. Nothing is locked; where two CPUs use one place at once, the worst is a record
 * too many, or a repeat that is counted for the other failure.
 */
#define FOLD_SETS 4096
struct fold_set {
	struct fold ways[2];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FOLD_SETS);
	__type(key, u32);
	__type(value, struct fold_set);
} folds __weak SEC(".maps");

static __always_inline u64 mix(u64 hash, u64 value)
{
	hash ^= value;
	hash *= 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/*
 * Of the last 256 bytes at most: the ends of paths differ, their heads do not. Nothing lies behind them yet: a word of zeros
 * does there, so that the last word is one like the others. A global function: see walk_some.
 */
__weak __noinline u64 hash_scratch(u32 slot, u32 offset, u32 len, u64 hash)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &slot);
	u32 from = len > 256 ? len - 256 : 0;

	if (!s)
		return hash;
	*(u64 *)scratch_at(s, offset + len) = 0;
	hash = mix(hash, len);
	for (u32 i = 0; i < 33; i++) {
		u32 at = from + i * sizeof(u64);

		if (at >= len)
			break;
		hash = mix(hash, *(u64 *)scratch_at(s, offset + at));
	}
	return hash;
}

/* When the reader was last woken by a failure. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} last_wake __weak SEC(".maps");

/* The key's place, or the one that it is to take. */
static __always_inline struct fold *fold_place(u64 key)
{
	u32 i = key & (FOLD_SETS - 1);
	struct fold_set *set = bpf_map_lookup_elem(&folds, &i);

	if (!set || set->ways[0].key == key)
		return set ? &set->ways[0] : NULL;
	if (set->ways[1].key == key || set->ways[1].sent < set->ways[0].sent)
		return &set->ways[1];
	return &set->ways[0];
}

/* True when an equal failure was sent a moment ago; else how many were kept back since the last one. */
static __always_inline bool fold(u64 key, u64 now, u32 *repeats)
{
	struct fold *f = fold_place(key);

	if (!f)
		return false;
	if (f->key == key && (s64)(now - f->sent) < (s64)FOLD_NS) {
		__sync_fetch_and_add(&f->repeats, 1);
		return true;
	}
	if (f->key == key)
		*repeats += f->repeats;
	f->key = key;
	f->repeats = 0;
	f->sent = now;
	return false;
}

/* Files are looked at right after a failure, so the reader must come at once; not for look-ups, though. */
static __always_inline u64 wake_for(u32 error, u64 now)
{
	u32 zero = 0;
	u64 *last;

	if (!HAS_RING)
		return 0;
	last = bpf_map_lookup_elem(&last_wake, &zero);
	if (error != 2 && last && (s64)(now - *last) > (s64)WAKE_NS) {
		*last = now;
		return BPF_RB_FORCE_WAKEUP;
	}
	if (bpf_ringbuf_query(&flood, BPF_RB_AVAIL_DATA) > WIRE_FLOOD_BYTES / 8)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

#endif
