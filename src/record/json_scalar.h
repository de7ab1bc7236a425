/* SPDX-License-Identifier: MIT */
/*
 * A string and a number of a JSON text, as RFC 8259 has them. Only json_tree.c uses this. The text ends with JSON_PADDING bytes of
 * NUL: eight are read at once, and none of them ends a string. Pure.
 */
#ifndef KTRACE_RECORD_JSON_SCALAR_H
#define KTRACE_RECORD_JSON_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/eight_bytes.h"

#define JSON_PADDING 8

/*
 * What is left of a string from a backslash on, put at `out`: goes on to the quote that closes it, and returns where its text then
 * ends. NULL: *at is where it ceases to be one.
 */
char *json_unescape(char **at, char *out);

/* The next byte that ends a run of those that stay as they are: a quote, a backslash, a control character. */
static inline char *json_skip_plain(char *at)
{
	for (;; at += 8) {
		uint64_t eight = eight_at(at);
		/* eight_equal() of two and eight_below() in one, as far as they are alike. */
		uint64_t marks =
			((eight - EACH_BYTE(0x20)) | ((eight ^ EACH_BYTE('"')) - EACH_BYTE(1)) |
				((eight ^ EACH_BYTE('\\')) - EACH_BYTE(1))) &
			~eight & EACH_BYTE(0x80);
		if (marks)
			return at + eight_first(marks);
	}
}

/*
 * At the quote that opens it. What it stands for is left behind that, with a NUL behind its *len bytes. Returns what is behind the
 * quote that closes it; NULL: it is none, and *at is where it ceases to be one.
 */
static inline char *json_read_string(char **at, size_t *len)
{
	char *start = *at + 1, *end = json_skip_plain(start), *quote = end;

	if (*end != '"') {
		*at = end;
		end = json_unescape(at, end);
		if (!end)
			return NULL;
		quote = *at;
	}
	*end = '\0';
	*len = (size_t)(end - start);
	return quote + 1;
}

/* At the sign or the first digit, and then behind the last one; rounded as strtod(3) does. False: it is none. */
bool json_read_number(char **at, double *out);

#endif
