// SPDX-License-Identifier: MIT
/* Budgets of the log: one container's flood leaves room for all others, and what is left out is counted for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/log_budget.h"
#include "agent/pipeline.h"
#include "record/ndjson.h"
#include "util/cleanup.h"
#include "util/log.h"

#define SECOND 1000000000ULL
#define START (1700000000 * SECOND)
#define RATE 65536
#define DIAGNOSES 60

static struct container *make_container(const char *pod, uint64_t cgroup)
{
	struct container *c = container_new();

	container_set(&c->id, pod);
	container_set(&c->pod, pod);
	container_set(&c->pod_uid, pod);
	container_set(&c->k8s_container, "app");
	c->cgroup = cgroup;
	return c;
}

static struct log_budgets *make_budgets(uint64_t bytes, uint64_t diagnoses)
{
	struct log_budgets *all = log_budgets_new(&(struct log_budget_limits){ bytes, diagnoses });

	assert_non_null(all);
	return all;
}

static bool take_event(struct log_budgets *all, struct container *c, enum event_kind kind,
	uint64_t at, size_t bytes)
{
	const struct event e = { .kind = kind, .container = c };
	const struct record r = { .type = RECORD_EVENT, .time = START + at, .event = &e };
	bool taken = log_budgets_take(all, &r);

	if (taken)
		log_budgets_spend(all, &r, bytes);
	return taken;
}

static bool take_diagnosis(struct log_budgets *all, struct container *c, uint64_t at)
{
	const struct diagnosis d = { .container = c };
	const struct record r = { .type = RECORD_DIAGNOSIS, .time = START + at, .diagnosis = &d };

	return log_budgets_take(all, &r);
}

/* The log is 400 MiB with what it was rotated to. */
static void test_an_hour_of_flood_turns_over_no_log(void **state)
{
	struct container *evil = make_container("evil", 1), *good = make_container("good", 2);
	struct log_budgets *all = make_budgets(RATE, DIAGNOSES);
	uint64_t written = 0, left_out = 0;

	(void)state;
	for (uint64_t at = 0; at < 3600 * SECOND; at += SECOND / 500) {
		bool taken = take_event(all, evil, EVENT_FILE_ERROR, at, 2048);
		written += taken ? 2048 : 0;
		left_out += !taken;
	}
	assert_in_range(written, 200ULL << 20, 300ULL << 20);
	assert_true(take_event(all, good, EVENT_FILE_ERROR, 3600 * SECOND, 2048));
	assert_true(take_diagnosis(all, evil, 3600 * SECOND));
	assert_true(take_event(all, evil, EVENT_CONTAINER_EXITED, 3600 * SECOND, 2048));
	assert_int_equal(log_budgets_settle(all, evil), left_out);
	assert_int_equal(log_budgets_settle(all, evil), 0);
	assert_int_equal(log_budgets_settle(all, good), 0);
	struct log_budget_stats stats;
	log_budgets_stats(all, &stats);
	assert_int_equal(stats.events, left_out);
	assert_int_equal(stats.diagnoses, 0);
	log_budgets_free(all);
	container_unref(evil);
	container_unref(good);
}

/* Each restart is another container, of the same pod. */
static void test_diagnoses_of_a_crash_loop(void **state)
{
	struct log_budgets *all = make_budgets(RATE, DIAGNOSES);
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 7200; i++) {
		struct container *c = make_container("loop", 100 + i);

		taken += take_diagnosis(all, c, i * SECOND / 2);
		container_unref(c);
	}
	assert_in_range(taken, 2 * DIAGNOSES - 2, 2 * DIAGNOSES);
	struct log_budget_stats stats;
	log_budgets_stats(all, &stats);
	assert_int_equal(stats.diagnoses, 7200 - taken);
	struct container *other = make_container("other", 1);
	assert_true(take_diagnosis(all, other, 3600 * SECOND));
	container_unref(other);
	log_budgets_free(all);
}

static void test_no_limit(void **state)
{
	struct container *c = make_container("c", 1);
	struct log_budgets *all = make_budgets(0, 0);

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		assert_true(take_event(all, c, EVENT_FILE_ERROR, 0, 1 << 20) &&
			    take_diagnosis(all, c, 0));
	log_budgets_free(all);
	container_unref(c);
}

static void test_a_clock_that_is_set_back(void **state)
{
	struct container *c = make_container("c", 1);
	struct log_budgets *all = make_budgets(RATE, DIAGNOSES);

	(void)state;
	while (take_event(all, c, EVENT_FILE_ERROR, 86400 * SECOND, RECORD_MAX))
		;
	assert_true(take_event(all, c, EVENT_FILE_ERROR, 0, 1));
	log_budgets_free(all);
	container_unref(c);
}

/* Counts what it gets; left_out as the container's end says it. */
struct reader {
	struct output base;
	size_t events;
	uint32_t left_out;
};

static int reader_write(struct output *o, const struct record *r)
{
	struct reader *to = (struct reader *)o;
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	to->events += r->type == RECORD_EVENT;
	if (r->type == RECORD_EVENT && r->event->kind == EVENT_CONTAINER_EXITED)
		to->left_out = r->event->left_out;
	return ndjson_append(&line, r);
}

static int reader_flush(struct output *o)
{
	(void)o;
	return 0;
}

static void reader_free(struct output *o)
{
	(void)o; /* on the test's stack */
}

static void happen(struct pipeline *p, struct container *c, enum event_kind kind, unsigned n)
{
	struct event *e = event_new(&(struct event){ .kind = kind,
		.time = START + n * SECOND / 1000,
		.container = c,
		.cgroup = c->cgroup,
		.pid = 100,
		.vpid = 1,
		.fd = 1,
		.text = "a line, and another one" });

	assert_non_null(e);
	pipeline_event(p, e);
}

/* A thousand lines of output and an end, to a bounded output of that level and to one of all. */
static void tell(enum level level, struct reader *log, struct reader *socket)
{
	static const struct output_ops ops = {
		.name = "reader", .write = reader_write, .flush = reader_flush, .free = reader_free
	};
	struct pipeline_options options = { .node = "n", .log_budget = { 64, DIAGNOSES } };
	struct container *c = make_container("c", 1);
	struct pipeline *p;

	*log = *socket = (struct reader){ .base = { .ops = &ops } };
	assert_int_equal(pipeline_new(&options, &p), 0);
	pipeline_add_output(p, &log->base, level);
	pipeline_add_output(p, &socket->base, LEVEL_ALL);
	pipeline_bound(p, &log->base);
	for (unsigned n = 0; n < 1000; n++)
		happen(p, c, EVENT_OUTPUT, n);
	happen(p, c, EVENT_CONTAINER_EXITED, 1000);
	pipeline_free(p);
	container_unref(c);
}

static void test_bounded_outputs_alone(void **state)
{
	struct reader log, socket;

	(void)state;
	tell(LEVEL_ALL, &log, &socket);
	assert_int_equal(socket.events, 1001);
	assert_in_range(log.events, 16, 100);
	assert_int_equal(log.left_out, socket.events - log.events);
	/* What it would not have got anyway takes no room, and is not missed. */
	tell(LEVEL_ERRORS, &log, &socket);
	assert_int_equal(socket.events, 1001);
	assert_int_equal(log.events, 1);
	assert_int_equal(log.left_out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_hour_of_flood_turns_over_no_log),
		cmocka_unit_test(test_diagnoses_of_a_crash_loop),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_a_clock_that_is_set_back),
		cmocka_unit_test(test_bounded_outputs_alone),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
