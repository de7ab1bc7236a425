/* SPDX-License-Identifier: MIT */
/*
 * How earlier runs of the same container of the same pod ended. Each restart is a new container id, so
 * they are identified by the pod's uid and the container's name. Bounded: the longest unchanged go first.
 */
#ifndef KTRACE_AGENT_HISTORY_H
#define KTRACE_AGENT_HISTORY_H

#include "ktrace/container.h"

#define HISTORY_KEY_MAX 256

/* What all runs of this container have in common. False when one of them cannot be distinguished from another. */
bool history_key(const struct container *c, char key[HISTORY_KEY_MAX]);

struct history;

struct runs {
	int ended;  /* runs that were seen to end */
	int alike;  /* of these, the latest in a row that ended as the last one did */
	int status; /* wait status of the last one */
};

struct history *history_new(void);    /* NULL when out of memory */
void history_free(struct history *h); /* NULL is fine */

struct runs history_runs(const struct history *h, const struct container *c);
void history_add(struct history *h, const struct container *c, int status);

#endif
