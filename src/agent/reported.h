/* SPDX-License-Identifier: MIT */
/* The diagnoses that were given of one container while it runs: none is given twice, and not too many. */
#ifndef KTRACE_AGENT_REPORTED_H
#define KTRACE_AGENT_REPORTED_H

#include "ktrace/diagnosis.h"

#define REPORTED_MAX 8
#define REPORTED_WAITS_MAX 16

struct reported {
	struct {
		const char *root_cause; /* static */
		char *path;
	} items[REPORTED_MAX];
	size_t n, n_waits; /* n_waits: diagnoses of what it was stuck on */
};

/*
 * False when this one was given before, or too many were. `latest` is the one that holds, or NULL: what the container is
 * stuck on is told again when it was something else, or nothing, in between.
 */
bool reported_add(struct reported *all, const struct diagnosis *latest, const struct diagnosis *d);
/* `latest` was given while the container ran, and d (or NULL), which is made now, no longer has it. */
bool reported_is_over(const struct diagnosis *latest, const struct diagnosis *d);
void reported_clear(struct reported *all);

/* The end was diagnosed already as `before`, which may be NULL, and what came after it changes nothing. */
bool reported_end(const struct diagnosis *before, const struct diagnosis *d);

#endif
