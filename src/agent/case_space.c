// SPDX-License-Identifier: MIT
/*
 * All stories together have one budget, of which each living container has a fair share: one with a thousand processes
 * that talk, or a thousand that fail five hundred times each, may use what the others leave and no more. The largest
 * story gives first, and forgets what is oldest and least useful in it; what it forgot is counted for its container.
 */
#include "agent/case.h"
#include "agent/heap.h"

/* A container's names and mounts, what its records say alike, its budgets: as measured, more than many a story. */
#define CONTAINER_BYTES 4096

static size_t bytes_of(const struct container_case *c)
{
	return sizeof(*c) + CONTAINER_BYTES + story_bytes(c->story);
}

static struct container_case *largest_of(struct container_case *cases)
{
	struct container_case *largest = cases;

	for (struct container_case *c = cases; c; c = c->hh.next)
		if (c->bytes > largest->bytes)
			largest = c;
	return largest;
}

size_t cases_bytes(struct container_case *cases)
{
	size_t total = 0;

	for (struct container_case *c = cases; c; c = c->hh.next)
		total += c->bytes = bytes_of(c);
	return total;
}

void cases_shrink(struct container_case *cases, size_t most)
{
	size_t total = cases_bytes(cases), before = total;

	while (total > most) {
		struct container_case *c = largest_of(cases);
		size_t bytes = c->bytes;
		story_shrink(c->story, bytes / 2);
		c->bytes = bytes_of(c);
		if (c->bytes >= bytes)
			break; /* there is nothing left that could be forgotten */
		total -= bytes - c->bytes;
	}
	if (total < before)
		heap_trim();
}

struct container_case *cases_least_useful(struct container_case *cases)
{
	struct container_case *idle = NULL;
	const struct story_entry *entries;

	for (struct container_case *c = cases; c; c = c->hh.next) {
		if (c->gone)
			return c;
		if (!idle && !story_first_process(c->story) &&
			story_entries(c->story, &entries) <= 1)
			idle = c;
	}
	return idle ?: cases;
}
