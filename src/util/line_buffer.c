// SPDX-License-Identifier: MIT
#include "util/line_buffer.h"

#include <errno.h>
#include <string.h>

void line_buffer_free(struct line_buffer *b)
{
	strbuf_free(&b->in);
	b->taken = 0;
}

int line_buffer_add(struct line_buffer *b, const char *data, size_t len)
{
	size_t rest = b->in.len - b->taken;

	if (rest > LINE_BYTES_MAX)
		return -EMSGSIZE;
	if (b->taken)
		memmove(b->in.data, b->in.data + b->taken, rest);
	b->in.len = rest;
	b->taken = 0;
	strbuf_append(&b->in, data, len);
	return b->in.failed ? -ENOMEM : 0;
}

const char *line_buffer_next(struct line_buffer *b, size_t *len)
{
	size_t rest = b->in.len - b->taken;
	char *start = rest ? b->in.data + b->taken : NULL;
	char *end = rest ? memchr(start, '\n', rest) : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*len = (size_t)(end - start);
	b->taken += *len + 1;
	return start;
}

const char *line_buffer_rest(struct line_buffer *b, size_t *len)
{
	const char *start = b->in.data ? b->in.data + b->taken : NULL;

	*len = b->in.len - b->taken;
	b->taken = b->in.len;
	return *len ? start : NULL;
}
