/* SPDX-License-Identifier: MIT */
/*
 * What an event says in words: the end of a line on the terminal, and the message of a record. It is
 * neutralised, and comes in three parts, because the path is what gives way when there is little room.
 */
#ifndef KTRACE_RECORD_EVENT_TEXT_H
#define KTRACE_RECORD_EVENT_TEXT_H

#include "ktrace/event.h"
#include "util/strbuf.h"

struct event_text {
	struct strbuf before, path, after;
};

void event_text_make(struct event_text *t, const struct event *e); /* *t is empty */
void event_text_clear(struct event_text *t);

/* The text says by itself what kind of event it is. */
bool event_text_names_kind(enum event_kind kind);

/* The contract's name of the action, less "container_". */
const char *event_text_action(enum event_kind kind);

/* Appends the parts, joined, in at most that many columns; the path gets no fewer than path_columns. */
void event_text_join(
	struct strbuf *out, const struct event_text *t, size_t path_columns, size_t columns);

#endif
