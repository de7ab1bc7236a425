// SPDX-License-Identifier: MIT
#include "util/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/decimal.h"

void strbuf_free(struct strbuf *b)
{
	free(b->data);
	*b = (struct strbuf)STRBUF_INIT;
}

void strbuf_reset(struct strbuf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

bool strbuf_grow(struct strbuf *b, size_t len)
{
	if (len > SIZE_MAX / 4 - b->len) {
		b->failed = true;
		return false;
	}
	size_t capacity = (b->len + len + 1) * 3 / 2 + 64;
	char *data = realloc(b->data, capacity);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->capacity = capacity;
	return true;
}

void strbuf_append(struct strbuf *b, const char *data, size_t len)
{
	if (!strbuf_reserve(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void strbuf_puts(struct strbuf *b, const char *s)
{
	strbuf_append(b, s, strlen(s));
}

void strbuf_putc(struct strbuf *b, char c)
{
	if (!strbuf_reserve(b, 1))
		return;
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void strbuf_putu(struct strbuf *b, uint64_t n)
{
	char digits[DECIMAL_MAX], *end = digits + sizeof(digits), *p = decimal_before(end, n);

	strbuf_append(b, p, (size_t)(end - p));
}

void strbuf_puti(struct strbuf *b, int64_t n)
{
	if (n < 0)
		strbuf_putc(b, '-');
	strbuf_putu(b, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0) {
		b->failed = true;
		return;
	}
	if (!strbuf_reserve(b, (size_t)len))
		return;
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
	b->len += (size_t)len;
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

char *strbuf_take(struct strbuf *b)
{
	if (!b->failed && !b->data)
		strbuf_append(b, "", 0);
	if (b->failed) {
		strbuf_free(b);
		return NULL;
	}
	char *data = b->data;
	*b = (struct strbuf)STRBUF_INIT;
	return data;
}
