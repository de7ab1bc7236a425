/* SPDX-License-Identifier: MIT */
/* Records sorted by container: what `explain` reads, from the agent or from a file, before it prints. */
#ifndef KTRACE_CLI_CONTAINER_RECORDS_H
#define KTRACE_CLI_CONTAINER_RECORDS_H

#include "record/record.h"

struct container_records {
	struct container *container; /* owned reference, as described last */
	char node[256];              /* host.name of its records */
	struct event **events;       /* owned references, in order of time */
	size_t n_events, capacity;
	uint64_t left_out;           /* failures that came when there were too many already */
	struct diagnosis *diagnosis; /* owned, the latest; NULL: none */
	uint32_t
		times; /* how often its diagnosis came, as container_records_count() said; 0: it did not */
	uint64_t first; /* when it came first */
	/* set by container_records_rank() */
	bool superseded;
	const struct container_records
		*next; /* the latest attempt after the one that failed, not diagnosed; or NULL */
};

struct container_records_list {
	struct container_records *items; /* in order of their first record */
	size_t n, capacity;
	struct records_key *keys; /* ids */
};

/* Takes what it wants of a record that was read; target may be NULL. 0 or -ENOMEM. */
struct record_reader;
int container_records_add(struct container_records_list *d, const char *target,
	struct record_reader *reader, const struct record *r);
/* How often the diagnosis of the container with that id came in a row, and since when. */
void container_records_count(
	struct container_records_list *d, const char *id, uint32_t times, uint64_t first);
/*
 * Each restart is a container of its own: of those with the same names the latest that was diagnosed is the most useful,
 * or the latest where none was. All others are marked as superseded, and counted where it is the same failure. A
 * pod's sandbox is, where anything else of the pod may be what failed. 0 or -ENOMEM.
 */
int container_records_rank(struct container_records_list *d);
/* Which of two is the later one; sources are read one after the other, so the order in the list says nothing. */
uint64_t container_records_time(const struct container_records *r);
/* A line of the container's time line: its course, and of the failed calls those that mattered; all: every one. */
bool container_records_shows(const struct container_records *d, const struct event *e, bool all);
void container_records_free(struct container_records_list *d); /* leaves it empty */

#endif
