// SPDX-License-Identifier: MIT
/* The network, and lives that end from outside: for each root cause one that fires, one that must not. */
#include <signal.h>

#include "story_builder.h"

static void port_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "python3 first.py");
	builder_listen(&t, 2, "0.0.0.0", 8080);
	builder_exec(&t, 1, "python3 second.py");
	builder_fail_net(&t, 1, "bind", EADDRINUSE, "0.0.0.0", 8080);
	builder_output(&t, 1, "OSError: [Errno 98] Address already in use\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "port_in_use", NULL, "8080");
}

static void port_taken_at_the_second_try_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail_net(&t, 1, "bind", EADDRINUSE, "0.0.0.0", 8080);
	builder_listen(&t, 1, "0.0.0.0", 8080);
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, exited(0));
	builder_expect_nothing(&t);
}

static void low_port_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail_net(&t, 1, "bind", EACCES, "0.0.0.0", 80);
	builder_output(&t, 1, "listen EACCES: permission denied 0.0.0.0:80\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "port_privileged", NULL, "ip_unprivileged_port_start");
}

static void low_port_is_below_what_the_network_says(void **state)
{
	static const struct {
		uint64_t start;
		const char *cause, *says;
	} rows[] = {
		{ 2000, "port_privileged", "Port 1500 is below 2000: uid 1000" },
		{ 1000, "application_error", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "server");
		builder_add(&t, (struct event){ .kind = EVENT_NETWORK_ERROR,
					.pid = 1,
					.syscall = "bind",
					.error = EACCES,
					.address = "0.0.0.0",
					.port = 1500,
					.family = AF_INET,
					.sock_type = SOCK_STREAM,
					.uid = 1000,
					.limit_name = "net.ipv4.ip_unprivileged_port_start",
					.process.limit = rows[i].start });
		builder_output(&t, 1, "giving up\n");
		builder_end(&t, 1, exited(1));
		builder_expect(&t, rows[i].cause, NULL, rows[i].says);
	}
}

static void foreign_address_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail_net(&t, 1, "bind", EADDRNOTAVAIL, "10.9.9.9", 8080);
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "address_not_available", NULL, "10.9.9.9");
}

static void refused_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail_net(&t, 1, "connect", ECONNREFUSED, "10.0.0.5", 5432);
	builder_output(&t, 1, "could not connect to database\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dependency_unreachable", NULL, "5432");
}

static void gives_up(struct builder *t, uint32_t pid)
{
	builder_add(t, (struct event){ .kind = EVENT_NETWORK_ERROR,
			       .pid = pid,
			       .syscall = "connect",
			       .address = "10.0.0.5",
			       .port = 443,
			       .family = AF_INET,
			       .sock_type = SOCK_STREAM,
			       .gave_up_ns = 15000 * MS });
}

static void gave_up(struct builder *t)
{
	gives_up(t, 1);
}

static void stop_child(struct builder *t, uint32_t parent, uint32_t pid)
{
	builder_add(t, (struct event){ .kind = EVENT_SIGNAL,
			       .pid = pid,
			       .signo = SIGTERM,
			       .sender_pid = parent,
			       .sender_comm = "timeout" });
}

static void stopped_by_timeout_while_connecting_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "timeout 15 client --connect db");
	builder_run(&t, 1, 2, "client --connect db");
	gives_up(&t, 2); /* has the time at which the wait began */
	t.now += 15000 * MS;
	stop_child(&t, 1, 2);
	builder_end(&t, 2, killed(SIGTERM));
	builder_end(&t, 1, exited(124));
	builder_expect(&t, "dependency_unreachable", NULL, "no answer within 15.0 seconds");
}

/* The script that was stopped waited for the client. */
static void stopped_with_its_script_while_connecting_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "timeout 15 sh -c client");
	builder_run(&t, 1, 2, "sh -c client");
	builder_run(&t, 2, 3, "client --connect db");
	gives_up(&t, 3);
	t.now += 15000 * MS;
	stop_child(&t, 1, 2);
	stop_child(&t, 1, 3);
	builder_end(&t, 3, killed(SIGTERM));
	builder_end(&t, 2, killed(SIGTERM));
	builder_end(&t, 1, exited(124));
	builder_expect(&t, "dependency_unreachable", NULL, "10.0.0.5");
}

