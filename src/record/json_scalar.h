/* SPDX-License-Identifier: MIT */
/*
 * A string and a number of a JSON text, as RFC 8259 has them. Only json_tree.c uses this. The text ends with JSON_PADDING bytes of
 * NUL: eight are read at once, and none of them ends a string. Pure.
 */
#ifndef KTRACE_RECORD_JSON_SCALAR_H
#define KTRACE_RECORD_JSON_SCALAR_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_PADDING 8

/*
 * At the quote that opens it, and then behind the one that closes it. What it stands for is left in its place, with a NUL behind its
 * *len bytes. NULL: it is none, and *at is where it ceases to be one.
 */
char *json_read_string(char **at, size_t *len);

/* At the sign or the first digit, and then behind the last one; rounded as strtod(3) does. False: it is none. */
bool json_read_number(char **at, double *out);

#endif
