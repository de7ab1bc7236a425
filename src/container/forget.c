// SPDX-License-Identifier: MIT
/*
 * What time does to the registry: what waited too long is passed on, the dead are dropped.
 *
 * A dead container's last events may still be on their way, so it is remembered for a while. A node that
 * runs short jobs all day long has thousands of those in a minute: only the latest removed are kept.
 */
#include "container/registry_private.h"

#define REMOVED_MAX 256
#define CACHES_MAX 64          /* of looks at files, of some 3 KiB each */
#define FORGET_NS 200000000ull /* each time all are gone through more than once */
#define IDLE_MAX 1024          /* cgroups named as containers in which nothing ever happened */

/* A live foreign entry is found again when it is needed. */
static bool is_forgotten(const struct entry *e, uint64_t now)
{
	uint64_t since = e->state == ENTRY_IGNORED ? e->made : e->dead_at;

	return since && now > since && now - since > LIFE_AFTER_DEATH_NS;
}

/* Anybody with a cgroup of his own can make thousands. One that begins to live is found again when it is needed. */
static bool is_idle(const struct entry *e)
{
	return e->state == ENTRY_SETTLED && !e->started && !e->init_pid && !e->removed && !e->lost;
}

static void forget_idle(struct registry *r)
{
	struct entry *e, *next;
	size_t idle = 0;

	HASH_ITER(hh, r->entries, e, next)
	idle += is_idle(e);
	HASH_ITER(hh, r->entries, e, next)
	{
		if (idle <= IDLE_MAX)
			return;
		if (is_idle(e)) {
			registry_drop(r, e);
			idle--;
		}
	}
}

/* They are for what fails again at once: where many look, each begins anew. */
static void forget_looks(struct registry *r)
{
	struct entry *e, *next;
	size_t caches = 0;

	HASH_ITER(hh, r->entries, e, next)
	caches += e->looks.cache != NULL;
	HASH_ITER(hh, r->entries, e, next)
	if (caches > CACHES_MAX)
		looks_free(&e->looks);
}

void registry_forget(struct registry *r, uint64_t now)
{
	struct entry *e, *next;
	size_t removed = 0;

	forget_idle(r);
	forget_looks(r);

	HASH_ITER(hh, r->entries, e, next)
	{
		if (is_forgotten(e, now)) {
			registry_drop(r, e);
		} else if (e->removed) {
			looks_free(&e->looks); /* there is nothing left to look at */
			removed++;
		}
	}
	/* uthash keeps the order of insertion: the first ones are the oldest. */
	HASH_ITER(hh, r->entries, e, next)
	{
		if (removed <= REMOVED_MAX)
			return;
		removed -= e->removed;
		if (e->removed)
			registry_drop(r, e);
	}
}

void registry_tick(struct registry *r, uint64_t now)
{
	struct entry *e, *next;
	struct call *call, *next_call;

	HASH_ITER(hh, r->entries, e, next)
	{
		if (e->state == ENTRY_WAITING)
			registry_settle(r, e, now > e->made && now - e->made > r->options.wait_ns);
	}
	HASH_ITER(hh, r->calls, call, next_call)
	{
		if (now > call->time && now - call->time > LIFE_AFTER_DEATH_NS)
			registry_drop_call(r, call);
	}
	if (now >= r->forget_next) {
		r->forget_next = now + FORGET_NS;
		registry_forget(r, now);
	}
	registry_watch(r, now);
}

static void move(uint64_t *time, int64_t by)
{
	if (*time)
		*time += (uint64_t)by;
}

void registry_clock_step(struct registry *r, int64_t by)
{
	struct entry *e, *next;
	struct call *call, *next_call;

	HASH_ITER(hh, r->entries, e, next)
	{
		move(&e->made, by);
		move(&e->started_at, by);
		move(&e->dead_at, by);
		move(&e->watch.next, by);
		move(&e->watch.since, by);
	}
	move(&r->warned_at, by);
	move(&r->watch_next, by);
	move(&r->forget_next, by);
	HASH_ITER(hh, r->calls, call, next_call)
	move(&call->time, by);
}