static void stopped_by_timeout_long_after_connecting_is_another(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "timeout 30 client --connect db");
	builder_run(&t, 1, 2, "client --connect db");
	gives_up(&t, 2);
	t.now += 30000 * MS;
	stop_child(&t, 1, 2);
	builder_end(&t, 2, killed(SIGTERM));
	builder_end(&t, 1, exited(124));
	builder_expect(&t, "application_error", NULL, NULL);
}

/* pip without a way out: its own timeout is shorter than the kernel's. */
static void given_up_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 -m pip install flask");
	for (int i = 0; i < 3; i++)
		gave_up(&t);
	builder_output(&t, 1, "ERROR: Could not find a version that satisfies the requirement\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dependency_unreachable", NULL, "no answer within 15.0 seconds");
}

static void given_up_and_well_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	gave_up(&t);
	builder_listen(&t, 1, "0.0.0.0", 80);
	builder_expect_nothing(&t);
}

static void refused_once_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail_net(&t, 1, "connect", ECONNREFUSED, "10.0.0.5", 5432);
	builder_listen(&t, 1, "0.0.0.0", 80);
	builder_expect_nothing(&t);
}

static void refused_until_stopped_again_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	for (int i = 0; i < 5; i++)
		builder_fail_net(&t, 1, "connect", ECONNREFUSED, "10.0.0.5", 5432);
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, killed(SIGTERM));
	t.input.restarts_same_cause = 1;
	builder_expect(&t, "dependency_unreachable", NULL, "5432");
}

static void name_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "curl http://config.svc/x");
	builder_add(&t,
		(struct event){
			.kind = EVENT_DNS_QUERY, .pid = 2, .address = "10.96.0.10", .port = 53 });
	builder_output(&t, 2, "curl: (6) Could not resolve host: config.svc\n");
	builder_end(&t, 2, exited(6));
	builder_end(&t, 1, exited(6));
	builder_expect(&t, "dns_failure", NULL, "config.svc");
}

static void module_is_no_name(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 main.py");
	builder_output(&t, 1, "ModuleNotFoundError: No module named 'fastapi'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_module", NULL, "fastapi");
}

static struct builder stopped(int restarts, int status)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, status);
	t.input.restarts = t.input.restarts_same_cause = restarts;
	return t;
}

static void stopped_once_is_silent(void **state)
{
	struct builder t = stopped(0, killed(SIGTERM));

	(void)state;
	builder_expect_nothing(&t);
}

static void stopped_again_fires(void **state)
{
	struct builder t = stopped(1, killed(SIGTERM));

	(void)state;
	builder_expect(&t, "killed_from_outside", NULL, "startupProbe");
}

static void stopped_alone_is_told_of_its_pod(void **state)
{
	static const struct {
		int others, stopped;
		const char *says;
	} rows[] = {
		{ 0, 0, "startupProbe" },
		{ 2, 0, "The pod's other containers ran on, so that it was no eviction" },
		{ 1, 0, "alone in its pod (SIGTERM): most likely a liveness or startup probe" },
		{ 2, 1, "Stopped from outside with SIGTERM, not for the first time" },
		{ 2, 2, NULL }, /* a rollout, a drain, an eviction */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct builder t = stopped(1, killed(SIGTERM));
		t.input.pod = (struct pod_stop){ rows[i].others, rows[i].stopped };
		if (rows[i].says)
			builder_expect(&t, "killed_from_outside", NULL, rows[i].says);
		else
			builder_expect_nothing(&t);
	}
}

static void stopped_well_once_more_is_silent(void **state)
{
	struct builder t = stopped(1, exited(0));

	(void)state;
	builder_expect_nothing(&t);
}

static void stopped_well_again_and_again_fires(void **state)
{
	struct builder t = stopped(2, exited(0));

	(void)state;
	builder_expect(&t, "killed_from_outside", NULL, "startupProbe");
}

