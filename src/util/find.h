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

#endif
