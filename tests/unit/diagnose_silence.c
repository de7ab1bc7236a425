// SPDX-License-Identifier: MIT
/* What looks like a root cause and is none: lives in which something failed and nothing was wrong. */
#include <elf.h>
#include <signal.h>

#include "story_builder.h"

#define SERVER "server --config /etc/server.conf"

static void serve_until_stopped(struct builder *t, uint32_t pid)
{
	builder_listen(t, pid, "0.0.0.0", 8080);
	t->now += 30000 * MS;
	builder_signal(t, 1, SIGTERM, true);
	builder_end(t, 1, exited(0));
	builder_expect_nothing(t);
}

static struct builder started(void)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, SERVER);
	return t;
}

static void optional_library_is_silent(void **state)
{
	struct builder t = started();

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/lib/libjemalloc.so.2");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/libjemalloc.so.2");
	serve_until_stopped(&t, 1);
}

static void gpu_that_is_only_asked_for_is_silent(void **state)
{
	struct builder t = started();

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/dev/nvidiactl");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/libcuda.so.1");
	serve_until_stopped(&t, 1);
}

/* A script tries a helper that may not be run, and does without. */
static void helper_that_may_not_be_run_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_fork(&t, 1, 2);
	builder_fail_exec(&t, 2, EACCES, "/etc/cont-init.d/README");
	builder_end(&t, 2, exited(126));
	builder_exec(&t, 1, SERVER);
	serve_until_stopped(&t, 1);
}

static void call_that_is_refused_and_replaced_is_silent(void **state)
{
	static const struct {
		const char *call;
		int error;
	} calls[] = { { "io_uring_setup", EPERM }, { "clone3", ENOSYS }, { "mlock", ENOMEM },
		{ "prlimit64", EPERM }, { "setgroups", EPERM }, { "clone", EAGAIN } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct builder t = started();
		t.c->described = t.c->seccomp = true;
		builder_fail_call(&t, 1, calls[i].call, calls[i].error);
		serve_until_stopped(&t, 1);
	}
}

static void low_port_given_up_for_another_is_silent(void **state)
{
	struct builder t = started();

	(void)state;
	builder_fail_net(&t, 1, "bind", EACCES, "0.0.0.0", 80);
	serve_until_stopped(&t, 1);
}

static void node_without_ipv6_is_silent(void **state)
{
	struct builder t = started();

	(void)state;
	builder_fail_net(&t, 1, "socket", EAFNOSUPPORT, "", 0);
	builder_fail_net(&t, 1, "bind", EADDRNOTAVAIL, "::1", 8080);
	serve_until_stopped(&t, 1);
}

static void name_that_is_found_in_the_end_is_silent(void **state)
{
	struct builder t = started();

	(void)state;
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.96.0.10", 53);
	builder_output(&t, 1, "retrying: getaddrinfo EAI_AGAIN db\n");
	serve_until_stopped(&t, 1);
}

static void errors_of_one_request_are_silent(void **state)
{
	static const int errors[] = { ENOSPC, EMFILE, EACCES, EISDIR, EROFS };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct builder t = started();
		builder_fail(&t, 1, "openat", errors[i], "/var/cache/server/entry");
		serve_until_stopped(&t, 1);
	}
}

static void worker_that_crashed_once_is_silent(void **state)
{
	struct builder t = started();

	(void)state;
	builder_fork(&t, 1, 2);
	builder_end(&t, 2, killed(SIGSEGV));
	serve_until_stopped(&t, 1);
}

static void batch_job_that_listens_nowhere_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "worker --queue mail");
	t.now += 60000 * MS;
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, killed(SIGTERM));
	builder_expect_nothing(&t);
}

/* npm starts node, node starts workers, each asks for a hundred files that are not there. */
static void cluster_of_node_is_silent(void **state)
{
	struct builder t = builder_new();
	char path[96];

	(void)state;
	builder_exec(&t, 1, "npm start");
	builder_fail(&t, 1, "openat", ENOENT, "/root/.npmrc");
	builder_run(&t, 1, 2, "sh -c node_cluster.js");
	builder_run(&t, 2, 3, "node cluster.js");
	for (uint32_t pid = 4; pid < 8; pid++) {
		builder_run(&t, 3, pid, "node worker.js");
		for (int i = 0; i < 100; i++) {
			snprintf(path, sizeof(path), "/srv/app/lib/node_modules/m%d/index.json", i);
			builder_fail(&t, pid, i % 2 ? "statx" : "openat", ENOENT, path);
		}
		builder_fail(&t, pid, "mkdir", EROFS, "/root/.cache/node");
		builder_fail_net(&t, pid, "bind", EADDRINUSE, "0.0.0.0", 3000);
	}
	builder_end(&t, 4, killed(SIGSEGV));
	builder_run(&t, 3, 8, "node worker.js");
	serve_until_stopped(&t, 3);
}

