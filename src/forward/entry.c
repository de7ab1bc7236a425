// SPDX-License-Identifier: MIT
#include "forward/entry.h"

#include <errno.h>
#include <msgpack/pack.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16 /* a record has five levels */

/* One pass over the text; a JSON library would lose whether a number was 1 or 1.00. */
struct reader {
	const char *at, *end;
	struct strbuf *out;
	struct strbuf text; /* the string at hand, without its escapes */
	msgpack_packer packer;
	int depth;
};

int forward_pack(void *data, const char *bytes, size_t len)
{
	struct strbuf *out = data;

	strbuf_append(out, bytes, len);
	return out->failed ? -1 : 0;
}

static void skip_space(struct reader *r)
{
	while (r->at < r->end && memchr(" \t\r\n", *r->at, 4))
		r->at++;
}

static bool next_is(struct reader *r, char c)
{
	skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool next_word_is(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

static int hex_unit(struct reader *r, uint32_t *unit)
{
	static const char digits[] = "00112233445566778899aAbBcCdDeEfF";

	if (r->end - r->at < 4)
		return -EINVAL;
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		const char *digit = memchr(digits, *r->at++, sizeof(digits) - 1);
		if (!digit)
			return -EINVAL;
		*unit = *unit << 4 | (uint32_t)(digit - digits) / 2;
	}
	return 0;
}

static void append_code_point(struct strbuf *out, uint32_t cp)
{
	char bytes[4] = { (char)(0xf0 | cp >> 18), (char)(0x80 | (cp >> 12 & 0x3f)),
		(char)(0x80 | (cp >> 6 & 0x3f)), (char)(0x80 | (cp & 0x3f)) };
	int len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	if (len == 1)
		bytes[3] = (char)cp;
	else if (len == 2)
		bytes[2] = (char)(0xc0 | cp >> 6);
	else if (len == 3)
		bytes[1] = (char)(0xe0 | cp >> 12);
	strbuf_append(out, bytes + 4 - len, (size_t)len);
}

/* \uXXXX, or two of them. Half a pair is no character: servers refuse a str that is not UTF-8. */
static int unescape_unicode(struct reader *r)
{
	uint32_t cp, low;

	if (hex_unit(r, &cp) < 0)
		return -EINVAL;
	if (cp >> 10 == 0xd800 >> 10) {
		if (!next_word_is(r, "\\u") || hex_unit(r, &low) < 0 || low >> 10 != 0xdc00 >> 10)
			return -EINVAL;
		cp = 0x10000 + ((cp & 0x3ff) << 10 | (low & 0x3ff));
	} else if (cp >> 10 == 0xdc00 >> 10) {
		return -EINVAL;
	}
	append_code_point(&r->text, cp);
	return 0;
}

static int unescape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	if (r->at == r->end)
		return -EINVAL;
	char c = *r->at++;
	if (c == 'u')
		return unescape_unicode(r);
	const char *known = memchr(from, c, sizeof(from) - 1);
	if (!known)
		return -EINVAL;
	strbuf_putc(&r->text, to[known - from]);
	return 0;
}

static int read_string(struct reader *r)
{
	strbuf_reset(&r->text);
	if (!next_is(r, '"'))
		return -EINVAL;
	while (r->at < r->end && *r->at != '"') {
		const char *run = r->at;

		while (r->at < r->end && *r->at != '"' && *r->at != '\\')
			r->at++;
		strbuf_append(&r->text, run, (size_t)(r->at - run));
		if (r->at < r->end && *r->at == '\\') {
			r->at++;
			if (unescape(r) < 0)
				return -EINVAL;
		}
	}
	if (r->at++ == r->end)
		return -EINVAL;
	msgpack_pack_str_with_body(&r->packer, r->text.data ? r->text.data : "", r->text.len);
	return r->text.failed ? -ENOMEM : 0;
}

