/* SPDX-License-Identifier: MIT */
/* A loop's timer that fires once each time that it is set, and the pauses of who tries again. */
#ifndef KTRACE_UTIL_ALARM_H
#define KTRACE_UTIL_ALARM_H

#include "util/loop.h"

struct alarm;

uint64_t alarm_now(void); /* CLOCK_MONOTONIC, nanoseconds */

/* Not set. 0 or a negative errno. */
int alarm_new(struct loop *l, loop_timer_fn fn, void *ctx, struct alarm **out);
void alarm_free(struct alarm *a); /* NULL is fine */

/* At a time of alarm_now(), in the place of the one before; 0: never. A time that has passed is now. */
void alarm_set(struct alarm *a, uint64_t at);

/*
 * Nanoseconds before the next attempt after so many failures in a row (at least 1): `first`, twice as long each time,
 * `most` at most, with jitter: the nodes of a cluster must not all come back in the same moment.
 */
uint64_t backoff_pause(uint64_t first, uint64_t most, unsigned failures);

#endif
