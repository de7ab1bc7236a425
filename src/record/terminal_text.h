/* SPDX-License-Identifier: MIT */
/*
 * Text that a person will read somewhere: lines on the terminal, messages of records. What is appended is
 * neutralised, so that no byte that a container chose acts as a control there. Pure.
 */
#ifndef KTRACE_RECORD_TERMINAL_TEXT_H
#define KTRACE_RECORD_TERMINAL_TEXT_H

#include "ktrace/container.h"
#include "util/strbuf.h"

/* Any text that somebody else chose, neutralised; newlines are escaped too. */
void terminal_text(struct strbuf *out, const char *text);

/* A container's id, its first 12 digits. Neutralised. */
void terminal_id(struct strbuf *out, const char *id);

/* "namespace/pod/container", or the runtime's name, or the id's first 12 digits; "-" for NULL. Neutralised. */
void terminal_container(struct strbuf *out, const struct container *c);

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
void terminal_seconds(struct strbuf *out, uint64_t ns); /* "0.250 s" */

#endif
