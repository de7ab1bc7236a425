/* SPDX-License-Identifier: MIT */
/*
 * The human form. No byte that a container chose reaches the terminal as a control: what is unsafe
 * there is written \x1b or \u{202e}. Pure but for the local time zone.
 */
#ifndef KTRACE_SINKS_TERMINAL_H
#define KTRACE_SINKS_TERMINAL_H

#include "ktrace/diagnosis.h"
#include "ktrace/event.h"
#include "record/terminal_text.h"
#include "util/strbuf.h"

struct terminal_style {
	bool color; /* 16-colour ANSI */
	int width;  /* columns; 0: not known, 100 for text and no limit for the lines of events */
	uint64_t
		origin; /* when not 0, events show the time since then (nanoseconds since 1970), not the clock's */
	bool one_container; /* all events are of one: the column that names it is left out */
	bool utc;           /* clock times are UTC, not the local zone's */
};

/* One line with its newline; none for output that is blank. */
void terminal_event(struct strbuf *out, const struct event *e, const struct terminal_style *style);

/* What differs since the last healthy start, as the block that explains a failure has it; nothing where none is known. */
void terminal_changes(
	struct strbuf *out, const struct diagnosis *d, const struct terminal_style *style);

/* A block of lines, without blank lines around it. */
void terminal_diagnosis(
	struct strbuf *out, const struct diagnosis *d, const struct terminal_style *style);

/* How a diagnosis was chosen, a table: its lines as they are, with what a container chose neutralised. */
void terminal_why(struct strbuf *out, const char *why);

#endif
