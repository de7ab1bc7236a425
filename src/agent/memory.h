/* SPDX-License-Identifier: MIT */
/*
 * What healthy starts of each workload's container looked like: the last one and the one before, of (namespace,
 * workload, container), or outside of pods of (image, command). A start is healthy when it listened, ran 60 s or ended
 * with 0, and nothing was found wrong with it; the pipeline judges that.
 *
 * On disk it is a file of checked lines (line_file.h), one a workload, appended with each healthy start and written
 * anew beside itself and renamed when it grows too large. Its first line holds the salt of this node: hashes of another
 * node's file, or of one whose salt is damaged, compare with nothing.
 */
#ifndef KTRACE_AGENT_MEMORY_H
#define KTRACE_AGENT_MEMORY_H

#include "ktrace/container.h"

struct memory_options {
	const char *path; /* NULL: kept as long as the agent runs */
	size_t max_bytes; /* of the file; 0: 4 MiB. The workload that started longest ago goes first */
};

struct memory;
/* A file that cannot be used is said on stderr, and done without. 0 or a negative errno. */
int memory_new(const struct memory_options *options, struct memory **out);
void memory_free(struct memory *m); /* writes what is left; NULL is fine */

const uint8_t *memory_salt(const struct memory *m); /* for registry_options; borrowed */

/* What is known of this container's workload, the caller's; NULL: nothing, or no memory. */
struct remembered *memory_recall(const struct memory *m, const struct container *c);

struct healthy_start {
	const struct container *container;
	uint64_t time;            /* when it started */
	uint64_t listening_ns;    /* until it listened, 0: it did not */
	uint64_t peak_memory;     /* bytes, 0: not known */
	const uint64_t *harmless; /* signatures of its failures */
	size_t n_harmless;
};
/* The same container again takes the place of what was kept of it, and is not counted twice. */
void memory_keep(struct memory *m, const struct healthy_start *start);

void memory_flush(struct memory *m); /* end of a batch; NULL is fine */

struct memory_stats {
	size_t workloads, bytes;
	uint64_t forgotten; /* workloads that went because there were too many */
};
void memory_stats(const struct memory *m, struct memory_stats *out);

#endif