static void stop_that_a_program_answers_with_an_error_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_signal(&t, 1, SIGTERM, true);
	builder_output(&t, 1, "error: interrupted\n");
	builder_end(&t, 1, exited(1));
	builder_expect_nothing(&t);
}

static struct builder listens(const char *address, const char *other)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, address, 8000);
	if (other)
		builder_listen(&t, 1, other, 8080);
	t.input.now = t.now + 20000 * MS;
	return t;
}

static void loopback_that_nobody_asks_for_is_silent(void **state)
{
	struct builder t = listens("127.0.0.1", NULL);

	(void)state;
	builder_expect_nothing(&t);
}

/* A container that runs may still listen elsewhere; one that was stopped again after a few seconds did not. */
static void loopback_until_it_was_stopped_again_fires(void **state)
{
	(void)state;
	for (int again = 0; again < 2; again++) {
		struct builder t = listens("127.0.0.1", NULL);
		t.now += 3000 * MS;
		builder_signal(&t, 1, SIGTERM, true);
		builder_end(&t, 1, exited(0));
		t.input.now = 0;
		t.input.restarts_same_cause = again;
		if (again)
			builder_expect(&t, "listening_on_loopback", NULL, "0.0.0.0");
		else
			builder_expect_nothing(&t);
	}
}

static void loopback_beside_all_addresses_is_silent(void **state)
{
	struct builder t = listens("127.0.0.1", "0.0.0.0");

	(void)state;
	builder_expect_nothing(&t);
	t = listens("0.0.0.0", NULL);
	builder_expect_nothing(&t);
}

static void never_listening_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	t.now += 30000 * MS;
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, killed(SIGTERM));
	t.input.restarts_same_cause = 1;
	builder_expect(&t, "never_listening", NULL, "startupProbe");
}

static void ends_with_zero(int restarts, const char *expected)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "sh -c script");
	builder_end(&t, 1, exited(0));
	t.input.restarts = t.input.restarts_same_cause = restarts;
	if (expected)
		builder_expect(&t, expected, NULL, "foreground");
	else
		builder_expect_nothing(&t);
}

static void zero_fires_when_repeated_only(void **state)
{
	(void)state;
	ends_with_zero(0, NULL);
	ends_with_zero(1, NULL);
	ends_with_zero(3, "exited_zero");
}

static void same_story_same_diagnosis(void **state)
{
	struct builder t = stopped(2, killed(SIGTERM));
	struct diagnosis *a = builder_diagnose(&t), *b = builder_diagnose(&t);

	(void)state;
	assert_string_equal(a->summary, b->summary);
	assert_true(a->confidence >= b->confidence && a->confidence <= b->confidence);
	diagnosis_free(a);
	diagnosis_free(b);
	builder_free(&t);
}

static void every_rule_has_its_text(void **state)
{
	const struct rule_text *texts;
	size_t n = rule_texts(&texts);

	(void)state;
	assert_true(n >= 29);
	for (size_t i = 0; i < n; i++) {
		assert_true(*texts[i].root_cause && *texts[i].title && *texts[i].shown_by &&
			    *texts[i].fixed_by);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(texts[i].root_cause, texts[k].root_cause);
	}
}

/* What is removed is the lock file, never the directory that a message names with it. */
static void lock_file_is_removed_and_no_directory(void **state)
{
	static const struct {
		const char *command, *output, *path, *advice;
	} rows[] = {
		{ "postgres",
			"FATAL:  lock file \"postmaster.pid\" already exists\n"
			"HINT:  Is another postmaster (PID 12) running in data directory "
			"\"/tmp/pg\"?\n",
			"/tmp/pg/postmaster.pid", "rm -f /tmp/pg/postmaster.pid" },
		{ "postgres -D /data/pg", "FATAL:  lock file \"postmaster.pid\" already exists\n",
			"/data/pg/postmaster.pid", "rm -f /data/pg/postmaster.pid" },
		{ "postgres", "FATAL:  lock file \"postmaster.pid\" already exists\n", "",
			"postmaster.pid in the program's data directory" },
		{ "Xvfb :99",
			"Fatal server error:\nServer is already active for display 99\n"
			"\tIf this server is no longer running, remove /tmp/.X99-lock\n",
			"/tmp/.X99-lock", "rm -f /tmp/.X99-lock" },
		{ "dockerd",
			"failed to start daemon, ensure docker is not running or delete "
			"/var/run/docker.pid: process with PID 7 is still running\n",
			"/var/run/docker.pid", "rm -f /var/run/docker.pid" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, rows[i].command);
		builder_output(&t, 1, rows[i].output);
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		for (size_t j = 0; j < d->n_recommendations; j++)
			assert_null(strstr(d->recommendations[j].text, "rm -f /tmp/pg`"));
		assert_string_equal(d->path ?: "", rows[i].path);
		diagnosis_free(d);
		builder_expect(&t, "stale_state", NULL, rows[i].advice);
	}
}

