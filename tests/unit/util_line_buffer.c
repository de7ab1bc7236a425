// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/line_buffer.h"

static void add(struct line_buffer *b, const char *text)
{
	assert_int_equal(line_buffer_add(b, text, strlen(text)), 0);
}

static void expect(struct line_buffer *b, const char *text)
{
	size_t len;
	const char *line = line_buffer_next(b, &len);

	assert_non_null(line);
	assert_string_equal(line, text);
	assert_int_equal(len, strlen(text));
}

static void pieces_become_lines(void **state)
{
	(void)state;
	struct line_buffer b = { 0 };
	size_t len;

	assert_null(line_buffer_next(&b, &len));
	assert_null(line_buffer_rest(&b, &len));
	add(&b, "on");
	assert_null(line_buffer_next(&b, &len));
	add(&b, "e\ntwo\n\nhal");
	expect(&b, "one");
	expect(&b, "two");
	expect(&b, "");
	assert_null(line_buffer_next(&b, &len));
	add(&b, "f");
	assert_null(line_buffer_next(&b, &len));
	assert_string_equal(line_buffer_rest(&b, &len), "half");
	assert_int_equal(len, 4);
	assert_null(line_buffer_rest(&b, &len));
	line_buffer_free(&b);
}

static void a_line_without_an_end_is_bounded(void **state)
{
	(void)state;
	static char piece[65536];
	struct line_buffer b = { 0 };
	size_t held = 0;
	int err;

	memset(piece, 'x', sizeof(piece));
	while ((err = line_buffer_add(&b, piece, sizeof(piece))) == 0 && held < 8 * LINE_BYTES_MAX)
		held += sizeof(piece);
	assert_int_equal(err, -EMSGSIZE);
	assert_true(held >= LINE_BYTES_MAX && held <= LINE_BYTES_MAX + sizeof(piece));
	line_buffer_free(&b);
	/* Many short ones are none of its business. */
	piece[sizeof(piece) - 1] = '\n';
	for (held = 0; held < 8 * LINE_BYTES_MAX; held += sizeof(piece)) {
		size_t len;

		assert_int_equal(line_buffer_add(&b, piece, sizeof(piece)), 0);
		assert_non_null(line_buffer_next(&b, &len));
	}
	assert_true(b.in.capacity < LINE_BYTES_MAX);
	line_buffer_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_become_lines),
		cmocka_unit_test(a_line_without_an_end_is_bounded),
	};

	return cmocka_run_group_tests_name("util_line_buffer", tests, NULL, NULL);
}
