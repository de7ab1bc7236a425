// SPDX-License-Identifier: MIT
/* What is no program by its first bytes, and that what is recognised is known to the diagnosis too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "container/file_format.h"
#include "diagnose/knowledge/file_formats.h"
#include "util/cleanup.h"

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t len;
	const char *name;
} files[] = {
	{ BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"), "git-lfs" },
	{ BYTES("<!DOCTYPE html>\n<html>"), "html" },
	{ BYTES("\xef\xbb\xbf\r\n  <HTML lang=en>"), "html" },
	{ BYTES("<?xml version='1.0'?><Error/>"), "xml" },
	{ BYTES("{ \"message\": \"Not Found\" }"), "json" },
	{ BYTES("\x1f\x8b\x08\0"), "gzip" },
	{ BYTES("\xfd"
		"7zXZ\0\0"),
		"xz" },
	{ BYTES("BZh91AY"), "bzip2" },
	{ BYTES("\x28\xb5\x2f\xfd\x04"), "zstd" },
	{ BYTES("PK\x03\x04\x14"), "zip" },
	{ BYTES("!<arch>\ndebian-binary   1"), "deb" },
	{ BYTES("\xed\xab\xee\xdb\x03"), "rpm" },
	{ BYTES("MZ\x90"), "windows" },
	{ BYTES("\xcf\xfa\xed\xfe\x07"), "macos" },
	{ BYTES("\xca\xfe\xba\xbe\0\0\0\x02"), "macos" },
	{ BYTES("\xca\xfe\xba\xbe\0\0\0\x41"), "java-class" },
	{ BYTES("\0asm\x01"), "wasm" },
	/* and what may well be a script without its first line, or nothing that is known */
	{ BYTES("mkdir -p /run/work\n"), "" },
	{ BYTES("{ echo hello; }\n"), "" },
	{ BYTES("\xca\xfe\xba"), "" },
	{ BYTES("P"), "" },
	{ BYTES("  "), "" },
	{ BYTES("{"), "" },
};

static void first_bytes_show_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const unsigned char *data = (const unsigned char *)files[i].bytes;
		assert_string_equal(file_format_of(data, files[i].len), files[i].name);
	}
	assert_string_equal(file_format_of((const unsigned char *)"", 0), "");
}

static void an_archive_of_tar_has_its_name_further_on(void **state)
{
	unsigned char block[512] = "bin/app";

	(void)state;
	memcpy(block + 257, "ustar", 5);
	assert_string_equal(file_format_of(block, sizeof(block)), "tar");
	assert_string_equal(file_format_of(block, 260), "");
}

static void what_is_recognised_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (*files[i].name)
			assert_non_null(file_format_by_name(files[i].name));
	assert_non_null(file_format_by_name("tar"));
	assert_null(file_format_by_name(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_bytes_show_what_it_is),
		cmocka_unit_test(an_archive_of_tar_has_its_name_further_on),
		cmocka_unit_test(what_is_recognised_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
