// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "agent/recording.h"
#include "record/lines.h"

static char path[64];

static int make_path(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/ktrace-recording-%d", (int)getpid());
	return 0;
}

static int remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

/* A recording of n records, each an agent_stats. */
static void record(unsigned n)
{
	struct pipeline_options options = { .node = "n\"1", .machine = 62 };
	struct pipeline *p;
	struct output *o;

	assert_int_equal(pipeline_new(&options, &p), 0);
	assert_int_equal(pipeline_set_missing(p, "oom, signal"), 0);
	assert_int_equal(recording_new(path, p, &o), 0);
	assert_int_equal(pipeline_add_output(p, o, LEVEL_ALL), 0);
	for (unsigned i = 0; i < n; i++) {
		struct record r = {
			.type = RECORD_AGENT_STATS, .time = i, .version = "0", .containers = i
		};

		pipeline_record(p, &r);
	}
	assert_int_equal(recording_finish(o), 0);
	pipeline_free(p);
}

static void what_is_written_is_read(void **state)
{
	struct recording_head head;
	struct lines *l;
	const char *line;
	size_t len, n = 0;

	(void)state;
	record(5000);
	assert_int_equal(lines_open(path, &l), 0);
	assert_int_equal(lines_next(l, &line, &len), 1);
	assert_int_equal(recording_head_read(line, len, &head), 0);
	assert_int_equal(head.format, RECORDING_FORMAT);
	assert_int_equal(head.machine, 62);
	assert_string_equal(head.node, "n\"1");
	assert_string_equal(head.missing_probes, "oom, signal");
	while (lines_next(l, &line, &len) == 1) {
		assert_int_equal(line[0], '{');
		assert_int_equal(line[len - 1], '}');
		n++;
	}
	assert_int_equal(n, 5000);
	assert_string_equal(lines_error(l), "");
	lines_close(l);
}

static void damage_is_told(void **state)
{
	struct stat st;
	struct lines *l;
	const char *line;
	size_t len;
	int got;

	(void)state;
	record(5000);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	assert_int_equal(lines_open(path, &l), 0);
	while ((got = lines_next(l, &line, &len)) == 1)
		;
	assert_int_equal(got, -EBADMSG);
	assert_non_null(strstr(lines_error(l), "truncated"));
	lines_close(l);

	record(5000);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, st.st_size / 2, SEEK_SET);
	for (int i = 0; i < 64; i++)
		fputc(0xa5, f);
	fclose(f);
	assert_int_equal(lines_open(path, &l), 0);
	while ((got = lines_next(l, &line, &len)) == 1)
		;
	assert_int_equal(got, -EBADMSG);
	lines_close(l);
}

static void plain_logs_are_lines_too(void **state)
{
	static const char text[] = "one\n\nthree\nlast, without its end";
	static const char *const expected[] = { "one", "", "three", "last, without its end" };
	FILE *f = fopen(path, "w");
	struct lines *l;
	const char *line;
	size_t len;

	(void)state;
	fputs(text, f);
	fclose(f);
	assert_int_equal(lines_open(path, &l), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(lines_next(l, &line, &len), 1);
		assert_int_equal(len, strlen(expected[i]));
		assert_memory_equal(line, expected[i], len);
	}
	assert_int_equal(lines_next(l, &line, &len), 0);
	lines_close(l);
}

static void other_files_have_no_head(void **state)
{
	static const char *const others[] = { "", "{", "{}", "{\"ktrace\":{}}", "[1]",
		"{\"ktrace\":{\"recording\":\"1\"}}", "{\"ktrace\":{\"recording\":0}}" };
	struct recording_head head;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(
			recording_head_read(others[i], strlen(others[i]), &head), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(plain_logs_are_lines_too),
		cmocka_unit_test(other_files_have_no_head),
	};

	return cmocka_run_group_tests_name("cli_recording", tests, make_path, remove_path);
}
