// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "forward/forward.h"
#include "publish/kubernetes_events.h"
#include "serve/metrics.h"
#include "util/cleanup.h"

#include "record_samples.h"

#define MILLISECOND 1000000ull

static uint64_t now;

static uint64_t test_clock(void)
{
	return now;
}

static struct output *new_metrics(void)
{
	static const char *const causes[] = { "read_only_copy", "missing_file", "oom_killed",
		"crashed" };
	struct metrics_options options = {
		.clock = test_clock,
		.root_causes = causes,
		.n_causes = ARRAY_SIZE(causes),
	};
	struct output *o = NULL;

	now = SAMPLE_TIME;
	assert_int_equal(metrics_new(&options, &o), 0);
	return o;
}

static struct container *container_in(const char *name, uint64_t cgroup)
{
	struct container *c = sample_container();

	assert_int_equal(container_set(&c->k8s_namespace, name), 0);
	c->cgroup = cgroup;
	return c;
}

static void put_event(struct output *o, enum event_kind kind, struct container *c, uint64_t time)
{
	struct event e = { .kind = kind, .time = time, .container = c };
	struct record r = { .type = RECORD_EVENT, .time = time, .event = &e };

	assert_int_equal(o->ops->write(o, &r), 0);
}

static void put_diagnosis(struct output *o, struct container *c, const char *cause, bool ended)
{
	struct diagnosis d = {
		.container = c, .time = SAMPLE_TIME, .root_cause = cause, .has_exit_code = ended
	};
	struct record r = { .type = RECORD_DIAGNOSIS, .time = d.time, .diagnosis = &d };

	assert_int_equal(o->ops->write(o, &r), 0);
}

static char *print(const struct output *o, enum metrics_format format)
{
	static const struct record_count lost[] = { { "full", 3 } },
					 left_out[] = { { "folded", 6 } },
					 states[] = { { "running", 2 } };
	static const struct metrics_probe probes[] = { { "syscalls", "fexit", true },
		{ "oom", "", false } };
	struct forward_stats forward = { .acked = 17, .state = FORWARD_READY };
	struct kubernetes_events_stats events = { .created = 41, .dropped[EVENT_DROP_REFUSED] = 2 };
	struct record_count looks[] = { { "answered", 7 }, { "late", 8 } };
	struct metrics_state state = { lost, left_out, states, 1, 1, 1, probes, 2, 4, 5, &forward,
		&events, NULL, looks, 2, 9 };
	struct strbuf out = STRBUF_INIT;

	assert_int_equal(metrics_print(o, &state, format, &out), 0);
	return strbuf_take(&out);
}

/* All these lines are there, whole. */
static void expect_lines(const char *text, const char *const *lines)
{
	for (; *lines; lines++) {
		char framed[256];

		snprintf(framed, sizeof(framed), "\n%s\n", *lines);
		if (!strstr(text, framed))
			fail_msg("no line %s in:\n%s", *lines, text);
	}
}
#define EXPECT(text, ...) expect_lines(text, (const char *const[]){ __VA_ARGS__, NULL })

static size_t count_of(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, part)); p++)
		n++;
	return n;
}

