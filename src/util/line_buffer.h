/* SPDX-License-Identifier: MIT */
/* Bytes that come in pieces, from a file or from somebody who may send anything, cut into lines. Pure. */
#ifndef KTRACE_UTIL_LINE_BUFFER_H
#define KTRACE_UTIL_LINE_BUFFER_H

#include "util/strbuf.h"

#define LINE_BYTES_MAX (1 << 20) /* ktrace writes 16 KiB at most: more is no line of its own */

struct line_buffer {
	struct strbuf in;
	size_t taken; /* of in: what was handed out */
};

void line_buffer_free(struct line_buffer *b);

/*
 * Appends a piece, when all whole lines were taken: those are valid until now. 0; -EMSGSIZE: more than
 * LINE_BYTES_MAX bytes wait for their newline; -ENOMEM.
 */
int line_buffer_add(struct line_buffer *b, const char *data, size_t len);

/* The next whole line with a NUL in place of its newline; NULL when there is none yet. */
const char *line_buffer_next(struct line_buffer *b, size_t *len);

/* What has no newline and, at the end, gets none; NULL when there is nothing. Takes it. */
const char *line_buffer_rest(struct line_buffer *b, size_t *len);

#endif
