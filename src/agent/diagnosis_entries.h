/* SPDX-License-Identifier: MIT */
/* The diagnoses that the store holds in memory, by container of a pod, in order of their latest change. */
#ifndef KTRACE_AGENT_DIAGNOSIS_ENTRIES_H
#define KTRACE_AGENT_DIAGNOSIS_ENTRIES_H

#include <stdbool.h>

#include "ktrace/diagnosis.h"

/* An allocation that fails leaves an entry out of the map; the caller looks for that. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct diagnosis_entry {
	struct container *container; /* slim: names and id */
	char *root_cause;
	uint64_t time, first;
	uint32_t times;
	char *json;
	size_t len;
	bool saved;   /* in the file */
	bool running; /* of a container that had not ended */
	UT_hash_handle hh;
	char key[];
};

struct diagnosis_entries {
	struct diagnosis_entry *oldest; /* a uthash map */
	size_t bytes;                   /* of all */
	struct diagnosis_entry *next;   /* for who goes through all by and by, while they change */
};

/*
 * In place of the one of that key, as the latest; counts on where it has the same cause. Takes over json, also on
 * failure. NULL: no memory; what was there before may be gone then.
 */
struct diagnosis_entry *diagnosis_entries_insert(struct diagnosis_entries *all, const char *key,
	const struct diagnosis *d, char *json, size_t len);
struct diagnosis_entry *diagnosis_entries_find(
	const struct diagnosis_entries *all, const char *key);
void diagnosis_entries_drop(struct diagnosis_entries *all, struct diagnosis_entry *e);

#endif
