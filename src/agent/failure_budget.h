/* SPDX-License-Identifier: MIT */
/*
 * How many of a container's failures are written one by one where only what may matter is (--events
 * errors). A program that waits for another one fails the same way a thousand times, and one that
 * searches fails in a thousand ways: a few tell as much, and the rest is counted. Pure: time comes with
 * the events.
 */
#ifndef KTRACE_AGENT_FAILURE_BUDGET_H
#define KTRACE_AGENT_FAILURE_BUDGET_H

#include "ktrace/event.h"

#define FAILURE_BUDGET_KINDS 8 /* remembered, so that an equal one is known */

struct failure_budget {
	struct {
		uint64_t hash, at; /* at: nanoseconds since 1970, 0: none */
		bool taken;
	} seen[FAILURE_BUDGET_KINDS];
	size_t next;
	uint64_t spent_until; /* nanoseconds since 1970 */
};

/*
 * Whether this failure is to be written; false for what is ordinary, came just before, or is one too many. Of
 * a way that there is not, to a name server or by IPv6, the second equal record counts: programs try one way
 * and take the next.
 */
bool failure_budget_takes(struct failure_budget *b, const struct event *e);

#endif
