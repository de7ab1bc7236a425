// SPDX-License-Identifier: MIT
/* Clues add up, shares make one whole, and what was not chosen is told. */
#include "diagnose/context.h"
#include "diagnose/evidence/clues.h"

#include "story_builder.h"

static void clues_add_up(void **state)
{
	struct clues a = { 0 }, b = { 0 };

	(void)state;
	clues_add(&a, CLUE_link_last);
	clues_add(&b, CLUE_call_exec);
	clues_add(&b, CLUE_call_exec);
	clues_join(&a, &b);
	assert_int_equal(a.total, clue_weight(CLUE_link_last) + 2 * clue_weight(CLUE_call_exec));
	assert_int_equal(a.count[CLUE_call_exec], 2);
	clues_only(&a, CLUE_replaced);
	assert_int_equal(a.total, clue_weight(CLUE_replaced));
	assert_int_equal(a.count[CLUE_call_exec], 0);
}

static void counts_do_not_overflow(void **state)
{
	struct clues c = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		clues_add(&c, CLUE_link_last);
	assert_int_equal(c.total, UINT8_MAX * clue_weight(CLUE_link_last));
}

static void shares_make_one_whole(void **state)
{
	const int totals[] = { -100, -200, -10000, -100 };
	double shares[4], sum = 0;

	(void)state;
	shares_of(totals, shares, 4);
	for (int i = 0; i < 4; i++)
		sum += shares[i];
	assert_true(sum > 1 - 1e-9 && sum < 1 + 1e-9);
	assert_true(shares[0] / shares[1] > 2.71828182 && shares[0] / shares[1] < 2.71828183);
	assert_true(shares[0] >= shares[3] && shares[0] <= shares[3] && shares[2] < 1e-9);
}

static void every_clue_has_a_name_and_a_reason(void **state)
{
	(void)state;
	for (int i = 0; i < CLUES; i++)
		assert_true(*clue_name((enum clue)i) && *clue_reason((enum clue)i));
}

/* Two refusals that nobody speaks of: one is the answer, the other an alternative, and both are less sure. */
static void a_competitor_is_an_alternative(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail_create(&t, 1, EACCES, "/data/state");
	builder_fail_create(&t, 1, EROFS, "/var/lib/server/lock");
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_true(d->n_alternatives >= 1 && d->confidence < 0.9);
	assert_true(d->alternatives[0].confidence <= d->confidence);
	assert_string_not_equal(d->alternatives[0].root_cause, d->root_cause);
	assert_non_null(strstr(d->why, d->alternatives[0].root_cause));
	assert_non_null(strstr(d->why, "call_refused"));
	diagnosis_free(d);
	t.input.why = false;
	d = NULL;
	assert_int_equal(diagnose(t.story, &t.input, &d), 0);
	assert_true(d && !d->why);
	diagnosis_free(d);
	builder_free(&t);
}

/* What a diagnosis costs is bounded, however much failed: entries, processes, and the logs that are read. */
static void a_flood_of_failures_is_bounded_work(void **state)
{
	struct builder t = builder_new();
	struct context q;
	size_t read = 0;

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	for (int i = 0; i < 100000; i++) {
		uint32_t pid = 2 + (uint32_t)(i / 100) % 50;
		char path[64];
		snprintf(path, sizeof(path), "/data/%d/file-%d.conf", i % 977, i);
		if (i % 100 == 0) {
			builder_run(&t, 1, pid, "worker");
			builder_output(&t, pid, "ERROR: cannot open a file: Permission denied\n");
		}
		if (i % 2)
			builder_fail_create(&t, pid, EACCES, path);
		else
			builder_fail(&t, pid, "openat", ENOENT, path);
		if (i % 100 == 99)
			builder_end(&t, pid, exited(1));
	}
	builder_end(&t, 1, exited(1));
	t.input.now = t.now;
	assert_int_equal(context_open(&q, t.story, &t.input), 0);
	for (size_t i = 0; i < q.n_processes; i++)
		read += q.candidates[i].log_lines.text != NULL;
	assert_true(read > 0 && read <= 130);
	assert_true(q.n_entries <= STORY_ENTRIES_MAX && q.n_processes <= STORY_PROCESSES_MAX);
	assert_true(q.n_failures <= q.n_entries + q.n_processes);
	context_close(&q);
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "permission_denied");
	diagnosis_free(d);
	builder_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clues_add_up),
		cmocka_unit_test(counts_do_not_overflow),
		cmocka_unit_test(shares_make_one_whole),
		cmocka_unit_test(every_clue_has_a_name_and_a_reason),
		cmocka_unit_test(a_competitor_is_an_alternative),
		cmocka_unit_test(a_flood_of_failures_is_bounded_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
