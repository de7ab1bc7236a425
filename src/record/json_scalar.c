// SPDX-License-Identifier: MIT
#include "record/json_scalar.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What ends a run of bytes that stay as they are. */
static bool is_special(char c)
{
	return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits; -1 where there are none. */
static int hex_unit(const char *at)
{
	int unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

static char *put_utf8(char *out, unsigned cp)
{
	if (cp < 0x80) {
		*out++ = (char)cp;
		return out;
	}
	if (cp < 0x800) {
		*out++ = (char)(0xc0 | cp >> 6);
	} else if (cp < 0x10000) {
		*out++ = (char)(0xe0 | cp >> 12);
		*out++ = (char)(0x80 | (cp >> 6 & 0x3f));
	} else {
		*out++ = (char)(0xf0 | cp >> 18);
		*out++ = (char)(0x80 | (cp >> 12 & 0x3f));
		*out++ = (char)(0x80 | (cp >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (cp & 0x3f));
	return out;
}

/* \uXXXX, or two of them for what is above U+FFFF; at the first digit. NULL: it is none. */
static char *unescape_unit(char **at, char *out)
{
	int unit = hex_unit(*at), low;

	if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return NULL;
	*at += 4;
	if (unit < 0xd800 || unit > 0xdfff)
		return put_utf8(out, unit ? (unsigned)unit : 0xfffd);
	if ((*at)[0] != '\\' || (*at)[1] != 'u')
		return NULL;
	low = hex_unit(*at + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return NULL;
	*at += 6;
	return put_utf8(
		out, 0x10000 + (((unsigned)unit - 0xd800) << 10 | ((unsigned)low - 0xdc00)));
}

/* At the backslash; what it stands for is never longer. NULL: for nothing. */
static char *unescape(char **at, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = (*at)[1];
	const char *found = c ? strchr(from, c) : NULL;

	if (found) {
		*at += 2;
		*out = to[found - from];
		return out + 1;
	}
	if (c != 'u')
		return NULL;
	*at += 2;
	return unescape_unit(at, out);
}

char *json_unescape(char **at, char *out)
{
	while (**at == '\\') {
		out = unescape(at, out);
		if (!out)
			return NULL;
		while (!is_special(**at))
			*out++ = *(*at)++;
	}
	return **at == '"' ? out : NULL;
}

#define EXACT_MANTISSA (1ull << 53)
#define EXACT_POWER 22 /* of ten: the largest one that a double holds */

struct decimal {
	uint64_t mantissa;
	int exponent; /* of ten */
	bool whole;   /* the mantissa has all of the digits */
};

static bool read_digits(char **at, struct decimal *d, int exponent)
{
	char *start = *at;

	for (; **at >= '0' && **at <= '9'; ++*at) {
		d->whole &= d->mantissa < EXACT_MANTISSA;
		d->mantissa = d->mantissa * 10 + (uint64_t)(**at - '0');
		d->exponent += exponent;
	}
	return *at > start;
}

static bool read_exponent(char **at, struct decimal *d)
{
	struct decimal e = { .whole = true };
	bool negative = **at == '-';

	*at += negative || **at == '+';
	if (!read_digits(at, &e, 0))
		return false;
	if (e.mantissa > 1000)
		d->whole = false; /* for strtod() to say what it is */
	else
		d->exponent += negative ? -(int)e.mantissa : (int)e.mantissa;
	return true;
}

/* Exact doubles multiplied or divided once are rounded right; for the rest there is strtod(). */
bool json_read_number(char **text, double *out)
{
	static const double powers[EXACT_POWER + 1] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
		1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	struct decimal d = { .whole = true };
	char *start = *text, *at = *text;
	bool negative = *at == '-';

	at += negative;
	if (*at == '0' && at[1] >= '0' && at[1] <= '9')
		return false;
	if (!read_digits(&at, &d, 0) || (*at == '.' && (at++, !read_digits(&at, &d, -1))) ||
		((*at == 'e' || *at == 'E') && (at++, !read_exponent(&at, &d))))
		return false;
	*text = at;
	if (!d.whole || d.mantissa >= EXACT_MANTISSA || abs(d.exponent) > EXACT_POWER) {
		*out = strtod(start, NULL);
		return true;
	}
	double value = d.exponent < 0 ? (double)d.mantissa / powers[-d.exponent]
				      : (double)d.mantissa * powers[d.exponent];
	*out = negative ? -value : value;
	return true;
}
