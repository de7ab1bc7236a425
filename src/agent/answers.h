/* SPDX-License-Identifier: MIT */
/* What the agent answers to `ps`, `explain` and `agent` over its socket. */
#ifndef KTRACE_AGENT_ANSWERS_H
#define KTRACE_AGENT_ANSWERS_H

#include "agent/pipeline.h"
#include "util/strbuf.h"

struct answer_source {
	struct pipeline *pipeline;
	const struct output *store; /* diagnosis_store.h */
	const char *node;
	int landlock; /* whether it holds: confine() of sandbox/confine.h */
};

/*
 * Appends lines to out: for "ps" one state for each container. For "explain" first the kept diagnoses of the
 * containers that target matches, each followed by a line {"kept":{"id":...,"times":N,"first":TIME}} that says how often
 * it came and since when; then the records of those that are still in memory, as far as some 8 MiB reach, and
 * {"left_out":N} where the events of so many containers did not fit.
 * {"error":...} when nothing matches. For "agent" one line, {"agent":{"version":...,"landlock":BOOL,"landlock_error":...}}: whether
 * it has shut itself out of all files but its own, and why not ("": it has). 0 or -ENOMEM.
 */
int answer(const struct answer_source *from, const char *command, const char *target,
	struct strbuf *out);

const char *case_state(const struct case_view *c); /* "created", "running", "exited" */
/*
 * How far it came: "starting" until it listens, or has run for a minute and is "running"; "stuck" while a diagnosis tells
 * on what; "listening"; "ended".
 */
const char *case_stage(const struct case_view *c, uint64_t now);

#endif
