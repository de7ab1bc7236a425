// SPDX-License-Identifier: MIT
#include "agent/failure_budget.h"

#include <string.h>

#include "diagnose/excerpt.h"
#include "util/hash.h"

#define SECOND 1000000000ULL
#define EACH (60 * SECOND)   /* one more in so long */
#define AT_ONCE 3            /* after a time without */
#define AGAIN (600 * SECOND) /* until an equal one is news */

static uint64_t add(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text) + 1);
}

/* Which process it was does not matter: a restarted worker fails as the one before it. */
static uint64_t hash_of(const struct event *e)
{
	const uint32_t numbers[] = { e->kind, (uint32_t)e->error, e->port };
	uint64_t hash = hash_bytes(HASH_START, numbers, sizeof(numbers));

	hash = add(hash, e->comm);
	hash = add(hash, e->syscall);
	hash = add(hash, e->path);
	hash = add(hash, e->executable);
	return add(hash, e->address);
}

static bool is_known(struct failure_budget *b, uint64_t hash, uint64_t now)
{
	for (size_t i = 0; i < FAILURE_BUDGET_KINDS; i++)
		if (b->seen[i] == hash && b->seen_at[i] && now < b->seen_at[i] + AGAIN)
			return true;
	return false;
}

bool failure_budget_takes(struct failure_budget *b, const struct event *e)
{
	uint64_t hash = hash_of(e);

	if (excerpt_is_ordinary(e) || is_known(b, hash, e->time))
		return false;
	if (b->spent_until < e->time)
		b->spent_until = e->time;
	if (b->spent_until + EACH > e->time + AT_ONCE * EACH)
		return false;
	b->spent_until += EACH;
	b->seen[b->next % FAILURE_BUDGET_KINDS] = hash;
	b->seen_at[b->next++ % FAILURE_BUDGET_KINDS] = e->time;
	return true;
}
