// SPDX-License-Identifier: MIT
/*
 * A process was found in a call that does not come back (src/container/watch.c looks): a lock, a FIFO, a connection. That
 * is evidence by itself, unless the process stands by for another one to end.
 */
#include "diagnose/stuck/stuck.h"

/* It came out of the call, or the process ended or went on to something else. */
static bool came_back(const struct context *q, const struct story_entry *blocked)
{
	if (!blocked->process || blocked->process->ended_at)
		return true;
	for (const struct story_entry *e = blocked + 1; e < q->entries + q->n_entries; e++)
		if (e->process == blocked->process && e->event->kind != EVENT_SIGNAL)
			return true;
	return false;
}

void find_blocked(struct context *q)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct story_entry *entry = &q->entries[i];
		const struct event *e = entry->event;
		bool waits = e->kind == EVENT_BLOCKED && !came_back(q, entry) &&
			     e->time - e->blocked_ns + STUCK_AFTER <= q->input->now;
		if (!waits || is_standby(q, entry->process))
			continue;
		q->wait = (struct wait){ .kind = WAIT_BLOCKED,
			.entry = entry,
			.step = entry->process,
			.waiter = entry->process,
			.since = e->time - e->blocked_ns,
			.last = q->input->now,
			.attempts = 1 };
		return;
	}
}
