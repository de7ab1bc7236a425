// SPDX-License-Identifier: MIT
#include "util/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/eight_bytes.h"

size_t utf8_decode(const char *s, size_t len, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (n == 0 || n > len)
		return 0;
	uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

size_t utf8_ascii_run(const char *s, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t eight = eight_at(s + i), marks = eight_high(eight) | eight_below(eight, 1);
		if (marks)
			return i + eight_first(marks);
	}
	while (i < len && (unsigned char)(s[i] - 1) < 0x7f)
		i++;
	return i;
}

size_t utf8_printable_run(const char *s, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t eight = eight_at(s + i);
		uint64_t marks =
			eight_high(eight) | eight_below(eight, 0x20) | eight_equal(eight, 0x7f);
		if (marks)
			return i + eight_first(marks);
	}
	while (i < len && s[i] >= 0x20 && s[i] < 0x7f)
		i++;
	return i;
}

size_t utf8_sanitise(char *out, const char *s, size_t len)
{
	size_t o = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = utf8_ascii_run(s + i, len - i);
		memcpy(out + o, s + i, n);
		o += n;
		i += n;
		if (i == len)
			break;
		n = utf8_decode(s + i, len - i, &cp);
		if (n == 0 || cp == 0) {
			memcpy(out + o, "\xef\xbf\xbd", 3);
			o += 3;
			i++;
			continue;
		}
		memcpy(out + o, s + i, n);
		o += n;
		i += n;
	}
	out[o] = '\0';
	return o;
}

char *utf8_sanitised(const char *s, size_t len)
{
	bool plain = utf8_ascii_run(s, len) == len;
	char *copy = malloc(plain ? len + 1 : UTF8_SANITISED_MAX(len));

	if (!copy)
		return NULL;
	size_t n = utf8_sanitise(copy, s, len);
	return plain ? copy : realloc(copy, n + 1) ?: copy;
}

int utf8_is_unsafe(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f },
		{ 0x7f, 0x9f },
		{ 0xad, 0xad },
		{ 0x61c, 0x61c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return 1;
	return 0;
}
