// SPDX-License-Identifier: MIT
#include "container/file_format.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "util/cleanup.h"

#define BYTES(text) text, sizeof(text) - 1
#define FAT_MOST \
	20 /* machines that a Mach-O file holds programs for; Java's class files have 45 and more there */

/* Formats that have their signature at a fixed place: magic(5), and the specifications that it names. */
static const struct signature {
	size_t at;
	const char *bytes;
	size_t len;
	const char *name;
} signatures[] = {
	{ 0, BYTES("version https://git-lfs.github.com/spec/"), "git-lfs" },
	{ 0, BYTES("\x1f\x8b"), "gzip" },
	{ 0,
		BYTES("\xfd"
		      "7zXZ\0"),
		"xz" },
	{ 0, BYTES("BZh"), "bzip2" },
	{ 0, BYTES("\x28\xb5\x2f\xfd"), "zstd" },
	{ 0, BYTES("PK\x03\x04"), "zip" },
	{ 257, BYTES("ustar"), "tar" },
	{ 0, BYTES("!<arch>\ndebian-binary"), "deb" },
	{ 0, BYTES("\xed\xab\xee\xdb"), "rpm" },
	{ 0, BYTES("MZ"), "windows" },
	{ 0, BYTES("\xcf\xfa\xed\xfe"), "macos" },
	{ 0, BYTES("\xce\xfa\xed\xfe"), "macos" },
	{ 0, BYTES("\0asm"), "wasm" },
};

/* Mach-O for several machines and Java's class files begin alike; what follows is a number of machines, or a version. */
static const char *of_cafebabe(const unsigned char *data, size_t len)
{
	if (len < 8 || memcmp(data, "\xca\xfe\xba\xbe", 4) != 0)
		return "";
	return data[4] || data[5] || data[6] || data[7] > FAT_MOST ? "java-class" : "macos";
}

static bool begins(const unsigned char *data, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && !strncasecmp((const char *)data, word, n);
}

/* What a server answered in place of the file: behind a byte order mark and blanks. */
static const char *of_markup(const unsigned char *data, size_t len)
{
	size_t at = len >= 3 && !memcmp(data, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (at < len && isspace(data[at]))
		at++;
	data += at;
	len -= at;
	if (begins(data, len, "<!doctype html") || begins(data, len, "<html"))
		return "html";
	if (begins(data, len, "<?xml"))
		return "xml";
	if (!len || data[0] != '{')
		return "";
	for (at = 1; at < len && isspace(data[at]);)
		at++;
	return at < len && data[at] == '"' ? "json" : "";
}

const char *file_format_of(const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
		const struct signature *s = &signatures[i];
		if (len >= s->at + s->len && !memcmp(data + s->at, s->bytes, s->len))
			return s->name;
	}
	const char *name = of_cafebabe(data, len);
	return *name ? name : of_markup(data, len);
}