static void counts_by_action_and_namespace(void **state)
{
	(void)state;
	struct output *o = new_metrics();
	struct container *shop = container_in("shop", 1), *bare = container_in("", 2);

	put_event(o, EVENT_FILE_ERROR, shop, SAMPLE_TIME);
	put_event(o, EVENT_FILE_ERROR, NULL, SAMPLE_TIME);
	put_event(o, EVENT_OOM_KILL, shop, SAMPLE_TIME);
	put_event(o, EVENT_OOM_KILL, bare, SAMPLE_TIME);
	put_diagnosis(o, shop, "oom_killed", true);
	put_diagnosis(o, shop, "no such cause", true);
	_cleanup_free_ char *text = print(o, METRICS_PROMETHEUS);
	EXPECT(text, "ktrace_events_total{action=\"file_error\"} 2",
		"ktrace_events_total{action=\"exec\"} 0",
		"ktrace_events_total{action=\"diagnosis\"} 2",
		"ktrace_oom_kills_total{namespace=\"shop\"} 1",
		"ktrace_oom_kills_total{namespace=\"\"} 1",
		"ktrace_diagnoses_total{root_cause=\"oom_killed\",namespace=\"shop\"} 1",
		"ktrace_events_lost_total{reason=\"full\"} 3",
		"ktrace_events_left_out_total{reason=\"folded\"} 6",
		"ktrace_containers_with_losses_total 4", "ktrace_live_records_lost_total 5",
		"ktrace_looks_total{result=\"late\"} 8", "ktrace_looks_hanging 9",
		"ktrace_containers{state=\"running\"} 2",
		"ktrace_probe_attached{probe=\"syscalls\",method=\"fexit\"} 1",
		"ktrace_probe_attached{probe=\"oom\",method=\"\"} 0",
		"ktrace_forward_acked_records_total 17", "ktrace_forward_state{state=\"ready\"} 1",
		"ktrace_kubernetes_events_requests_total{kind=\"created\"} 41",
		"ktrace_kubernetes_events_dropped_diagnoses_total{reason=\"refused\"} 2");
	assert_int_equal(count_of(text, "\nktrace_diagnoses_total{"), 1);
	assert_null(strstr(text, "action=\"none\""));
	assert_null(strstr(text, "action=\"proof\""));
	o->ops->free(o);
	container_unref(shop);
	container_unref(bare);
}

static void namespaces_are_bounded(void **state)
{
	(void)state;
	struct output *o = new_metrics();

	for (unsigned i = 0; i < 1000; i++) {
		char name[32];
		snprintf(name, sizeof(name), "ns-%u", i);
		struct container *c = container_in(name, i + 1);
		put_diagnosis(o, c, "crashed", true);
		container_unref(c);
	}
	static const char *const refused[] = { HOSTILE, "Shop", "a\"b", "a b",
		"0123456789012345678901234567890123456789012345678901234567890123" };
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct container *c = container_in(refused[i], 2000 + i);
		put_diagnosis(o, c, "crashed", true);
		container_unref(c);
	}
	_cleanup_free_ char *text = print(o, METRICS_PROMETHEUS);
	EXPECT(text, "ktrace_diagnoses_total{root_cause=\"crashed\",namespace=\"ns-99\"} 1",
		"ktrace_diagnoses_total{root_cause=\"crashed\",namespace=\"other\"} 905");
	assert_int_equal(count_of(text, "\nktrace_diagnoses_total{"), METRICS_NAMESPACES + 1);
	o->ops->free(o);
}

static void a_repeated_diagnosis_is_one_failure(void **state)
{
	(void)state;
	struct output *o = new_metrics();
	struct container *first = container_in("shop", 1), *second = container_in("shop", 2);

	put_diagnosis(o, first, "missing_file", false);
	put_diagnosis(o, first, "missing_file", true);
	put_diagnosis(o, second, "missing_file", true);
	/* Cgroup ids are used again once a cgroup has gone. */
	put_event(o, EVENT_CONTAINER_REMOVED, first, SAMPLE_TIME);
	put_diagnosis(o, first, "missing_file", true);
	_cleanup_free_ char *text = print(o, METRICS_PROMETHEUS);
	EXPECT(text, "ktrace_diagnoses_total{root_cause=\"missing_file\",namespace=\"shop\"} 3",
		"ktrace_events_total{action=\"diagnosis\"} 4");
	o->ops->free(o);
	container_unref(first);
	container_unref(second);
}

static void start_is_from_exec_to_listen(void **state)
{
	(void)state;
	struct output *o = new_metrics();
	struct container *c = container_in("shop", 1), *unseen = container_in("shop", 2);

	put_event(o, EVENT_CONTAINER_STARTED, c, SAMPLE_TIME);
	put_event(o, EVENT_CONTAINER_LISTENING, c, SAMPLE_TIME + 1500 * MILLISECOND);
	put_event(o, EVENT_CONTAINER_LISTENING, unseen, SAMPLE_TIME);
	_cleanup_free_ char *text = print(o, METRICS_PROMETHEUS);
	EXPECT(text, "ktrace_container_start_seconds_bucket{le=\"1.0\"} 0",
		"ktrace_container_start_seconds_bucket{le=\"2.5\"} 1",
		"ktrace_container_start_seconds_bucket{le=\"+Inf\"} 1",
		"ktrace_container_start_seconds_sum 1.500000000",
		"ktrace_container_start_seconds_count 1");
	o->ops->free(o);
	container_unref(c);
	container_unref(unseen);
}

