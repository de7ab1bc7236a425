/* SPDX-License-Identifier: MIT */
/*
 * Keeps a file of lines (line_file.h) like what its user holds in memory: the diagnosis store's, the memory's. What
 * changes is appended; where that will not do, the file is written anew, a piece with each flush, so that no turn of the
 * agent's loop takes long for it, and nothing is in memory twice. Meanwhile the old file goes on. A disk that is full is
 * said once; once there is space, the file is written anew.
 */
#ifndef KTRACE_AGENT_LINE_WRITER_H
#define KTRACE_AGENT_LINE_WRITER_H

#include "agent/line_file.h"

struct line_writer_options {
	const char *path, *head;                     /* borrowed; head: static */
	const char *things;                          /* "diagnoses" */
	void (*first)(void *ctx);                    /* the next line is the first one */
	bool (*next)(void *ctx, struct strbuf *out); /* appends one; false: there are no more */
	void *ctx;
};

struct line_writer;
/* As line_file_open(). */
int line_writer_open(const struct line_writer_options *options, struct line_writer **out);
/* Writes what it can, and waits for the disk where that is needed. NULL is fine. */
void line_writer_close(struct line_writer *w);

/* With NULL, which is a writer of nothing, these do nothing. */
void line_writer_add(struct line_writer *w, const struct file_line *line);
/* To append will not do: something is in the file that no longer holds. */
void line_writer_renew(struct line_writer *w);
/* 0: all is in the file; 1: not yet; or a negative errno, as long as it cannot be written. */
int line_writer_flush(struct line_writer *w);
/* Bytes of the file with all that was added; 0 while a new one is to be written. */
uint64_t line_writer_size(const struct line_writer *w);

#endif
