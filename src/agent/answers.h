/* SPDX-License-Identifier: MIT */
/* What the agent answers to `ps` and `explain` over its socket. */
#ifndef KTRACE_AGENT_ANSWERS_H
#define KTRACE_AGENT_ANSWERS_H

#include "agent/pipeline.h"
#include "util/strbuf.h"

/*
 * Appends lines to out: for "ps" one state for each container, for "explain" the records of the
 * containers that target matches. {"error":...} when there are none, and at the end when there are too
 * many: more than some 8 MiB. 0 or -ENOMEM.
 */
int answer(const struct pipeline *p, const char *node, const char *command, const char *target,
	struct strbuf *out);

const char *case_state(const struct case_view *c); /* "created", "running", "exited" */

#endif