/* The pid that the message names lives, and runs the same program. */
static void living_instance_is_no_stale_lock(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /start");
	builder_run(&t, 1, 2, "postgres -D /data/pg");
	builder_run(&t, 1, 3, "postgres -D /data/pg -p 5433");
	builder_output(&t, 3,
		"FATAL:  lock file \"postmaster.pid\" already exists\n"
		"HINT:  Is another postmaster (PID 2) running in data directory \"/data/pg\"?\n");
	builder_end(&t, 3, exited(1));
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	for (size_t i = 0; i < d->n_recommendations; i++)
		assert_null(strstr(d->recommendations[i].text, "rm -f"));
	diagnosis_free(d);
	builder_expect(&t, "stale_state", NULL, "only once");
}

/* A panic names its place in the source: that is no file which the refused call could be told apart from. */
static void place_in_the_source_is_no_other_file(void **state)
{
	(void)state;
	struct builder t = builder_new();

	t.c->seccomp = true;
	builder_exec(&t, 1, "db");
	builder_fail_call(&t, 1, "io_uring_setup", EPERM);
	builder_output(&t, 1,
		"thread 'main' panicked at src/io.rs:41: failed to create io_uring: Operation not "
		"permitted\n");
	builder_end(&t, 1, exited(101));
	builder_expect(&t, "syscall_blocked", NULL, "io_uring_setup");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_fires),
		cmocka_unit_test(port_taken_at_the_second_try_is_silent),
		cmocka_unit_test(low_port_fires),
		cmocka_unit_test(low_port_is_below_what_the_network_says),
		cmocka_unit_test(foreign_address_fires),
		cmocka_unit_test(refused_fires),
		cmocka_unit_test(given_up_fires),
		cmocka_unit_test(stopped_by_timeout_while_connecting_fires),
		cmocka_unit_test(stopped_with_its_script_while_connecting_fires),
		cmocka_unit_test(stopped_by_timeout_long_after_connecting_is_another),
		cmocka_unit_test(given_up_and_well_is_silent),
		cmocka_unit_test(refused_once_is_silent),
		cmocka_unit_test(refused_until_stopped_again_fires),
		cmocka_unit_test(name_fires),
		cmocka_unit_test(module_is_no_name),
		cmocka_unit_test(stopped_once_is_silent),
		cmocka_unit_test(stopped_again_fires),
		cmocka_unit_test(stopped_alone_is_told_of_its_pod),
		cmocka_unit_test(stopped_well_once_more_is_silent),
		cmocka_unit_test(stopped_well_again_and_again_fires),
		cmocka_unit_test(stop_that_a_program_answers_with_an_error_is_silent),
		cmocka_unit_test(loopback_until_it_was_stopped_again_fires),
		cmocka_unit_test(loopback_that_nobody_asks_for_is_silent),
		cmocka_unit_test(loopback_beside_all_addresses_is_silent),
		cmocka_unit_test(never_listening_fires),
		cmocka_unit_test(zero_fires_when_repeated_only),
		cmocka_unit_test(same_story_same_diagnosis),
		cmocka_unit_test(every_rule_has_its_text),
		cmocka_unit_test(lock_file_is_removed_and_no_directory),
		cmocka_unit_test(living_instance_is_no_stale_lock),
		cmocka_unit_test(place_in_the_source_is_no_other_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
