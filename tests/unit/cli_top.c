// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/top_list.h"
#include "cli/top_view.h"
#include "util/cleanup.h"

/* One answer with the rows of `lines`: "POD STATUS CREATED CAUSE LISTENS". */
static void answer(struct top_list *l, const char *const *lines)
{
	for (size_t i = 0; lines[i]; i++) {
		char pod[64], status[16], cause[32], listens[8];
		int created, n;
		_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

		n = sscanf(
			lines[i], "%63s %15s %d %31s %7s", pod, status, &created, cause, listens);
		assert_int_equal(n, 5);
		strbuf_printf(&line,
			"{\"@timestamp\":\"2026-11-20T12:00:00Z\",\"container\":{\"id\":\"%zu\"},"
			"\"k8s\":{\"namespace\":{\"name\":\"shop\"},\"pod\":{\"name\":\"%s\"},"
			"\"container\":{\"name\":\"app\"}},\"ktrace\":{\"state\":{\"status\":\"%"
			"s\","
			"\"stage\":\"%s\",\"restarts\":%d,\"created\":\"2026-11-20T11:00:%02dZ\"",
			i + 1, pod, status, strcmp(status, "created") ? "running" : "starting",
			created, created);
		if (strcmp(status, "created"))
			strbuf_puts(&line, ",\"started\":\"2026-11-20T11:59:00Z\"");
		if (!strcmp(status, "exited"))
			strbuf_puts(&line, ",\"ended\":\"2026-11-20T12:00:00Z\",\"exit_code\":1");
		if (!strcmp(listens, "yes"))
			strbuf_puts(&line, ",\"listening\":\"2026-11-20T11:59:02Z\"");
		if (strcmp(cause, "-"))
			strbuf_printf(&line, ",\"root_cause\":\"%s\",\"title\":\"because of %s\"",
				cause, cause);
		strbuf_puts(&line, "}}}");
		assert_int_equal(top_list_add(l, line.data, line.len), 0);
	}
	assert_int_equal(top_list_finish(l), 0);
}

#define answer_of(l, ...) answer(l, (const char *const[]){ __VA_ARGS__, NULL })

static void assert_names(const struct top_list *l, const char *names)
{
	_cleanup_strbuf_ struct strbuf got = STRBUF_INIT;

	for (size_t i = 0; i < l->n_shown; i++)
		strbuf_printf(
			&got, "%s%s", i ? " " : "", row_cell(&l->rows[l->shown[i]], COLUMN_NAME));
	assert_string_equal(got.data ? got.data : "", names);
}

static void what_fails_comes_first(void **state)
{
	(void)state;
	struct top_list l = { 0 };

	answer_of(&l, "a running 1 - yes", "b exited 1 - no", "c exited 1 oom_killed no",
		"d created 1 - no", "e running 1 never_listening no");
	assert_names(&l, "shop/c/app shop/e/app shop/d/app shop/a/app shop/b/app");
	assert_int_equal(l.counts[ROW_FAILING], 2);
	assert_int_equal(l.counts[ROW_ENDED], 1);
	top_list_free(&l);
}

/* The cause of the attempt before, and its id, until the next one listens. */
static void attempts_are_one_row(void **state)
{
	(void)state;
	struct top_list l = { 0 };

	answer_of(&l, "a exited 1 missing_file no", "a running 2 - no");
	assert_int_equal(l.n, 1);
	assert_int_equal(l.rows[0].rank, ROW_FAILING);
	assert_string_equal(l.rows[0].root_cause, "missing_file");
	assert_string_equal(l.rows[0].id, "1");
	assert_string_equal(row_cell(&l.rows[0], COLUMN_STATE), "running");
	assert_string_equal(row_cell(&l.rows[0], COLUMN_RESTARTS), "2");
	answer_of(&l, "a exited 1 missing_file no", "a running 2 - yes");
	assert_int_equal(l.n, 1);
	assert_int_equal(l.rows[0].rank, ROW_RUNNING);
	assert_string_equal(l.rows[0].id, "2");
	assert_string_equal(row_cell(&l.rows[0], COLUMN_WRONG), "-");
	top_list_free(&l);
}

static void the_cursor_stays_on_its_container(void **state)
{
	(void)state;
	struct top_list l = { 0 };

	answer_of(&l, "a running 1 - yes", "b running 1 - yes", "c running 1 - yes");
	top_list_move(&l, 1);
	answer_of(&l, "a running 1 - yes", "aa running 1 - yes", "b running 1 - yes",
		"z exited 1 crashed no");
	assert_string_equal(row_cell(top_list_selected(&l), COLUMN_NAME), "shop/b/app");
	top_list_filter(&l, "B/AP");
	assert_names(&l, "shop/b/app");
	top_list_filter(&l, "nothing like it");
	assert_null(top_list_selected(&l));
	top_list_move(&l, 5);
	top_list_filter(&l, "crash");
	assert_names(&l, "shop/z/app");
	top_list_filter(&l, "");
	top_list_move(&l, -100);
	/* At the top it stays at the top. */
	answer_of(&l, "z exited 1 crashed no", "y exited 1 crashed no");
	assert_string_equal(row_cell(top_list_selected(&l), COLUMN_NAME), "shop/y/app");
	top_list_free(&l);
}

static void a_wrong_answer_leaves_the_old_one(void **state)
{
	(void)state;
	struct top_list l = { 0 };

	answer_of(&l, "a running 1 - yes");
	assert_int_equal(top_list_add(&l, "{}", 2), -EBADMSG);
	assert_int_equal(top_list_add(&l, "{\"ktrace\":{\"state\":{}}}", 23), 0);
	top_list_drop(&l);
	assert_names(&l, "shop/a/app");
	answer(&l, (const char *const[]){ NULL });
	assert_names(&l, "");
	assert_null(top_list_selected(&l));
	top_list_free(&l);
}

static void the_clipboard_gets_base64(void **state)
{
	(void)state;
	static const char *const cases[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "\xc3\xbf\xff", "w7//" } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT, wanted = STRBUF_INIT;

		clipboard_sequence(&out, cases[i][0]);
		strbuf_printf(&wanted, "\033]52;c;%s\a", cases[i][1]);
		assert_string_equal(out.data, wanted.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fails_comes_first),
		cmocka_unit_test(attempts_are_one_row),
		cmocka_unit_test(the_cursor_stays_on_its_container),
		cmocka_unit_test(a_wrong_answer_leaves_the_old_one),
		cmocka_unit_test(the_clipboard_gets_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
