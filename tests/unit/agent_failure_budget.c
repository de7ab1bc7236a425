// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/failure_budget.h"

#define SECOND 1000000000ULL
#define START (1700000000 * SECOND)

static bool takes(struct failure_budget *b, uint64_t seconds, int error, const char *path)
{
	struct event draft = { .kind = EVENT_FILE_ERROR,
		.time = START + seconds * SECOND,
		.comm = "app",
		.syscall = "openat",
		.flags = "O_WRONLY|O_CREAT",
		.error = error,
		.path = path,
		.requested = path };
	struct event *e = event_new(&draft);
	bool answer = failure_budget_takes(b, e);

	event_unref(e);
	return answer;
}

static void equal_ones_are_news_once(void **state)
{
	struct failure_budget b = { 0 };

	(void)state;
	assert_true(takes(&b, 0, EACCES, "/data/a"));
	for (uint64_t s = 0; s < 600; s += 10)
		assert_false(takes(&b, s, EACCES, "/data/a"));
	assert_true(takes(&b, 601, EACCES, "/data/a"));
	assert_true(takes(&b, 601, EROFS, "/data/a"));
}

static void a_few_at_once_and_one_a_minute(void **state)
{
	struct failure_budget b = { 0 };
	char path[32];
	size_t taken = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/data/%d", i);
		taken += takes(&b, 0, EACCES, path);
	}
	assert_int_equal(taken, 3);
	for (int i = 0; i < 600; i++) {
		snprintf(path, sizeof(path), "/later/%d", i);
		taken += takes(&b, (uint64_t)i, EACCES, path);
	}
	assert_in_range(taken, 12, 14);
}

/* An ordinary one is not taken, and leaves room for those that are not. */
static void ordinary_ones_cost_nothing(void **state)
{
	struct failure_budget b = { 0 };
	struct event draft = { .kind = EVENT_EXEC_FAILED,
		.time = START,
		.comm = "sh",
		.error = ENOENT,
		.path = "/usr/bin/python3" };
	struct event *e = event_new(&draft);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_false(failure_budget_takes(&b, e));
	assert_true(takes(&b, 0, EACCES, "/data/a"));
	event_unref(e);
}

/* A name server that cannot be reached: `http.server` asks one for its own name, and does without. */
static void one_way_is_not_there(void **state)
{
	struct failure_budget b = { 0 };
	struct event draft = { .kind = EVENT_NETWORK_ERROR,
		.time = START,
		.comm = "python3",
		.syscall = "connect",
		.error = ENETUNREACH,
		.address = "10.255.255.53",
		.port = 53 };
	struct event *e = event_new(&draft);

	(void)state;
	assert_false(failure_budget_takes(&b, e));
	assert_true(failure_budget_takes(&b, e));
	assert_false(failure_budget_takes(&b, e));
	event_unref(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_ones_are_news_once),
		cmocka_unit_test(a_few_at_once_and_one_a_minute),
		cmocka_unit_test(ordinary_ones_cost_nothing),
		cmocka_unit_test(one_way_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
