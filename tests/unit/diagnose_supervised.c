// SPDX-License-Identifier: MIT
/* Containers that run on, or end well, while something in them has failed for good. */
#include <signal.h>

#include "story_builder.h"

static void program_that_its_supervisor_starts_in_vain_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "supervisord -n");
	for (uint32_t pid = 2; pid < 6; pid++) {
		builder_run(&t, 1, pid, "worker --config /etc/worker.conf");
		builder_fail(&t, pid, "openat", ENOENT, "/etc/worker.conf");
		builder_output(&t, pid,
			"worker: cannot open /etc/worker.conf: No such file or directory\n");
		builder_end(&t, pid, exited(1));
		t.now += 2000 * MS;
	}
	builder_expect(&t, "missing_file", "/etc/worker.conf", NULL);
}

/* Restarted at once, four times in half a second: what it waits for may just be getting ready. */
static void program_that_fails_for_a_moment_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "supervisord -n");
	for (uint32_t pid = 2; pid < 6; pid++) {
		builder_run(&t, 1, pid, "worker --config /etc/worker.conf");
		builder_fail(&t, pid, "openat", ENOENT, "/etc/worker.conf");
		builder_end(&t, pid, exited(1));
		t.now += 100 * MS;
	}
	builder_expect_nothing(&t);
}

static void program_that_comes_up_at_the_second_try_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "supervisord -n");
	for (uint32_t pid = 2; pid < 5; pid++) {
		builder_run(&t, 1, pid, "worker --config /etc/worker.conf");
		builder_fail(&t, pid, "openat", ENOENT, "/etc/worker.conf");
		builder_end(&t, pid, exited(1));
	}
	builder_run(&t, 1, 9, "worker --config /etc/worker.conf");
	t.now += 5000 * MS;
	builder_expect_nothing(&t);
}

static void program_that_cannot_be_started_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "s6-supervise worker");
	for (uint32_t pid = 2; pid < 5; pid++) {
		builder_fork(&t, 1, pid);
		builder_fail_exec(&t, pid, EACCES, "/service/worker/run");
		builder_end(&t, pid, exited(126));
		t.now += 1000 * MS;
	}
	builder_expect(&t, "command_not_executable", "/service/worker/run", NULL);
}

/* supervisord looks for the program with stat, and logs at INFO that it found none. */
static struct builder looks_for(const char *path, const char *named, int tries)
{
	struct builder t = builder_new();
	char line[256];

	builder_exec(&t, 1, "supervisord -n");
	snprintf(line, sizeof(line),
		"2026-11-29 22:10:01,123 INFO spawnerr: can't find command '%s'\n", named);
	for (int i = 0; i < tries; i++) {
		builder_fail(&t, 1, "newfstatat", ENOENT, path);
		builder_output(&t, 1, line);
		t.now += 2000 * MS;
	}
	builder_output(&t, 1,
		"2026-11-29 22:10:07,140 INFO gave up: web entered FATAL state, too many start "
		"retries too quickly\n");
	return t;
}

static void program_that_its_supervisor_does_not_find_fires(void **state)
{
	struct builder t = looks_for("/app/worker", "/app/worker", 4);

	(void)state;
	t.now += 2000 * MS;
	builder_expect(&t, "command_not_found", "/app/worker", "/app/worker");
}

static void it_fires_when_the_container_was_stopped_later(void **state)
{
	struct builder t = looks_for("/app/worker", "/app/worker", 4);

	(void)state;
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, exited(0));
	builder_expect(&t, "command_not_found", "/app/worker", NULL);
}

static void program_that_was_searched_along_path_is_named_as_asked_for(void **state)
{
	struct builder t = looks_for("/usr/bin/worker", "worker", 4);

	(void)state;
	t.now += 2000 * MS;
	builder_expect(&t, "command_not_found", NULL, "Command not found: worker");
}

static void program_that_is_found_at_the_second_try_is_silent(void **state)
{
	struct builder t = looks_for("/app/worker", "/app/worker", 2);

	(void)state;
	builder_run(&t, 1, 2, "/app/worker");
	t.now += 5000 * MS;
	builder_expect_nothing(&t);
}

static void refuse_forks(struct builder *t, int times)
{
	for (int i = 0; i < times; i++) {
		builder_add(t, (struct event){ .kind = EVENT_PROCESS_ERROR,
				       .pid = 1,
				       .syscall = "clone",
				       .error = EAGAIN });
		t->now += 500 * MS;
	}
}

/* Nobody read what it said: it looked again and again, and ran nothing. */
static void program_that_is_looked_for_in_vain_needs_no_words(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "supervisord -n");
	for (int i = 0; i < 3; i++) {
		builder_fail(&t, 1, "newfstatat", ENOENT, "/app/worker");
		t.now += 1000 * MS;
	}
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, exited(0));
	builder_expect(&t, "missing_file", "/app/worker", NULL);
}

