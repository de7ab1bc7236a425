// SPDX-License-Identifier: MIT
/* Failed calls of the network that healthy programs make. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/noise.h"

static bool listened_later(const struct context *q, const struct failure *f)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if ((e->kind == EVENT_LISTEN || e->kind == EVENT_CONTAINER_LISTENING) &&
			q->entries[i].process == f->process && e->time > f->entry->last &&
			(call_is(f, "connect") || e->port == f->event->port))
			return true;
	}
	return false;
}

/* By the same process; a bind that failed too is its failure. */
static bool bound_later(const struct context *q, const struct failure *f)
{
	const struct process *p = f->process;

	for (const struct story_entry *next = f->entry + 1; next < q->entries + q->n_entries;
		next++) {
		const struct event *e = next->event;
		bool binds = e->kind == EVENT_LISTEN || e->kind == EVENT_CONTAINER_LISTENING ||
			     (e->kind == EVENT_NETWORK_ERROR && !strcmp(e->syscall, "bind"));
		if (binds && next->process == p && !strcmp(e->address, f->event->address))
			return true;
	}
	return false;
}

enum noise noise_of_network(const struct context *q, const struct failure *f, enum clue *clue)
{
	const struct event *e = f->event;

	/* A server asks whether another one has its socket before it takes it. */
	if (call_is(f, "connect") && e->address[0] == '/' && bound_later(q, f))
		return NOISE_ALL;
	if (e->family == AF_UNIX || e->family == 0)
		return call_is(f, "connect") &&
				       (!*e->address || noise_optional_place(e->address, f->exec))
			       ? NOISE_ALL
			       : NOISE_NONE;
	/* Resolvers sort addresses by connecting datagram sockets to them: nothing is sent. */
	if (call_is(f, "connect") && e->sock_type == SOCK_DGRAM && e->port != 53)
		return NOISE_ALL;
	/* "localhost" is tried as ::1 first. */
	if (call_is(f, "connect") && f->error == EADDRNOTAVAIL)
		return noise_because(clue, CLUE_noise_both_families, NOISE_MUCH);
	if (call_is(f, "socket") && f->error == EAFNOSUPPORT)
		return noise_because(clue, CLUE_noise_no_family, NOISE_SOME);
	return listened_later(q, f) ? noise_because(clue, CLUE_noise_listened_later, NOISE_MOST)
				    : NOISE_NONE;
}
