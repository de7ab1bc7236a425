// SPDX-License-Identifier: MIT
/* A file that is kept like what is in memory: written anew by pieces, while lines come, change and go. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/line_writer.h"
#include "util/cleanup.h"

#define HEAD "test-lines 1\n"
#define LINES 3000
#define LINE_BYTES 1024
#define TURN_MS 10.0 /* of the agent's loop */

static char directory[64], path[96], beside[112];

/* Line N holds N, and what number the latest change of it has. */
struct user {
	int changes[LINES];
	int n, at;
};

static int setup(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/ktrace-lines-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/lines", directory);
	snprintf(beside, sizeof(beside), "%s.new", path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory); /* nothing is left beside it */
}

static void format(const struct user *u, int line, char text[LINE_BYTES])
{
	int len = snprintf(
		text, LINE_BYTES, "{\"line\":%d,\"change\":%d,\"pad\":\"", line, u->changes[line]);

	memset(text + len, 'x', (size_t)(LINE_BYTES - len - 3));
	strcpy(text + LINE_BYTES - 3, "\"}");
}

static void first(void *ctx)
{
	struct user *u = ctx;

	u->at = 0;
}

static bool next(void *ctx, struct strbuf *out)
{
	struct user *u = ctx;
	char text[LINE_BYTES];

	if (u->at == u->n)
		return false;
	format(u, u->at++, text);
	line_file_format(out, &(struct file_line){ 1, 0, text, strlen(text) });
	return true;
}

static struct line_writer *open_writer(struct user *u)
{
	const struct line_writer_options options = { path, HEAD, "lines", first, next, u };
	struct line_writer *w = NULL;

	assert_int_equal(line_writer_open(&options, &w), 0);
	return w;
}

static void change(struct line_writer *w, struct user *u, int line)
{
	char text[LINE_BYTES];

	u->changes[line]++;
	format(u, line, text);
	line_writer_add(w, &(struct file_line){ 1, 0, text, strlen(text) });
}

static int read_line(void *ctx, const struct file_line *line)
{
	struct user *u = ctx;
	int number, changed;

	assert_int_equal(sscanf(line->json, "{\"line\":%d,\"change\":%d", &number, &changed), 2);
	assert_in_range(number, 0, LINES - 1);
	u->changes[number] = changed;
	u->n = number >= u->n ? number + 1 : u->n;
	return 0;
}

/* Whoever opens the file now finds all that was flushed. */
static void expect_all(const struct user *u)
{
	static struct user read;
	struct line_file_report report;

	memset(&read, 0, sizeof(read));
	assert_int_equal(line_file_read(path, HEAD, read_line, &read, &report), 0);
	assert_false(report.torn);
	assert_int_equal(read.n, u->n);
	assert_memory_equal(read.changes, u->changes, sizeof(read.changes));
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct user *a_user(int lines)
{
	struct user *u = calloc(1, sizeof(*u));

	assert_non_null(u);
	u->n = lines;
	return u;
}

static void it_is_written_anew_while_lines_change(void **state)
{
	_cleanup_free_ struct user *u = a_user(LINES - 100);
	struct line_writer *w = open_writer(u);
	struct stat st;
	double most = 0;
	int flushes = 0;

	(void)state;
	for (int i = 0; i < u->n; i++)
		change(w, u, i);
	for (int i = 0; i < u->n; i++)
		change(w, u, i);
	assert_int_equal(line_writer_flush(w), 0);
	expect_all(u);
	line_writer_renew(w);
	do {
		double begun = cpu_ms();
		assert_int_equal(line_writer_flush(w), 0);
		double took = cpu_ms() - begun;
		most = took > most ? took : most;
		if (flushes++ < 100) {
			change(w, u, u->n++);             /* a new one is the last */
			change(w, u, flushes * 7 % u->n); /* and one that was written, or not yet */
			assert_int_equal(line_writer_flush(w), 0);
		}
		expect_all(u);
	} while (line_writer_size(w) == 0);
	print_message("%d flushes, %.2f ms of CPU time at most\n", flushes, most);
	assert_true(flushes > 5 && most < TURN_MS);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < (LINES + 300) * (LINE_BYTES + 32));
	change(w, u, 3);
	line_writer_close(w);
	expect_all(u);
}

static void what_no_longer_holds_is_not_in_the_file_at_the_end(void **state)
{
	_cleanup_free_ struct user *u = a_user(5);
	struct line_writer *w = open_writer(u);

	(void)state;
	for (int i = 0; i < 5; i++)
		change(w, u, i);
	assert_int_equal(line_writer_flush(w), 0);
	u->n = 3;
	u->changes[3] = u->changes[4] = 0;
	line_writer_renew(w);
	line_writer_close(w);
	expect_all(u);
}

/* A limit on the size of files stands for the full disk. */
static void a_disk_that_fills_meanwhile_leaves_the_old_file(void **state)
{
	_cleanup_free_ struct user *u = a_user(1000);
	struct line_writer *w = open_writer(u);
	struct rlimit before, full;
	int err;

	(void)state;
	for (int i = 0; i < 1000; i++)
		change(w, u, i);
	assert_int_equal(line_writer_flush(w), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = before;
	full.rlim_cur = 500 * LINE_BYTES;
	line_writer_renew(w);
	assert_int_equal(line_writer_flush(w), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	while ((err = line_writer_flush(w)) >= 0)
		;
	assert_int_equal(err, -EFBIG);
	assert_int_equal(access(beside, F_OK), -1);
	expect_all(u);
	u->changes[7]++; /* it is in memory, and the file is behind */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	line_writer_close(w);
	expect_all(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			it_is_written_anew_while_lines_change, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_no_longer_holds_is_not_in_the_file_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_disk_that_fills_meanwhile_leaves_the_old_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
