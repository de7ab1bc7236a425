/* SPDX-License-Identifier: MIT */
/* The diagnoses that were given of one container while it runs: none is given twice, and not too many. */
#ifndef KTRACE_AGENT_REPORTED_H
#define KTRACE_AGENT_REPORTED_H

#include "ktrace/diagnosis.h"

#define REPORTED_MAX 8

struct reported {
	struct {
		const char *root_cause; /* static */
		char *path;
	} items[REPORTED_MAX];
	size_t n;
};

/* False when this one was given before, or too many were. */
bool reported_add(struct reported *all, const struct diagnosis *d);
void reported_clear(struct reported *all);

/* The end was diagnosed already as `before`, which may be NULL, and what came after it changes nothing. */
bool reported_end(const struct diagnosis *before, const struct diagnosis *d);

#endif
