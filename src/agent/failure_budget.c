// SPDX-License-Identifier: MIT
#include "agent/failure_budget.h"

#include <errno.h>
#include <string.h>

#include "diagnose/excerpt.h"
#include "util/hash.h"

#define SECOND 1000000000ULL
#define EACH (60 * SECOND) /* one more in so long */
#define AT_ONCE 3          /* after a time without */
#define DNS_PORT 53
#define AGAIN (600 * SECOND) /* until an equal one is news */

static uint64_t add(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text) + 1);
}

/* Which process it was does not matter: a restarted worker fails as the one before it. */
static uint64_t hash_of(const struct event *e)
{
	uint64_t hash = hash_number(HASH_START, e->kind);

	hash = hash_number(hash, (uint64_t)e->error);
	hash = hash_number(hash, e->port);
	hash = add(hash, e->comm);
	hash = add(hash, e->syscall);
	hash = add(hash, e->path);
	hash = add(hash, e->executable);
	return add(hash, e->address);
}

static bool may_take_another_way(const struct event *e)
{
	return e->kind == EVENT_NETWORK_ERROR &&
	       (e->port == DNS_PORT || e->error == ENETUNREACH || e->error == EADDRNOTAVAIL);
}

/* The slot of an equal failure of a while ago, else a new one. */
static size_t slot_of(struct failure_budget *b, uint64_t hash, uint64_t now, bool *known)
{
	for (size_t i = 0; i < FAILURE_BUDGET_KINDS; i++)
		if (b->seen[i].hash == hash && b->seen[i].at && now < b->seen[i].at + AGAIN) {
			*known = true;
			return i;
		}
	size_t slot = b->next++ % FAILURE_BUDGET_KINDS;
	b->seen[slot].hash = hash;
	b->seen[slot].at = now;
	b->seen[slot].taken = *known = false;
	return slot;
}

static bool is_affordable(struct failure_budget *b, uint64_t now)
{
	if (b->spent_until < now)
		b->spent_until = now;
	if (b->spent_until + EACH > now + AT_ONCE * EACH)
		return false;
	b->spent_until += EACH;
	return true;
}

bool failure_budget_takes(struct failure_budget *b, const struct event *e)
{
	bool known;

	if (excerpt_is_ordinary(e))
		return false;
	size_t slot = slot_of(b, hash_of(e), e->time, &known);
	if (b->seen[slot].taken || (!known && may_take_another_way(e)))
		return false;
	b->seen[slot].taken = is_affordable(b, e->time);
	return b->seen[slot].taken;
}
