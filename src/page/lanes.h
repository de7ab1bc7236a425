/* SPDX-License-Identifier: MIT */
/* What the picture of a start shows: which processes get a lane, and what is marked on it. Pure. */
#ifndef KTRACE_PAGE_LANES_H
#define KTRACE_PAGE_LANES_H

#include "page/page.h"
#include "story/story.h"

#define LANES_MAX 12 /* the container's own is the first of them */

struct lane {
	const struct process *process; /* NULL: the container, or known from the evidence alone */
	const char *name;              /* comm; NULL: the container's lane */
	uint32_t pid, vpid;
	int depth;     /* below the first process, 1 for that one */
	uint64_t from; /* nanoseconds since 1970 */
	uint64_t to;   /* 0: it still ran */
	int status;    /* as wait(2) has it, once ended */
};

/* In the order in which they win where two would cover each other. */
enum mark_kind {
	MARK_STEP, /* a piece of the evidence */
	MARK_OOM,
	MARK_LISTEN,
	MARK_SIGNAL,
	MARK_FAILURE,
	MARK_EXEC,
	MARK_OUTPUT,
	MARK_KINDS
};

struct mark {
	enum mark_kind kind;
	enum mark_kind shape; /* of a step: what kind of thing it was; MARK_STEP: none of these */
	size_t lane;
	uint64_t time;
	size_t step; /* its number in the evidence, from 1; 0: not a step */
	const struct evidence *evidence;
	double x;     /* axis.h */
	bool is_left; /* no room: it is not drawn */
};

struct lanes {
	struct story *story; /* owned: what lanes point at */
	struct lane lanes[LANES_MAX];
	size_t n;
	struct mark *marks; /* owned; by time, steps of one time in causal order */
	size_t n_marks;
	size_t processes_left_out, harmless_left_out;
	uint64_t from, to; /* of all of it */
};

int lanes_make(struct lanes *l, const struct page_container *c); /* *l is empty; 0 or -ENOMEM */
void lanes_free(struct lanes *l);

#endif
