/* SPDX-License-Identifier: MIT */
/*
 * The diagnoses of the last days, the latest of each container of each pod: what `ktrace explain` shows when the
 * container itself is long gone. Kept apart from the stories, because a crash-looping pod makes a new container,
 * and a new story, with each attempt, and because a story is large and a diagnosis small.
 *
 * An output of the pipeline: it takes diagnoses and lets all else pass. In memory it is bounded by bytes and
 * age, the least recently failed go first; on disk (line_file.h) is what is in memory, so that an agent that
 * starts knows what the one before it knew. While the disk is full or read-only the memory serves alone, the
 * failure is reported once, and the file is written as soon as it can be.
 */
#ifndef KTRACE_AGENT_DIAGNOSIS_STORE_H
#define KTRACE_AGENT_DIAGNOSIS_STORE_H

#include "record/record.h"
#include "util/strbuf.h"

#define DIAGNOSIS_STORE_HEAD "ktrace-diagnoses 1\n"         /* of its file, line_file.h */
#define DIAGNOSIS_STORE_AGE (7 * 24 * 3600 * 1000000000ULL) /* nanoseconds */

struct diagnosis_store_options {
	const char *path; /* copied; NULL: memory only */
	uint64_t now;     /* nanoseconds since 1970: what is too old by then is not read */
	size_t max_bytes; /* of all records; 0: 8 MiB */
};

/*
 * 0 with *out, or -ENOMEM. A file that cannot be used is reported on stderr; one that is damaged is set aside as
 * PATH.damaged, its valid part is kept, and that is logged.
 */
int diagnosis_store_new(const struct diagnosis_store_options *options, struct output **out);

struct kept_diagnosis {
	const struct container *container; /* names and id only */
	uint64_t time;
	uint64_t first; /* when the same cause was first diagnosed of that many in a row */
	uint32_t times;
	const char *json; /* the record, without newline */
	size_t len;
};

/* Oldest first; borrowed, valid during the call. */
void diagnosis_store_each(const struct output *o,
	void (*each)(void *ctx, const struct kept_diagnosis *kept), void *ctx);

/*
 * What distinguishes one container of a pod from all others, through its restarts and its pod's: "shop/web-0/app"; outside of
 * Kubernetes its name, else its id. Appended to out.
 */
void diagnosis_key(struct strbuf *out, const struct container *c);

#endif
