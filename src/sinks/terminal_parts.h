/* SPDX-License-Identifier: MIT */
/* What both human forms, lines of events and blocks of diagnoses, are set with. */
#ifndef KTRACE_SINKS_TERMINAL_PARTS_H
#define KTRACE_SINKS_TERMINAL_PARTS_H

#include "sinks/terminal.h"

enum ink { INK_PLAIN, INK_DIM, INK_BOLD, INK_RED, INK_YELLOW, INK_GREEN, INK_CYAN };

/* text in a colour, or as it is where the style has none. text is neutralised already. */
void terminal_ink(
	struct strbuf *out, const struct terminal_style *style, enum ink ink, const char *text);

/* Columns for running text: the terminal's, or 100 where that is not known. */
size_t terminal_width(const struct terminal_style *style);

/* Columns that neutralised text takes: wide characters are two, combining ones none. */
size_t terminal_columns(const char *text);

/* Neutralised text in exactly so many columns: padded with blanks, or cut in its middle with "…". */
void terminal_fit(struct strbuf *out, const char *text, size_t columns);

/* At most so many columns: the middle goes, as the ends of a path say most. */
void terminal_shorten(struct strbuf *out, const char *text, size_t columns);

/* At most so many columns: the end goes. */
void terminal_cut(struct strbuf *out, const char *text, size_t columns);

/* Words of neutralised text in lines of `width` columns, each after the first behind `indent` blanks; at: columns taken. */
void terminal_wrap(struct strbuf *out, const char *text, size_t at, size_t indent, size_t width);

void terminal_process(struct strbuf *out, const char *comm, uint32_t pid); /* "cp(4711)" */
void terminal_size(struct strbuf *out, uint64_t bytes);                    /* "64 MiB" */
/* "exited with 1"; signal may be NULL. */
void terminal_exit(struct strbuf *out, int code, const char *signal);

#endif
