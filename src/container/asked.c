// SPDX-License-Identifier: MIT
/*
 * Somebody outside of containers connected to an address, and was refused: the kubelet asks a port where nobody
 * listens. Only the address tells whose port that is, so the containers' own addresses are looked up, once for each,
 * when somebody asks. The containers of a pod have one address: each of them is told, and how many there are.
 */
#include "container/looks.h"
#include "container/registry_private.h"

#define LOOKS_MAX 32 /* for one question; the next one comes in seconds */
#define AGAIN_NS 10000000000ull

static bool has_address(struct entry *e, const struct event *draft, int *looks)
{
	struct addresses *a = &e->addresses;

	if (e->state != ENTRY_SETTLED || !e->started || e->exited || e->removed || !e->init_pid ||
		e->container->type == CONTAINER_SANDBOX)
		return false;
	if (!a->n && (!a->read_at || draft->time > a->read_at + AGAIN_NS) && *looks < LOOKS_MAX) {
		(*looks)++;
		a->read_at = draft->time;
		look_at_addresses(e->init_pid, a);
	}
	return addresses_have(a, draft->address);
}

void registry_port_refused(struct registry *r, const struct event *draft)
{
	struct event told = *draft;
	struct entry *e, *next;
	int looks = 0;

	told.sharers = 0;
	HASH_ITER(hh, r->entries, e, next)
	told.sharers += has_address(e, draft, &looks);
	looks = LOOKS_MAX; /* those that could be looked at have been */
	if (told.sharers)
		HASH_ITER(hh, r->entries, e, next)
		{
			told.cgroup = e->cgroup;
			if (has_address(e, draft, &looks))
				registry_pass(r, e, &told);
		}
}
