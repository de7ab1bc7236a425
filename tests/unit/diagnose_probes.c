// SPDX-License-Identifier: MIT
/* Commands that the kubelet has the runtime run in a container: probes and hooks. */
#include <signal.h>

#include "story_builder.h"

#define RUNTIME 63 /* outside of the container */

static struct builder serving(void)
{
	struct builder t = builder_new();

	strcpy(t.comm[RUNTIME], "runc");
	builder_exec(&t, 1, "server");
	t.now += 5000 * MS;
	return t;
}

static void comes_in(struct builder *t, uint32_t pid, const char *command, int status)
{
	t->now += 1000 * MS;
	t->parent[pid] = RUNTIME;
	builder_exec(t, pid, command);
	if (status)
		builder_output(
			t, pid, "cat: can't open '/tmp/healthy': No such file or directory\n");
	builder_end(t, pid, status);
}

static void stopped(struct builder *t)
{
	builder_signal(t, 1, SIGTERM, true);
	builder_end(t, 1, killed(SIGTERM));
}

static void a_probe_that_fails_again_is_named(void **state)
{
	struct builder t = serving();

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		comes_in(&t, 10 + i, "cat /tmp/healthy", exited(1));
	stopped(&t);
	builder_expect(&t, "probe_failed", NULL, "cat /tmp/healthy");
}

static void a_probe_by_url_may_be_made_by_the_kubelet(void **state)
{
	struct builder t = serving();

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		t.parent[10 + i] = RUNTIME;
		builder_exec(&t, 10 + i, "sh -c curl -f http://localhost:8080/health");
		builder_output(&t, 10 + i, "sh: curl: not found\n");
		builder_end(&t, 10 + i, exited(127));
		t.now += 1000 * MS;
	}
	stopped(&t);
	builder_expect(&t, "probe_failed", NULL, "port: 8080");
}

static void a_hook_fails_once(void **state)
{
	struct builder t = builder_new();

	(void)state;
	strcpy(t.comm[RUNTIME], "runc");
	builder_exec(&t, 1, "server");
	comes_in(&t, 10, "cat /tmp/healthy", exited(1));
	stopped(&t);
	builder_expect(&t, "probe_failed", NULL, "postStart");
}

static void somebody_elses_command_is_no_probe(void **state)
{
	struct builder t = serving();

	(void)state;
	comes_in(&t, 10, "cat /tmp/healthy", exited(1));
	t.now += 10000 * MS;
	stopped(&t);
	builder_expect_nothing(&t);
}

/* Who was stopped again is told what the kubelet had run right before. */
static void a_hook_before_the_stop_is_told(void **state)
{
	struct builder t = serving();

	(void)state;
	t.input.restarts = t.input.restarts_same_cause = 1;
	comes_in(&t, 10, "nginx -s quit", 0);
	stopped(&t);
	builder_expect(&t, "killed_from_outside", NULL, "`nginx -s quit` was run in it");

	t = serving();
	t.input.restarts = t.input.restarts_same_cause = 1;
	t.parent[10] = RUNTIME;
	builder_exec(&t, 10, "sleep 60");
	t.now += 30000 * MS;
	stopped(&t);
	builder_expect(&t, "killed_from_outside", NULL, "preStop hook, `sleep 60`, still ran");

	/* Twice: a probe that goes well. */
	t = serving();
	t.input.restarts = t.input.restarts_same_cause = 1;
	comes_in(&t, 10, "cat /tmp/healthy", 0);
	comes_in(&t, 11, "cat /tmp/healthy", 0);
	stopped(&t);
	builder_expect(&t, "killed_from_outside", NULL, "Stopped from outside with SIGTERM");
}

static void a_probe_that_recovers_is_silent(void **state)
{
	struct builder t = serving();

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		comes_in(&t, 10 + i, "cat /tmp/healthy", exited(1));
	comes_in(&t, 20, "cat /tmp/healthy", 0);
	stopped(&t);
	builder_expect_nothing(&t);
}

/* Listening and not ready, for long: told while it runs, with what the command said. */
static void a_probe_that_goes_on_failing_is_told(void **state)
{
	struct builder t = serving();

	(void)state;
	builder_listen(&t, 1, "0.0.0.0", 8080);
	for (uint32_t i = 0; i < 9; i++) {
		comes_in(&t, 10 + i, "cat /tmp/healthy", exited(1));
		t.now += 4000 * MS;
	}
	struct diagnosis *d = builder_diagnose(&t);
	if (!d)
		fail_msg("no diagnosis");
	assert_string_equal(d->root_cause, "probe_failed");
	assert_string_equal(d->waiting.kind, "probe");
	assert_string_equal(d->waiting.name, "cat /tmp/healthy");
	assert_string_equal(d->waiting.answer, "exit code 1");
	assert_non_null(strstr(d->summary, "can't open '/tmp/healthy'"));
	diagnosis_free(d);
	/* It was told to end, and has not yet: that is no recovery. */
	builder_signal(&t, 1, SIGTERM, true);
	builder_expect(&t, "probe_failed", NULL, "cat /tmp/healthy");
}

/* A start that takes its time is what a probe is there to wait for. */
static void a_probe_of_a_slow_start_is_silent(void **state)
{
	struct builder t = serving();

	(void)state;
	for (uint32_t i = 0; i < 9; i++) {
		comes_in(&t, 10 + i, "cat /tmp/healthy", exited(1));
		t.now += 4000 * MS;
	}
	builder_expect_nothing(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_probe_that_fails_again_is_named),
		cmocka_unit_test(a_probe_by_url_may_be_made_by_the_kubelet),
		cmocka_unit_test(a_hook_fails_once),
		cmocka_unit_test(somebody_elses_command_is_no_probe),
		cmocka_unit_test(a_hook_before_the_stop_is_told),
		cmocka_unit_test(a_probe_that_recovers_is_silent),
		cmocka_unit_test(a_probe_that_goes_on_failing_is_told),
		cmocka_unit_test(a_probe_of_a_slow_start_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
