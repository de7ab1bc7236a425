// SPDX-License-Identifier: MIT
#include "record/json.h"

#include <string.h>

#include "util/decimal.h"
#include "util/eight_bytes.h"
#include "util/utf8.h"

struct json json_start(struct strbuf *out)
{
	return (struct json){ .out = out, .string_max = SIZE_MAX, .first = true };
}

/* Names and numbers are short: most are written without a call. */
static inline char *put_short(char *p, const char *text, size_t len)
{
	if (len > 16 || len < 4) {
		memcpy(p, text, len);
	} else if (len >= 8) {
		memcpy(p, text, 8);
		memcpy(p + len - 8, text + len - 8, 8);
	} else {
		memcpy(p, text, 4);
		memcpy(p + len - 4, text + len - 4, 4);
	}
	return p + len;
}

/*
 * The event path writes some forty members a record, and what a record costs is the number of calls:
 * so a member makes sure of its room once and then writes where the buffer ends.
 */
static char *begin(struct json *j, struct key key, size_t value_max)
{
	struct strbuf *out = j->out;

	if (!strbuf_reserve(out, key.len + value_max + 4))
		return NULL;
	char *p = out->data + out->len;
	if (!j->first)
		*p++ = ',';
	j->first = false;
	if (!key.text)
		return p;
	*p++ = '"';
	p = put_short(p, key.text, key.len);
	*p++ = '"';
	*p++ = ':';
	return p;
}

static void end(struct json *j, char *p)
{
	*p = '\0';
	j->out->len = (size_t)(p - j->out->data);
}

static void member(struct json *j, struct key key, const char *value, size_t len)
{
	char *p = begin(j, key, len);

	if (!p)
		return;
	end(j, put_short(p, value, len));
}

void json_members(struct json *j, const char *members, size_t len)
{
	member(j, key_of(NULL), members, len);
}

static void open_scope(struct json *j, struct key key, char bracket)
{
	member(j, key, &bracket, 1);
	j->first = true;
}

static void close_scope(struct json *j, char bracket)
{
	strbuf_putc(j->out, bracket);
	j->first = false;
}

void json_named_open_object(struct json *j, struct key key)
{
	open_scope(j, key, '{');
}

void json_close_object(struct json *j)
{
	close_scope(j, '}');
}

void json_named_open_array(struct json *j, struct key key)
{
	open_scope(j, key, '[');
}

void json_close_array(struct json *j)
{
	close_scope(j, ']');
}

/* What a byte of a string may become: \uXXXX; a code point of four bytes takes two of these. */
#define ESCAPED_MAX 6

static char *escape_unit(char *p, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";

	*p++ = '\\';
	*p++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*p++ = hex[unit >> shift & 15];
	return p;
}

/* Everything that a terminal or a viewer of lines might act on goes out as \uXXXX. */
static char *escape(char *p, uint32_t cp)
{
	static const char brief[] = {
		['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r'
	};

	if (cp < sizeof(brief) && brief[cp]) {
		*p++ = '\\';
		*p++ = brief[cp];
		return p;
	}
	if (cp < 0x10000)
		return escape_unit(p, cp);
	p = escape_unit(p, 0xd800 + ((cp - 0x10000) >> 10));
	return escape_unit(p, 0xdc00 + ((cp - 0x10000) & 0x3ff));
}

/* Copies the bytes that go out as they are, most of all there are: printable ASCII but the quote and the backslash. */
static size_t put_plain(char *p, const char *s, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t eight = eight_at(s + i);
		uint64_t marks = eight_high(eight) | eight_below(eight, 0x20) |
				 eight_equal(eight, '"') | eight_equal(eight, '\\') |
				 eight_equal(eight, 0x7f);
		memcpy(p + i, &eight, sizeof(eight)); /* what is behind a mark is written over */
		if (marks)
			return i + eight_first(marks);
	}
	for (; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			break;
		p[i] = s[i];
	}
	return i;
}

size_t json_cut_length(const char *s, size_t max)
{
	size_t len = max;

	while (len > 0 && max - len < 3 && (s[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static char *put_string(char *p, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = put_plain(p, s + i, len - i);
		p += n;
		i += n;
		if (i == len)
			break;
		n = utf8_decode(s + i, len - i, &cp);
		if (!n) {
			memcpy(p, "\xef\xbf\xbd", 3);
			p += 3;
		} else if (cp == '"' || cp == '\\' || utf8_is_unsafe(cp)) {
			p = escape(p, cp);
		} else {
			memcpy(p, s + i, n);
			p += n;
		}
		i += n ? n : 1;
	}
	return p;
}

void json_named_string(struct json *j, struct key key, const char *value)
{
	size_t len = strlen(value);
	bool cut = len > j->string_max;

	if (cut)
		len = json_cut_length(value, j->string_max);
	j->cut |= cut;
	char *p = begin(j, key, len * ESCAPED_MAX + sizeof("\"" JSON_ELLIPSIS "\""));
	if (!p)
		return;
	*p++ = '"';
	p = put_string(p, value, len);
	if (cut) {
		memcpy(p, JSON_ELLIPSIS, sizeof(JSON_ELLIPSIS) - 1);
		p += sizeof(JSON_ELLIPSIS) - 1;
	}
	*p++ = '"';
	end(j, p);
}

void json_named_word(struct json *j, struct key key, const char *value)
{
	size_t len = strlen(value);
	char *p = begin(j, key, len + 2);

	if (!p)
		return;
	*p++ = '"';
	p = put_short(p, value, len);
	*p++ = '"';
	end(j, p);
}

uint64_t json_rounded(uint64_t value)
{
	return value >> 53 ? value & ~(uint64_t)0 << (11 - __builtin_clzll(value)) : value;
}

void json_named_uint(struct json *j, struct key key, uint64_t value)
{
	char digits[DECIMAL_MAX], *end = digits + sizeof(digits);
	const char *p = decimal_before(end, json_rounded(value));

	member(j, key, p, (size_t)(end - p));
}

void json_named_int(struct json *j, struct key key, int64_t value)
{
	char digits[DECIMAL_MAX + 1], *end = digits + sizeof(digits);
	char *p = decimal_before(end, value < 0 ? -(uint64_t)value : (uint64_t)value);

	if (value < 0)
		*--p = '-';
	member(j, key, p, (size_t)(end - p));
}

void json_named_bool(struct json *j, struct key key, bool value)
{
	if (value)
		member(j, key, "true", 4);
	else
		member(j, key, "false", 5);
}

void json_null(struct json *j, const char *key)
{
	member(j, key_of(key), "null", 4);
}

unsigned json_hundredths_of(double value)
{
	return (unsigned)(value > 0 && value < 1e6 ? value * 100 + 0.5 : 0);
}

void json_hundredths(struct json *j, const char *key, double value)
{
	/* By hand, as printf() writes the locale's decimal point. */
	unsigned n = json_hundredths_of(value);
	char digits[16], *end = digits + sizeof(digits), *point = end - 3;
	const char *p = decimal_before(point, n / 100);

	*point = '.';
	decimal_pair(point + 1, n % 100);
	member(j, key_of(key), p, (size_t)(end - p));
}
