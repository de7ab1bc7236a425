/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each container made, lost and may still send. Everybody shares two rings and one reader with a small share of
 * a processor, so what one container can put into them is bounded before it gets there, for each kind of record by
 * itself: its failed opens push out neither its exits nor anything of another one. A budget is a bucket of tokens, which
 * fills up with time; a record costs one, and one more for each 256 bytes. What is over it is counted for the container,
 * and so is what the rings had no space for: a diagnosis has to know what it does not know.
 */
#ifndef KTRACE_ACCOUNT_H
#define KTRACE_ACCOUNT_H

#include "kernel.h"

#include "ktrace/wire.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64); /* container, or a user who calls runtimes */
	__type(value, struct wire_account);
} accounts __weak SEC(".maps");

/* n, known to the verifier to be within mask: in assembler, as the compiler drops a mask that it finds idle. */
#define bounded(n, mask) \
	({ \
		u64 bounded_ = (n); \
		asm volatile("%0 &= %1" : "+r"(bounded_) : "i"(mask)); \
		bounded_; \
	})

/* What a new one begins as: it is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct wire_account);
} account_fresh __weak SEC(".maps");

#define SECOND_NS 1000000000ULL
#define REFILL_NS (SECOND_NS / 100)
#define REFILL_MAX_NS (60 * SECOND_NS) /* by then each is full */
#define COST_BYTES 256
#define WAITING_MAX 512 /* connections of one container that are waited for at once */

/* How many at once, and how many a second. */
static const struct {
	u32 burst, rate;
} budgets_of[BUDGET_SLOTS] = {
	[BUDGET_FAILURES] = { 4096, 400 },
	[BUDGET_EXECS] = { 2048, 200 },
	[BUDGET_EXITS] = { 2048, 200 },
	[BUDGET_SIGNALS] = { 256, 50 },
	[BUDGET_OUTPUT] = { 1024, 400 },
	[BUDGET_CONNECTS] = { 1024, 100 },
	[BUDGET_CGROUPS] = { 1024, 10 },
};

/* NULL: outside of all containers, where nothing is bounded, or no memory. */
static __always_inline struct wire_account *account_of(u64 key)
{
	struct wire_account *a = bpf_map_lookup_elem(&accounts, &key), *fresh;
	u32 zero = 0;

	if (a || key <= WIRE_OUTSIDE)
		return a;
	fresh = bpf_map_lookup_elem(&account_fresh, &zero);
	if (fresh)
		bpf_map_update_elem(&accounts, &key, fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&accounts, &key);
}

/* Returns the most that there can be. */
static __always_inline s64 refill(struct wire_tokens *t, u32 budget, u64 now)
{
	/* below 0: another CPU was here, and is ahead */
	s64 since = now - t->at, left = t->left, burst = budgets_of[budget].burst;

	if (since < (s64)REFILL_NS)
		return burst;
	if (since > (s64)REFILL_MAX_NS)
		since = REFILL_MAX_NS;
	left += (u64)since * budgets_of[budget].rate / SECOND_NS;
	t->at = now;
	t->left = left > burst ? burst : left;
	return burst;
}

/*
 * Takes the tokens for a record of so many bytes, or counts it as over the budget. Of a ring the second half is kept for
 * those who sent little so far. False: it is not to be sent.
 */
static __always_inline bool take(struct wire_account *a, u32 budget, u32 size, u32 crowded, u64 now)
{
	u32 slot = bounded(budget, BUDGET_SLOTS - 1);
	struct wire_tokens *t = &a->tokens[slot];
	s64 cost = 1 + size / COST_BYTES, burst;

	burst = refill(t, slot, now);
	if (t->left < cost || (crowded && t->left < burst / 2)) {
		__sync_fetch_and_add(&a->over[slot], 1);
		return false;
	}
	__sync_fetch_and_add(&t->left, -cost);
	return true;
}

/*
 * The next ones are global functions, which the verifier walks once and not at each place that calls them.
 *
 * Whether the budget has room for it, whose tokens are taken then.
 */
__weak __noinline u32 account_takes(u64 key, u32 budget, u32 size, u32 crowded, u64 now)
{
	struct wire_account *a = account_of(key);

	return !a || budget >= WIRE_BUDGETS || take(a, budget, size, crowded, now);
}

/* The same for a record that is sent now: it counts as produced. */
static __always_inline bool account_sends(u64 key, u32 budget, u32 size, u32 crowded, u64 now)
{
	struct wire_account *a = account_of(key);

	if (!a)
		return true;
	if (budget < WIRE_BUDGETS && !take(a, budget, size, crowded, now))
		return false;
	__sync_fetch_and_add(&a->produced, 1);
	return true;
}

/* A record that there was no room to make: it counts as produced, and lost. */
__weak __noinline u32 account_unmade(u64 key)
{
	struct wire_account *a = account_of(key);

	if (a) {
		__sync_fetch_and_add(&a->produced, 1);
		__sync_fetch_and_add(&a->lost, 1);
	}
	return 0;
}

/* A record that counts as produced had nowhere to be put. */
__weak __noinline u32 account_lost(u64 key)
{
	struct wire_account *a = account_of(key);

	if (a)
		__sync_fetch_and_add(&a->lost, 1);
	return 0;
}

/* One more, or one less, connection that was not answered yet. 0: there are too many, which is counted. */
__weak __noinline u32 account_waits(u64 key, u32 more)
{
	struct wire_account *a = account_of(key);

	if (!a)
		return 1;
	if (!more) {
		if (a->waiting)
			__sync_fetch_and_add(&a->waiting, -1ULL);
		return 1;
	}
	if (a->waiting >= WAITING_MAX) {
		__sync_fetch_and_add(&a->over[BUDGET_CONNECTS], 1);
		return 0;
	}
	__sync_fetch_and_add(&a->waiting, 1);
	return 1;
}

#define HAS_RING HAS(FEATURE_RING_BUFFER, ringbuf_output)

/* Of a perf buffer the programs cannot know. */
static __always_inline bool is_crowded(void *ring, u32 size)
{
	return HAS_RING && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > size / 2;
}

#endif