static void connection_retried_for_ever(struct builder *t)
{
	builder_exec(t, 1, SERVER);
	for (int i = 0; i < 200; i++) {
		builder_fail_net(t, 1, "connect", ECONNREFUSED, "10.0.0.5", 5432);
		t->now += 1000 * MS;
	}
}

static void connection_retried_until_it_works_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	connection_retried_for_ever(&t);
	serve_until_stopped(&t, 1);
}

/* `until nc -z db 5432; do sleep 1; done`, deleted while it waits. */
static void loop_that_waits_for_a_service_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	for (uint32_t pid = 2; pid < 8; pid++) {
		builder_run(&t, 1, pid, "wait-for db:5432");
		builder_fail_net(&t, pid, "connect", ECONNREFUSED, "10.0.0.5", 5432);
		builder_end(&t, pid, exited(1));
	}
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, killed(SIGTERM));
	builder_expect_nothing(&t);
}

static void copy_to_another_place_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "cp /config/app.conf /etc/app.conf");
	builder_fail_create(&t, 2, EACCES, "/etc/app.conf");
	builder_end(&t, 2, exited(1));
	builder_run(&t, 1, 3, "cp /config/app.conf /tmp/app.conf");
	builder_end(&t, 3, exited(0));
	builder_exec(&t, 1, "sleep 60");
	builder_expect_nothing(&t);
}

/* A look at the container may fall between the failure and the way around it. */
static void copy_that_failed_a_moment_ago_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "cp /config/app.conf /etc/app.conf");
	builder_fail_create(&t, 2, EACCES, "/etc/app.conf");
	builder_end(&t, 2, exited(1));
	t.input.now = t.now + MS;
	builder_expect_nothing(&t);
}

/* A lock beside the configuration is asked for first; nothing is said, and /tmp will do. */
static void write_that_nobody_minds_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/config", MOUNT_CONFIGMAP, "app", true);
	builder_exec(&t, 1, "python3 server.py");
	builder_fail_create(&t, 1, EROFS, "/config/.lock");
	builder_listen(&t, 1, "0.0.0.0", 8000);
	builder_signal(&t, 1, SIGTERM, true);
	builder_signal(&t, 1, SIGKILL, true);
	builder_end(&t, 1, killed(SIGKILL));
	builder_expect_nothing(&t);
}

static void job_that_ends_well_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "migrate up");
	builder_fail(&t, 1, "openat", EACCES, "/var/log/migrate.log");
	builder_output(&t, 1, "error: cannot open /var/log/migrate.log: Permission denied\n");
	builder_end(&t, 1, exited(0));
	builder_expect_nothing(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(optional_library_is_silent),
		cmocka_unit_test(gpu_that_is_only_asked_for_is_silent),
		cmocka_unit_test(helper_that_may_not_be_run_is_silent),
		cmocka_unit_test(call_that_is_refused_and_replaced_is_silent),
		cmocka_unit_test(low_port_given_up_for_another_is_silent),
		cmocka_unit_test(node_without_ipv6_is_silent),
		cmocka_unit_test(name_that_is_found_in_the_end_is_silent),
		cmocka_unit_test(errors_of_one_request_are_silent),
		cmocka_unit_test(worker_that_crashed_once_is_silent),
		cmocka_unit_test(batch_job_that_listens_nowhere_is_silent),
		cmocka_unit_test(cluster_of_node_is_silent),
		cmocka_unit_test(connection_retried_until_it_works_is_silent),
		cmocka_unit_test(loop_that_waits_for_a_service_is_silent),
		cmocka_unit_test(copy_to_another_place_is_silent),
		cmocka_unit_test(copy_that_failed_a_moment_ago_is_silent),
		cmocka_unit_test(write_that_nobody_minds_is_silent),
		cmocka_unit_test(job_that_ends_well_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
