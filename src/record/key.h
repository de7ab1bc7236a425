/* SPDX-License-Identifier: MIT */
/* The name of a member, which is written as it is. Its length is known where it is compiled, or in a table. Pure. */
#ifndef KTRACE_RECORD_KEY_H
#define KTRACE_RECORD_KEY_H

#include <stddef.h>
#include <string.h>

struct key {
	const char *text; /* NULL: of an element of an array, and of the outermost value */
	size_t len;
};

static inline struct key key_of(const char *text)
{
	return (struct key){ text, text ? strlen(text) : 0 };
}

#endif