static void delay_is_from_exit_to_diagnosis(void **state)
{
	(void)state;
	struct output *o = new_metrics();
	struct container *c = container_in("shop", 1);

	put_diagnosis(o, c, "never_listening", false); /* still runs: nothing to measure from */
	now = SAMPLE_TIME + 5 * MILLISECOND;           /* on the bound: belongs to it */
	put_diagnosis(o, c, "crashed", true);
	now = SAMPLE_TIME - 1; /* the clock was set back */
	put_diagnosis(o, c, "crashed", true);
	now = SAMPLE_TIME + 60000 * MILLISECOND;
	put_diagnosis(o, c, "crashed", true);
	_cleanup_free_ char *text = print(o, METRICS_PROMETHEUS);
	EXPECT(text, "ktrace_diagnosis_delay_seconds_bucket{le=\"0.001\"} 1",
		"ktrace_diagnosis_delay_seconds_bucket{le=\"0.005\"} 2",
		"ktrace_diagnosis_delay_seconds_bucket{le=\"10.0\"} 2",
		"ktrace_diagnosis_delay_seconds_bucket{le=\"+Inf\"} 3",
		"ktrace_diagnosis_delay_seconds_sum 60.005000000",
		"ktrace_diagnosis_delay_seconds_count 3");
	o->ops->free(o);
	container_unref(c);
}

static void lives_are_bounded(void **state)
{
	(void)state;
	struct output *o = new_metrics();
	struct container *c = container_in("shop", 0);

	for (c->cgroup = 1; c->cgroup <= 10000; c->cgroup++)
		put_event(o, EVENT_CONTAINER_STARTED, c, SAMPLE_TIME);
	c->cgroup = 1; /* long forgotten */
	put_event(o, EVENT_CONTAINER_LISTENING, c, SAMPLE_TIME);
	c->cgroup = 10000;
	put_event(o, EVENT_CONTAINER_LISTENING, c, SAMPLE_TIME);
	_cleanup_free_ char *text = print(o, METRICS_PROMETHEUS);
	EXPECT(text, "ktrace_container_start_seconds_count 1");
	o->ops->free(o);
	container_unref(c);
}

static void the_two_forms_differ_in_names(void **state)
{
	(void)state;
	struct output *o = new_metrics();
	_cleanup_free_ char *old = print(o, METRICS_PROMETHEUS);
	_cleanup_free_ char *open = print(o, METRICS_OPENMETRICS);

	EXPECT(old, "# TYPE ktrace_build_info gauge", "# TYPE ktrace_events_total counter",
		"ktrace_build_info{version=\"" KTRACE_VERSION "\"} 1");
	assert_null(strstr(old, "# EOF"));
	EXPECT(open, "# TYPE ktrace_events counter", "ktrace_events_total{action=\"exec\"} 0",
		"ktrace_build_info{version=\"" KTRACE_VERSION "\"} 1", "# EOF");
	assert_int_equal(strncmp(open, "# HELP ktrace_build ", 20), 0);
	assert_string_equal(open + strlen(open) - 6, "# EOF\n");
	o->ops->free(o);
}

static void labels_are_escaped(void **state)
{
	(void)state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct exposition x = { .out = &out };

	metric_family(&x, METRIC_GAUGE, "g", "h");
	metric_sample(&x, 1, LABELS({ "a", "q\"b\\n\nl" }, { "b", "" }));
	assert_string_equal(
		out.data, "# HELP g h\n# TYPE g gauge\ng{a=\"q\\\"b\\\\n\\nl\",b=\"\"} 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_action_and_namespace),
		cmocka_unit_test(namespaces_are_bounded),
		cmocka_unit_test(a_repeated_diagnosis_is_one_failure),
		cmocka_unit_test(start_is_from_exec_to_listen),
		cmocka_unit_test(delay_is_from_exit_to_diagnosis),
		cmocka_unit_test(lives_are_bounded),
		cmocka_unit_test(the_two_forms_differ_in_names),
		cmocka_unit_test(labels_are_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
