/* SPDX-License-Identifier: MIT */
/* The lines of a log or a recording, compressed or not. */
#ifndef KTRACE_RECORD_LINES_H
#define KTRACE_RECORD_LINES_H

#include <stddef.h>

struct lines;

int lines_open(const char *path, struct lines **out); /* "-" is stdin. 0 or a negative errno */
void lines_close(struct lines *l);                    /* NULL is fine */

/* 1 with a line (without its newline, valid until the next call), 0 at the end, -EBADMSG: see lines_error(). */
int lines_next(struct lines *l, const char **line, size_t *len);
const char *lines_error(const struct lines *l); /* "it ends in the middle" */

#endif
