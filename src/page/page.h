/* SPDX-License-Identifier: MIT */
/*
 * Explanations as a page of HTML: one file without outside parts, for tickets and post-mortems. It is all
 * in it: the start as a picture, what happened, what to do, how sure the answer is, the time line. It needs no
 * script, asks nothing of a network, and no text that a container chose is markup in it. Pure: the same
 * input gives the same bytes.
 */
#ifndef KTRACE_PAGE_PAGE_H
#define KTRACE_PAGE_PAGE_H

#include "ktrace/diagnosis.h"
#include "ktrace/event.h"
#include "util/strbuf.h"

struct page_container {
	const struct container *container;
	const char *node;            /* "": not known */
	struct event *const *events; /* all that is known, in order of time: for the picture */
	size_t n_events;
	struct event *const *lines; /* those that the time line shows */
	size_t n_lines;
	const struct diagnosis *diagnosis; /* NULL: nothing went wrong */
	uint32_t times;                    /* how often it came; 0 or 1: once */
	uint64_t first;                    /* when it came first; 0: not known */
};

/* Appends the whole page. 0 or -ENOMEM. */
int page_append(struct strbuf *out, const struct page_container *containers, size_t n);

#endif
