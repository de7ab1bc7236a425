// SPDX-License-Identifier: MIT
/* Until when somebody wrote a log: its last whole record, wherever it was cut off or rotated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sinks/log_end.h"

#define FIRST "{\"@timestamp\":\"2026-07-01T00:00:01.000000000Z\",\"message\":\"a\"}\n"
#define SECOND "{\"@timestamp\":\"2026-07-01T00:00:02.500000000Z\",\"message\":\"b\"}\n"
#define FIRST_NS 1782864001000000000ULL
#define SECOND_NS 1782864002500000000ULL

static char directory[] = "/tmp/ktrace-log-end-XXXXXX", path[128];

static void put(const char *name, const char *text, size_t times)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", directory, name);
	FILE *f = fopen(full, "w");
	assert_non_null(f);
	while (times--)
		fputs(text, f);
	fclose(f);
}

static void expect(int err, uint64_t want)
{
	uint64_t ns = 0;

	assert_int_equal(log_last_time(path, &ns), err);
	assert_int_equal(ns, want);
}

static void the_last_whole_record_counts(void **state)
{
	(void)state;
	expect(-ENOENT, 0);
	put("log", "", 1);
	expect(-ENOENT, 0);
	put("log", FIRST SECOND, 1);
	expect(0, SECOND_NS);
	put("log", FIRST SECOND "{\"@timestamp\":\"2026-07-01T00:00:03.0", 1);
	expect(0, SECOND_NS);
	put("log", FIRST "not a record\n{\"@timestamp\":\"yesterday\"}\n\n", 1);
	expect(0, FIRST_NS);
	put("log", "no line ends here", 1);
	expect(-ENOENT, 0);
}

static void a_long_log_is_read_at_its_end(void **state)
{
	(void)state;
	put("log", FIRST FIRST FIRST SECOND, 4000);
	expect(0, SECOND_NS);
}

static void a_log_that_was_just_rotated_is_read_in_the_old_file(void **state)
{
	(void)state;
	put("log.1", FIRST, 1);
	put("log", "", 1);
	expect(0, FIRST_NS);
	unlink(path);
	expect(0, FIRST_NS);
}

static int make(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/log", directory);
	return 0;
}

static int clear(void **state)
{
	char rotated[sizeof(path) + 2];

	(void)state;
	snprintf(rotated, sizeof(rotated), "%s.1", path);
	unlink(path);
	unlink(rotated);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_whole_record_counts),
		cmocka_unit_test(a_long_log_is_read_at_its_end),
		cmocka_unit_test(a_log_that_was_just_rotated_is_read_in_the_old_file),
	};

	return cmocka_run_group_tests(tests, make, clear);
}
