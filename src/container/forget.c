// SPDX-License-Identifier: MIT
/*
 * A dead container's last events may still be on their way, so it is remembered for a while. A node that
 * runs short jobs all day long has thousands of those in a minute: only the latest removed are kept.
 */
#include "container/registry_private.h"

#define REMOVED_MAX 256

/* A live foreign entry is found again when it is needed. */
static bool is_forgotten(const struct entry *e, uint64_t now)
{
	uint64_t since = e->state == ENTRY_FOREIGN ? e->made : e->dead_at;

	return since && now > since && now - since > LIFE_AFTER_DEATH_NS;
}

void registry_forget(struct registry *r, uint64_t now)
{
	struct entry *e, *next;
	size_t removed = 0;

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
