/* SPDX-License-Identifier: MIT */
/* The explanation of one container as `top` shows it: lines of text, with how far they are scrolled. No terminal. */
#ifndef KTRACE_CLI_TOP_VIEW_H
#define KTRACE_CLI_TOP_VIEW_H

#include "cli/explain_sources.h"
#include "cli/explain_text.h"

enum top_mode { VIEW_LIST, VIEW_EXPLANATION, VIEW_EVENTS, VIEW_WHY };

struct top_view {
	enum top_mode mode; /* VIEW_LIST: there is none */
	struct record_reader *reader;
	struct container_records_list records;
	char *name; /* the container's, neutralised */
	struct strbuf text;
	size_t n_lines, first; /* first: at the top of the screen */
};

/*
 * Reads what is known of a container by its id, and opens the view of it. 0, or a negative errno after a message: the
 * view is closed then.
 */
int top_view_open(struct top_view *v, const struct explain_sources *sources, const char *name);
void top_view_close(struct top_view *v); /* leaves it empty and usable */

/* Sets the text for this mode and width; scrolled to its begin. 0 or a negative errno. */
int top_view_show(
	struct top_view *v, enum top_mode mode, const struct terminal_style *style, uint64_t now);

/* Scrolls, as far as there are lines for a screen of so many rows. */
void top_view_scroll(struct top_view *v, long by, size_t rows);

/* The n-th line without its newline; NULL behind the last. */
const char *top_view_line(const struct top_view *v, size_t n, size_t *len);

/* The first YAML fragment of the recommendations, borrowed; NULL: none has one. */
const char *top_view_fragment(const struct top_view *v);

/* What makes a terminal take text into its clipboard (OSC 52). Appends it. */
void clipboard_sequence(struct strbuf *out, const char *text);

#endif
