/* SPDX-License-Identifier: MIT */
/* The story of one container as text, for `explain` and `top`. */
#ifndef KTRACE_CLI_EXPLAIN_TEXT_H
#define KTRACE_CLI_EXPLAIN_TEXT_H

#include "cli/container_records.h"
#include "sinks/terminal.h"

struct explain_view {
	uint64_t now;     /* nanoseconds since 1970 */
	bool all;         /* harmless failures too */
	const char *hint; /* how to see those: "--all shows them" */
	struct terminal_style style;
};

/* The time line; the diagnosis with its age; both, with a blank line between them. */
void explain_lines(
	struct strbuf *out, const struct container_records *d, const struct explain_view *view);
void explain_cause(
	struct strbuf *out, const struct container_records *d, const struct explain_view *view);
void explain_text(
	struct strbuf *out, const struct container_records *d, const struct explain_view *view);

/*
 * Adds to the diagnosis, which must be there, how it was chosen: the agent does not ship that, but the same engine on
 * the same events chooses the same. 0 or -ENOMEM.
 */
int explain_why(struct container_records *d);

#endif
