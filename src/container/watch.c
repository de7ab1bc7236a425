// SPDX-License-Identifier: MIT
/*
 * Looks at processes that may be in a call that does not come back (blocked.h): the first one of each container
 * that has started and not ended, and the step of its script. At a bounded pace: soon after the start, and rarely
 * later, as most containers that look so are workers and servers that are well. One that listens may wait for a lock
 * or a FIFO all its life, to be told what to do; not for a connection.
 */
#include <stdlib.h>
#include <string.h>

#include "container/looks.h"
#include "container/registry_private.h"

#define SECOND_NS 1000000000ull
#define ROUND_NS (2 * SECOND_NS)
#define LOOKS_A_ROUND 32
#define SOON_NS (5 * SECOND_NS)   /* between looks at a young container */
#define LATER_NS (30 * SECOND_NS) /* at an older one */
#define YOUNG_NS (90 * SECOND_NS)
#define BLOCKED_NS \
	(9 * SECOND_NS) /* for so long in one call: not the moment that a disk or a peer takes */

/* The process is where it was, and has not run since. */
static bool is_same(const struct blocked_call *b, const struct watch *w)
{
	return b->process.pid == w->pid && b->switches == w->switches && b->call.nr == w->nr &&
	       !memcmp(b->call.args, w->args, sizeof(w->args));
}

static void deliver_blocked(struct registry *r, struct entry *e, const struct blocked_call *b,
	enum event_kind kind, uint64_t now)
{
	struct event draft = {
		.kind = kind,
		.time = now,
		.cgroup = e->cgroup,
		.pid = b->process.pid,
		.tid = b->process.pid,
		.vpid = b->process.vpid,
		.parent_pid = b->process.parent_pid,
		.uid = b->process.uid,
		.gid = b->process.gid,
		.comm = b->process.comm,
		.repeats = 1,
		.syscall = b->syscall,
		.path = b->path,
		.address = b->address,
		.port = b->port,
		.family = b->family,
		.holder_pid = b->holder.pid,
		.holder_comm = b->holder.comm,
		.blocked_ns = now - e->watch.since,
	};

	registry_pass(r, e, &draft);
}

/* What it was told to be in, it is in no more. */
static void forget_call(struct registry *r, struct entry *e, uint64_t now)
{
	struct watch *w = &e->watch;
	struct blocked_call was = { .syscall = w->told,
		.process = { .pid = w->pid, .vpid = w->vpid, .uid = w->uid } };

	memcpy(was.process.comm, w->comm, sizeof(was.process.comm));
	if (w->told)
		deliver_blocked(r, e, &was, EVENT_UNBLOCKED, now);
	w->told = NULL;
}

static void tell_call(struct registry *r, struct entry *e, struct blocked_call *b, uint64_t now)
{
	struct watch *w = &e->watch;

	/* It may have gone on while it was looked at more closely. */
	if (look_at_call(e->init_pid, true, b) || !is_same(b, w))
		return;
	w->looked_closely = true;
	if (!b->syscall || (e->listening && strcmp(b->syscall, "connect") != 0))
		return;
	w->told = b->syscall;
	w->vpid = b->process.vpid;
	w->uid = b->process.uid;
	memcpy(w->comm, b->process.comm, sizeof(w->comm));
	deliver_blocked(r, e, b, EVENT_BLOCKED, now);
}

static void look(struct registry *r, struct entry *e, struct blocked_call *b, uint64_t now)
{
	struct watch *w = &e->watch;
	bool young = now - e->started_at < YOUNG_NS;

	w->next = now + (young ? SOON_NS : LATER_NS);
	if (look_at_call(e->init_pid, false, b))
		return;
	if (!is_same(b, w)) {
		forget_call(r, e, now);
		*w = (struct watch){ .next = w->next,
			.since = now,
			.pid = b->process.pid,
			.switches = b->switches,
			.nr = b->call.nr };
		memcpy(w->args, b->call.args, sizeof(w->args));
		return;
	}
	if (!w->looked_closely && now - w->since >= BLOCKED_NS)
		tell_call(r, e, b, now);
}

static bool deserves_watch(const struct entry *e, uint64_t now)
{
	return e->state == ENTRY_SETTLED && e->started && !e->exited && !e->removed &&
	       e->init_pid && now > e->started_at + SOON_NS && now >= e->watch.next;
}

void registry_watch(struct registry *r, uint64_t now)
{
	struct entry *e, *next;
	struct blocked_call *b;
	int looks = 0;

	if (now < r->watch_next)
		return;
	r->watch_next = now + ROUND_NS;
	b = malloc(sizeof(*b));
	HASH_ITER(hh, r->entries, e, next)
	{
		if (b && looks < LOOKS_A_ROUND && deserves_watch(e, now)) {
			look(r, e, b, now);
			looks++;
		}
	}
	free(b);
}