static int read_number(struct reader *r)
{
	char text[32], *end;
	size_t len = 0;

	while (r->at + len < r->end && len < sizeof(text) - 1 && r->at[len] &&
		strchr("+-.0123456789eE", r->at[len]))
		len++;
	memcpy(text, r->at, len);
	text[len] = '\0';
	r->at += len;
	errno = 0;
	if (strpbrk(text, ".eE"))
		msgpack_pack_double(&r->packer, strtod(text, &end));
	else if (*text == '-')
		msgpack_pack_int64(&r->packer, strtoll(text, &end, 10));
	else
		msgpack_pack_uint64(&r->packer, strtoull(text, &end, 10));
	return !len || *end || errno ? -EINVAL : 0;
}

/*
 * How many members there are is known at the end, so the header is always the one with 16 bits of
 * length, filled in then.
 */
static size_t open_scope(struct reader *r, char type)
{
	char header[3] = { type };

	strbuf_append(r->out, header, sizeof(header));
	return r->out->len;
}

static int close_scope(struct reader *r, size_t start, unsigned members)
{
	if (r->out->failed)
		return -ENOMEM;
	if (members > UINT16_MAX)
		return -EINVAL;
	r->out->data[start - 2] = (char)(members >> 8);
	r->out->data[start - 1] = (char)members;
	return 0;
}

static int read_value(struct reader *r);

static int read_object(struct reader *r)
{
	size_t start = open_scope(r, (char)0xde); /* map 16 */
	unsigned members = 0;
	int err;

	if (!next_is(r, '}')) {
		do {
			if ((err = read_string(r)) < 0)
				return err;
			if (!next_is(r, ':'))
				return -EINVAL;
			if ((err = read_value(r)) < 0)
				return err;
			members++;
		} while (next_is(r, ','));
		if (!next_is(r, '}'))
			return -EINVAL;
	}
	return close_scope(r, start, members);
}

static int read_array(struct reader *r)
{
	size_t start = open_scope(r, (char)0xdc); /* array 16 */
	unsigned members = 0;
	int err;

	if (!next_is(r, ']')) {
		do {
			if ((err = read_value(r)) < 0)
				return err;
			members++;
		} while (next_is(r, ','));
		if (!next_is(r, ']'))
			return -EINVAL;
	}
	return close_scope(r, start, members);
}

static int read_scope(struct reader *r, int (*read)(struct reader *r))
{
	if (++r->depth > DEPTH_MAX)
		return -EINVAL;
	int err = read(r);
	r->depth--;
	return err;
}

static int read_value(struct reader *r)
{
	skip_space(r);
	if (r->at < r->end && *r->at == '"')
		return read_string(r);
	if (next_is(r, '{'))
		return read_scope(r, read_object);
	if (next_is(r, '['))
		return read_scope(r, read_array);
	if (next_word_is(r, "true"))
		return msgpack_pack_true(&r->packer) < 0 ? -ENOMEM : 0;
	if (next_word_is(r, "false"))
		return msgpack_pack_false(&r->packer) < 0 ? -ENOMEM : 0;
	if (next_word_is(r, "null"))
		return msgpack_pack_nil(&r->packer) < 0 ? -ENOMEM : 0;
	return read_number(r);
}

/* Seconds and nanoseconds, big endian, as ext type 0: no server takes a float for a time and keeps it. */
static void pack_time(msgpack_packer *packer, uint64_t time)
{
	uint32_t seconds = (uint32_t)(time / 1000000000), ns = (uint32_t)(time % 1000000000);
	char body[8];

	for (int i = 0; i < 4; i++) {
		body[i] = (char)(seconds >> (24 - 8 * i));
		body[4 + i] = (char)(ns >> (24 - 8 * i));
	}
	msgpack_pack_ext_with_body(packer, body, sizeof(body), 0);
}

int forward_entry(struct strbuf *out, uint64_t time, const char *line, size_t len)
{
	struct reader r = { .at = line, .end = line + len, .out = out };
	size_t start = out->len;

	msgpack_packer_init(&r.packer, out, forward_pack);
	msgpack_pack_array(&r.packer, 2);
	pack_time(&r.packer, time);
	int err = next_is(&r, '{') ? read_scope(&r, read_object) : -EINVAL;
	skip_space(&r);
	if (err == 0 && r.at != r.end)
		err = -EINVAL;
	if (out->failed)
		err = -ENOMEM;
	strbuf_free(&r.text);
	if (err < 0) {
		out->len = start;
		if (out->data)
			out->data[start] = '\0';
	}
	return err;
}
