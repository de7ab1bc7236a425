/* SPDX-License-Identifier: MIT */
/*
 * A string that grows. A failed allocation is remembered (`failed`) and makes every later append a
 * no-op, so that a writer checks once, at its end. Pure.
 */
#ifndef KTRACE_UTIL_STRBUF_H
#define KTRACE_UTIL_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf {
	char *data; /* NUL-terminated once something was appended; NULL before */
	size_t len, capacity;
	bool failed;
};

#define STRBUF_INIT \
	{ \
		0 \
	}

void strbuf_free(struct strbuf *b);             /* leaves it empty and usable */
void strbuf_reset(struct strbuf *b);            /* empty, memory kept, failure forgotten */
bool strbuf_grow(struct strbuf *b, size_t len); /* strbuf_reserve(), where there is no room yet */
/* room behind data + len for len bytes and the NUL */
static inline bool strbuf_reserve(struct strbuf *b, size_t len)
{
	return !b->failed && (len < b->capacity - b->len || strbuf_grow(b, len));
}
void strbuf_append(struct strbuf *b, const char *data, size_t len);
void strbuf_puts(struct strbuf *b, const char *s);
void strbuf_putc(struct strbuf *b, char c);
void strbuf_putu(struct strbuf *b, uint64_t n); /* decimal */
void strbuf_puti(struct strbuf *b, int64_t n);
void strbuf_printf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap);

/* The string, now the caller's to free ("" when empty); NULL when an allocation failed. Resets b. */
char *strbuf_take(struct strbuf *b);

#define _cleanup_strbuf_ __attribute__((cleanup(strbuf_free)))

#endif
