/* SPDX-License-Identifier: MIT */
/*
 * The outputs of a pipeline, each with the level that it gets. A record is written once in each form, and
 * all outputs of that form and level get the same bytes.
 */
#ifndef KTRACE_AGENT_OUTPUTS_H
#define KTRACE_AGENT_OUTPUTS_H

#include "record/level.h"
#include "record/ndjson.h"
#include "record/record.h"

#define OUTPUTS_MAX 12

struct outputs {
	struct {
		struct output *output;
		enum level level;
		bool failing; /* its last flush */
		bool bounded; /* nothing that is over its container's budget */
	} items[OUTPUTS_MAX];
	size_t n;
	struct record_forms forms, lean; /* lean: without context */
};

void outputs_free(struct outputs *all); /* and what was added */

/* The output is freed on an error as well. 0 or -ENOSPC. */
int outputs_add(struct outputs *all, struct output *o, enum level level);

void outputs_set_level(struct outputs *all, const struct output *o, enum level level);
void outputs_set_bounded(struct outputs *all, const struct output *o);
bool outputs_have(const struct outputs *all, enum level level); /* one of that level */

/*
 * To all that take it. Only those of LEVEL_ERRORS get a diagnosis' context, as only they do not get what it
 * is made of, and no failure that is held back. How many bytes it is, in the largest form that somebody took.
 */
size_t outputs_write(struct outputs *all, struct record *r);

/* Whether there is one that takes it, were it within its budget; and whether that is one that is bounded. */
bool outputs_want(const struct outputs *all, const struct record *r);
bool outputs_bound(const struct outputs *all, const struct record *r);

void outputs_flush(struct outputs *all);
bool outputs_flushed(const struct outputs *all, const struct output *o); /* took all it was given */
void outputs_reopen(struct outputs *all);
uint64_t outputs_lost(const struct outputs *all); /* records that an output could not take */

#endif
