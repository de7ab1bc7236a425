/* SPDX-License-Identifier: MIT */
/*
 * Where in `text` the string `what` is, in any case of the letters A to Z; NULL: nowhere; the start of the text for "".
 * For many searches in short texts: strcasestr(3) prepares each one, which then costs more than the search.
 */
#ifndef KTRACE_UTIL_FIND_H
#define KTRACE_UTIL_FIND_H

#include <stdbool.h>
#include <stddef.h>

const char *find_folded(const char *text, const char *what);

/* The same for the first `len` bytes of `what`, which has no 0 among them. */
const char *find_folded_part(const char *text, const char *what, size_t len);

/* One of these `n` strings is somewhere in the text. */
bool has_one_folded(const char *text, const char *const *words, size_t n);

/*
 * A text that many strings are looked for in: which pairs of letters stand beside each other in it. Most strings have one
 * that does not, and are ruled out by that. Borrows the text.
 */
struct find_index {
	const char *text;
	bool pairs[32 *
		   32]; /* of the five low bits of either byte: one for both cases of a letter */
};

void find_index_make(struct find_index *index, const char *text);

/* False: the first `len` bytes of `what` are nowhere in the text, in no case. */
bool find_index_may_have(const struct find_index *index, const char *what, size_t len);

/* The same answers as from the text itself. */
const char *find_folded_in(const struct find_index *index, const char *what);
const char *find_folded_part_in(const struct find_index *index, const char *what, size_t len);

#endif
