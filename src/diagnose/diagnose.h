/* SPDX-License-Identifier: MIT */
/*
 * From story to explanation. Pure and deterministic: the same story and context give the same
 * diagnosis, to the byte. Rules live one a file in rules/, listed in rules.h.
 */
#ifndef KTRACE_DIAGNOSE_DIAGNOSE_H
#define KTRACE_DIAGNOSE_DIAGNOSE_H

#include "ktrace/diagnosis.h"
#include "story/story.h"

/* The other containers of its pod that ran when somebody outside told it to end. */
struct pod_stop {
	int others;
	int stopped; /* of these, told so at that moment as well */
};

/* What is known beside the one story. */
struct diagnose_input {
	uint64_t now; /* nanoseconds since 1970 */
	/* Earlier runs of the same container of the same pod that this agent saw, and of these the
	 * latest in a row that ended with the same exit status. */
	int restarts, restarts_same_cause;
	const char *missing_probes; /* names of those not attached, with ", " between; or "" */
	uint64_t lost;              /* events of this container that were lost */
	uint64_t left_out;          /* and those that were over its budgets */
	struct pod_stop pod;
	bool why;         /* put the hypotheses and their clues into the diagnosis */
	uint16_t machine; /* e_machine of the node (EM_X86_64, EM_AARCH64); 0: not known */
};

/*
 * Why the container failed (when its story has ended) or what is broken while it runs. *out is NULL
 * when nothing is wrong; the caller frees it. 0 or -ENOMEM.
 */
int diagnose(const struct story *s, const struct diagnose_input *input, struct diagnosis **out);

/*
 * A failed call that healthy programs make all the time: a look-up in one of several places, a cache
 * that cannot be written. Says nothing of what the rest of the story makes of it.
 */
bool diagnose_harmless(const struct event *e);

/* The rules, for `ktrace rules`, the manual page and the metrics. */
struct rule_text {
	const char *root_cause; /* "read_only_copy" */
	const char *title;      /* a line */
	const char *shown_by;   /* what shows it */
	const char *fixed_by;   /* what mends it */
};
size_t rule_texts(const struct rule_text **out); /* static storage; returns how many */

#endif
