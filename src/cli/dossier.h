/* SPDX-License-Identifier: MIT */
/* Records sorted by container: what `explain` reads, from the agent or from a file, before it tells. */
#ifndef KTRACE_DOSSIER_H
#define KTRACE_DOSSIER_H

#include "output/record.h"

struct dossier {
	struct container *container; /* owned reference, as described last */
	char node[256];              /* host.name of its records */
	struct event **events;       /* owned references, as they came */
	size_t n_events, capacity;
	uint64_t left_out;           /* failures that came when there were too many already */
	struct diagnosis *diagnosis; /* owned, the latest; NULL: none */
};

struct dossiers {
	struct dossier *items; /* in order of their first record */
	size_t n, capacity;
};

/* Takes what it wants of a record that was read; target may be NULL. 0 or -ENOMEM. */
struct record_reader;
int dossiers_add(struct dossiers *d, const char *target, struct record_reader *reader,
	const struct record *r);
void dossiers_free(struct dossiers *d); /* leaves it empty */

#endif
