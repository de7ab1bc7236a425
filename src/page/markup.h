/* SPDX-License-Identifier: MIT */
/* Text as HTML. Whatever a container chose goes through here: neutralised, then escaped. Pure. */
#ifndef KTRACE_PAGE_MARKUP_H
#define KTRACE_PAGE_MARKUP_H

#include "util/strbuf.h"

/* Between tags and in quoted attributes alike; NULL is "". */
void markup_text(struct strbuf *out, const char *text);

/* Our sentences, with `names` in them as code. */
void markup_prose(struct strbuf *out, const char *text);

/* At most so many columns: the end goes, or with middle the middle. */
void markup_cut(struct strbuf *out, const char *text, size_t columns, bool middle);

/* Several lines stay lines. */
void markup_lines(struct strbuf *out, const char *text);

/* "+0.123 s": a time, counted from origin (both nanoseconds). */
#define OFFSET_SIZE 32
void markup_offset(char out[OFFSET_SIZE], uint64_t time, uint64_t origin);

/* Text that is neutralised already. */
void markup_escape(struct strbuf *out, const char *text);

#endif
