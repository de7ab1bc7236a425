/* SPDX-License-Identifier: MIT */
/*
 * Numbers and strings, one behind the other, for a process of the same program. A writer that ran out of room and a
 * reader that ran out of bytes remember it, so that one check at the end is enough. Pure.
 */
#ifndef KTRACE_UTIL_PACK_H
#define KTRACE_UTIL_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pack {
	char *data;
	size_t len, size;
	bool full; /* something did not fit: the rest was left out */
};

static inline void pack_bytes(struct pack *p, const void *bytes, size_t len)
{
	p->full |= len > p->size - p->len;
	if (p->full)
		return;
	memcpy(p->data + p->len, bytes, len);
	p->len += len;
}

static inline void pack_number(struct pack *p, uint64_t n)
{
	pack_bytes(p, &n, sizeof(n));
}

/* With its NUL; NULL is "". */
static inline void pack_string(struct pack *p, const char *s)
{
	s = s ? s : "";
	pack_bytes(p, s, strlen(s) + 1);
}

struct unpack {
	const char *at;
	size_t left;
	bool bad; /* there was less than was asked for: all that follows is 0 and "" */
};

static inline uint64_t unpack_number(struct unpack *u)
{
	uint64_t n = 0;

	u->bad |= u->left < sizeof(n);
	if (u->bad)
		return 0;
	memcpy(&n, u->at, sizeof(n));
	u->at += sizeof(n);
	u->left -= sizeof(n);
	return n;
}

/* Points into what is read. */
static inline const char *unpack_string(struct unpack *u)
{
	const char *s = u->at;
	const char *end = u->bad ? NULL : memchr(s, '\0', u->left);

	u->bad |= !end;
	if (u->bad)
		return "";
	u->left -= (size_t)(end + 1 - s);
	u->at = end + 1;
	return s;
}

#endif