/* s6-supervise asks for ./finish each time that its program ends. */
static void file_that_is_asked_for_after_each_run_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "s6-supervise worker");
	for (uint32_t pid = 2; pid < 5; pid++) {
		builder_run(&t, 1, pid, "worker --once");
		t.now += 1000 * MS;
		builder_end(&t, pid, exited(0));
		builder_fail(&t, 1, "newfstatat", ENOENT, "/service/worker/finish");
	}
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, exited(0));
	builder_expect_nothing(&t);
}

static void call_that_fails_in_each_attempt_needs_no_words(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "supervisord -n");
	for (uint32_t pid = 2; pid < 6; pid++) {
		builder_run(&t, 1, pid, "worker --config /etc/worker.conf");
		builder_fail(&t, pid, "openat", ENOENT, "/etc/worker.d/tls.pem");
		builder_end(&t, pid, exited(1));
		t.now += 2000 * MS;
	}
	builder_expect(&t, "missing_file", "/etc/worker.d/tls.pem", NULL);
}

static void server_that_may_not_fork_fires_while_it_runs(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, "0.0.0.0", 80);
	for (int i = 0; i < 12; i++) {
		refuse_forks(&t, 5);
		t.now += 2000 * MS;
	}
	builder_expect(&t, "process_limit", NULL, NULL);
}

static void fork_that_is_refused_once_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, "0.0.0.0", 80);
	refuse_forks(&t, 1);
	t.now += 2000 * MS;
	builder_expect_nothing(&t);
}

static void runtime_that_gives_up_over_its_own_step_is_told(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_add(&t, (struct event){ .kind = EVENT_SIGNAL,
				.pid = 1,
				.comm = "runc:[2:INIT]",
				.signo = SIGKILL,
				.sender_pid = 99,
				.sender_comm = "runc",
				.from_outside = true });
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_EXITED,
				.pid = 1,
				.comm = "runc:[2:INIT]",
				.status = killed(SIGKILL) });
	builder_add(&t, (struct event){ .kind = EVENT_CONTAINER_EXITED,
				.pid = 1,
				.comm = "runc:[2:INIT]",
				.status = killed(SIGKILL) });
	builder_expect(&t, "application_error", NULL, "runtime gave up");
}

static struct builder runtime_gives_up(uint64_t memory_limit)
{
	struct builder t = builder_new();

	t.c->memory_limit = memory_limit;
	/* What runc looks for is often not there. */
	builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
				.pid = 1,
				.comm = "runc:[2:INIT]",
				.syscall = "newfstatat",
				.error = ENOENT,
				.path = "/proc/kcore" });
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_EXITED,
				.pid = 1,
				.comm = "runc:[2:INIT]",
				.status = exited(1) });
	builder_add(&t, (struct event){ .kind = EVENT_CONTAINER_EXITED,
				.pid = 1,
				.comm = "runc:[2:INIT]",
				.status = exited(1) });
	return t;
}

static void runtime_that_lacks_memory_is_told(void **state)
{
	struct builder t = runtime_gives_up(1 << 20);

	(void)state;
	builder_expect(&t, "oom_killed", NULL, "memory: 64Mi");
}

static void runtime_with_memory_enough_gave_up_for_another_reason(void **state)
{
	struct builder t = runtime_gives_up(64 << 20);

	(void)state;
	builder_expect(&t, "application_error", NULL, "runtime gave up");
}

/* Without the exec probe nobody knows when it began, nor what probed it. */
static void stop_without_the_exec_probe_is_no_missing_listen(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.input.missing_probes = "exec";
	t.input.restarts = t.input.restarts_same_cause = 2;
	builder_fork(&t, 1, 2);
	t.now += 3000 * MS;
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, killed(SIGTERM));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "killed_from_outside");
	assert_null(strstr(d->summary, "minutes"));
	assert_null(strstr(d->summary, "nothing in it had failed"));
	diagnosis_free(d);
	builder_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_that_its_supervisor_starts_in_vain_fires),
		cmocka_unit_test(program_that_fails_for_a_moment_is_silent),
		cmocka_unit_test(program_that_comes_up_at_the_second_try_is_silent),
		cmocka_unit_test(program_that_cannot_be_started_fires),
		cmocka_unit_test(program_that_its_supervisor_does_not_find_fires),
		cmocka_unit_test(it_fires_when_the_container_was_stopped_later),
		cmocka_unit_test(program_that_was_searched_along_path_is_named_as_asked_for),
		cmocka_unit_test(program_that_is_found_at_the_second_try_is_silent),
		cmocka_unit_test(program_that_is_looked_for_in_vain_needs_no_words),
		cmocka_unit_test(file_that_is_asked_for_after_each_run_is_silent),
		cmocka_unit_test(call_that_fails_in_each_attempt_needs_no_words),
		cmocka_unit_test(server_that_may_not_fork_fires_while_it_runs),
		cmocka_unit_test(fork_that_is_refused_once_is_silent),
		cmocka_unit_test(runtime_that_gives_up_over_its_own_step_is_told),
		cmocka_unit_test(runtime_that_lacks_memory_is_told),
		cmocka_unit_test(runtime_with_memory_enough_gave_up_for_another_reason),
		cmocka_unit_test(stop_without_the_exec_probe_is_no_missing_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
