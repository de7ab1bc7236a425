/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Containers with plain names. An id of 64 hexadecimal digits shows in the name of the cgroup; that of `runc run web` is
 * called "web" or, where systemd makes it, "runc-web.scope", as anything may be. So what root asks a runtime for is kept
 * for a moment, and the cgroup of that name that root makes in it is the container's. Users' calls are not kept: theirs
 * would push out root's.
 */
#ifndef KTRACE_CALLS_H
#define KTRACE_CALLS_H

#include "common.h"

#define CALL_ID_SIZE 128 /* with the NUL */
#define CALL_ARGS_MAX 48
#define CALL_LIFE_NS (30 * SECOND_NS)

struct call_key {
	char id[CALL_ID_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, struct call_key);
	__type(value, u64); /* when */
} calls __weak SEC(".maps");

/* "run", "create" or "restore", with zeros behind it. */
static __always_inline bool makes_container(const char *word)
{
	u64 eight = 0;

	__builtin_memcpy(&eight, word, sizeof(eight));
	return eight == *(const u64 *)"run\0\0\0\0" || eight == *(const u64 *)"create\0" ||
	       eight == *(const u64 *)"restore";
}

#define MAKES (1ULL << 32) /* of word_at() */

/* The bytes of an argument, with its NUL, and MAKES; 0: it cannot be read. A global function: see walk_some. */
__weak __noinline u64 word_at(u64 at)
{
	struct call_key key = {};
	long n = bpf_probe_read_user_str(key.id, sizeof(key.id), (void *)at);

	if (n <= 0)
		return 0;
	return (u32)n | (makes_container(key.id) ? MAKES : 0);
}

/*
 * Keeps what a runtime's command line asks for; the id is its last argument. A global function, as it loops
 * (see walk_some); the address is that of a struct mm_struct.
 */
__weak __noinline u32 note_call(u64 address)
{
	const struct mm_struct *mm = (const struct mm_struct *)address;
	u64 at = BPF_CORE_READ(mm, arg_start), end = BPF_CORE_READ(mm, arg_end);
	u64 now = boottime(), last = 0, makes = 0;
	struct call_key key = {};

	for (u32 i = 0; i < CALL_ARGS_MAX && at < end; i++) {
		u64 word = word_at(at);

		if (!word)
			return 0;
		makes |= word & MAKES;
		last = at;
		at += (u32)word;
	}
	if (makes && at == end && bpf_probe_read_user_str(key.id, sizeof(key.id), (void *)last) > 0)
		bpf_map_update_elem(&calls, &key, &now, BPF_ANY);
	return 0;
}

/* Whether that was asked for. What is found is used up. */
static __always_inline bool take_call(const struct scratch *s, u32 offset, u32 len)
{
	struct call_key key = {};

	bpf_probe_read_kernel(key.id, bounded(len, CALL_ID_SIZE - 1),
		s->data + bounded(offset, CALL_ID_SIZE - 1));
	const u64 *when = bpf_map_lookup_elem(&calls, &key);
	if (!when)
		return false;
	bool late = boottime() - *when > CALL_LIFE_NS;
	bpf_map_delete_elem(&calls, &key);
	return !late;
}

#endif
