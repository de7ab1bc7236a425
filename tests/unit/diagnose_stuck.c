// SPDX-License-Identifier: MIT
/* What a container that runs is stuck on: for each kind one that is named, and ones that are well. */
#include "story_builder.h"

#define SECOND (1000 * MS)

/* A child that fails to connect and ends with 1, every two seconds. */
static void ask_with(struct builder *t, const char *command, int times)
{
	for (int i = 0; i < times; i++) {
		uint32_t pid = (uint32_t)(10 + i);
		builder_run(t, 1, pid, command);
		builder_fail_net(t, pid, "connect", ECONNREFUSED, "10.1.2.3", 5432);
		builder_end(t, pid, exited(1));
		t->now += 2 * SECOND;
	}
}

static void connect_again(struct builder *t, uint32_t pid, int times, uint64_t pause)
{
	for (int i = 0; i < times; i++) {
		builder_fail_net(t, pid, "connect", ECONNREFUSED, "10.1.2.3", 5432);
		t->now += pause;
	}
}

static void look_for(struct builder *t, uint32_t pid, const char *path, int times)
{
	for (int i = 0; i < times; i++) {
		builder_fail(t, pid, "newfstatat", ENOENT, path);
		t->now += 2 * SECOND;
	}
}

static void expect_wait(struct builder *t, const char *cause, const char *kind, uint64_t attempts)
{
	struct diagnosis *d = builder_diagnose(t);

	if (!d)
		fail_msg("no diagnosis, %s wanted", cause);
	if (strcmp(d->root_cause, cause) || !d->waiting.kind || strcmp(d->waiting.kind, kind) ||
		d->waiting.attempts != attempts)
		fail_msg("%s, kind %s, %d attempts\n%s\n%s", d->root_cause, d->waiting.kind,
			(int)d->waiting.attempts, d->summary, d->why);
	assert_false(d->has_exit_code);
	assert_int_equal(d->phase, PHASE_STARTUP);
	assert_true(d->waiting.since >= BUILDER_START && d->waiting.since < BUILDER_START + SECOND);
	assert_non_null(d->waiting.answer);
	diagnosis_free(d);
	builder_free(t);
}

/* An interpreter looks for more files than are kept apart before it comes to what it waits for. */
static void many_look_ups_at_the_start_hide_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "ruby /app.rb");
	for (int i = 0; i < 200; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/usr/lib/ruby/%d/socket.rb", i);
		builder_fail(&t, 1, "openat", ENOENT, path);
	}
	connect_again(&t, 1, 30, SECOND);
	expect_wait(&t, "dependency_unreachable", "connection", 30);
}

static void script_that_asks_for_a_service_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /wait.sh");
	ask_with(&t, "nc -z 10.1.2.3 5432", 12);
	expect_wait(&t, "dependency_unreachable", "connection", 12);
}

static void server_that_retries_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	connect_again(&t, 1, 8, 5 * SECOND);
	expect_wait(&t, "dependency_unreachable", "connection", 8);
}

/* 1, 2, 4, 8, 16 seconds: five attempts are enough to know, and a long pause is none too long. */
static void retries_that_grow_rarer_are_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	for (int i = 0; i < 5; i++)
		connect_again(&t, 1, 1, (1ULL << i) * SECOND);
	connect_again(&t, 1, 1, 20 * SECOND);
	expect_wait(&t, "dependency_unreachable", "connection", 6);
}

static void ten_seconds_of_retries_are_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	connect_again(&t, 1, 10, SECOND);
	t.now += 20 * SECOND;
	builder_expect_nothing(&t);
}

static void what_got_through_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /wait.sh");
	ask_with(&t, "nc -z 10.1.2.3 5432", 12);
	builder_run(&t, 1, 50, "nc -z 10.1.2.3 5432");
	builder_end(&t, 50, 0);
	t.now += SECOND;
	builder_expect_nothing(&t);
}

static void retries_that_stopped_are_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	connect_again(&t, 1, 15, 2 * SECOND);
	t.now += 25 * SECOND;
	builder_expect_nothing(&t);
}

static void exporter_of_a_server_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, "0.0.0.0", 8080);
	for (int i = 0; i < 12; i++) {
		builder_fail_net(&t, 1, "connect", ECONNREFUSED, "10.1.2.3", 4317);
		t.now += 5 * SECOND;
	}
	builder_expect_nothing(&t);
}

static void job_of_a_schedule_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "crond -f");
	for (uint32_t pid = 2; pid < 8; pid++) {
		builder_run(&t, 1, pid, "curl -s http://10.1.2.3:5432/");
		builder_fail_net(&t, pid, "connect", ECONNREFUSED, "10.1.2.3", 5432);
		builder_end(&t, pid, exited(7));
		t.now += 60 * SECOND;
	}
	builder_expect_nothing(&t);
}

static void file_of_an_until_loop_is_named(void **state)
{
	struct builder t = builder_new();
	const char *args[] = { "sh", "-c",
		"until [ -f /shared/ready ]; do sleep 2; done; exec app" };

	(void)state;
	snprintf(t.comm[1], sizeof(t.comm[1]), "sh");
	builder_add(&t, (struct event){ .kind = EVENT_EXEC,
				.pid = 1,
				.executable = "/bin/sh",
				.cwd = "/",
				.args = args,
				.argc = 3 });
	builder_add(&t, (struct event){ .kind = EVENT_CONTAINER_STARTED, .pid = 1 });
	look_for(&t, 1, "/shared/ready", 12);
	expect_wait(&t, "missing_file", "file", 12);
}

static void file_that_is_said_to_be_waited_for_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /entrypoint.sh");
	builder_output(&t, 1, "waiting for /shared/ready\n");
	look_for(&t, 1, "/shared/ready", 12);
	expect_wait(&t, "missing_file", "file", 12);
}

static void optional_file_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /worker.sh");
	builder_output(&t, 1, "worker started\n");
	look_for(&t, 1, "/etc/app/override.conf", 30);
	builder_expect_nothing(&t);
}

static void lock_of_a_leader_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	builder_output(&t, 1, "standby: waiting to become leader\n");
	for (int i = 0; i < 15; i++) {
		builder_fail(&t, 1, "flock", EAGAIN, "/shared/leader.lock");
		t.now += 2 * SECOND;
	}
	builder_expect_nothing(&t);
}

/* `while ( ! nslookup db.shop )`: each time a shell of its own asks, and ends well. */
static struct builder asks_in_subshells(void)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "sh -c wait");
	for (uint32_t pid = 10; pid < 40; pid += 2) {
		builder_fork(&t, 1, pid);
		builder_run(&t, pid, pid + 1, "nslookup db.shop");
		builder_end(&t, pid + 1, exited(1));
		builder_end(&t, pid, exited(0));
		t.now += 2 * SECOND;
	}
	return t;
}

static void name_that_a_subshell_asks_for_is_waited_for(void **state)
{
	struct builder t = asks_in_subshells();

	(void)state;
	builder_expect(&t, "dns_failure", NULL, "db.shop");
}

static void name_that_a_subshell_asked_for_was_given_up(void **state)
{
	struct builder t = asks_in_subshells();

	(void)state;
	builder_output(&t, 1, "Timed out waiting for the name\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, "db.shop");
}

static void questions_of_subshells_were_given_up(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c wait");
	for (uint32_t pid = 10; pid < 40; pid += 2) {
		struct event e = { .kind = EVENT_DNS_QUERY,
			.pid = pid + 1,
			.address = "10.96.0.10",
			.port = 53,
			.dns_name = "db.shop",
			.dns_type = "A" };
		builder_fork(&t, 1, pid);
		builder_run(&t, pid, pid + 1, "nslookup db.shop");
		builder_add(&t, e);
		e.kind = EVENT_DNS_ANSWER;
		e.dns_rcode = "NXDOMAIN";
		builder_add(&t, e);
		builder_end(&t, pid + 1, exited(1));
		builder_end(&t, pid, exited(0));
		t.now += 2 * SECOND;
	}
	builder_output(&t, 1, "Timed out waiting for the name\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, "db.shop");
}

static void name_that_nslookup_does_not_find_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /wait.sh");
	for (uint32_t pid = 10; pid < 22; pid++) {
		builder_run(&t, 1, pid, "nslookup db.shop");
		builder_output(&t, pid, "** server can't find db.shop: NXDOMAIN\n");
		builder_end(&t, pid, exited(1));
		t.now += 2 * SECOND;
	}
	expect_wait(&t, "dns_failure", "name", 12);
}

static void silent_curl_is_told_by_its_code(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /wait.sh");
	for (uint32_t pid = 10; pid < 22; pid++) {
		builder_run(&t, 1, pid, "curl -sf http://api:8080/healthz");
		builder_end(&t, pid, exited(22));
		t.now += 2 * SECOND;
	}
	expect_wait(&t, "dependency_unreachable", "command", 12);
}

static void test_that_fails_in_a_loop_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /worker.sh");
	for (uint32_t pid = 10; pid < 40; pid++) {
		builder_run(&t, 1, pid, "grep -q job /spool/queue");
		builder_end(&t, pid, exited(1));
		t.now += 2 * SECOND;
	}
	builder_expect_nothing(&t);
}

static void end_after_a_long_wait_tells_it(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /wait.sh");
	ask_with(&t, "nc -z 10.1.2.3 5432", 12);
	builder_output(&t, 1, "giving up\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dependency_unreachable", NULL, "12 times over 22 seconds");
}

static void connections_without_a_local_port_are_told(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, "0.0.0.0", 8080);
	for (int i = 0; i < 25; i++) {
		builder_fail_net(&t, 1, "connect", EADDRNOTAVAIL, "10.1.2.3", 5432);
		t.now += SECOND;
	}
	builder_expect(&t, "address_not_available", NULL, "No local port is left");
}

/* The question goes out with each domain of the list, for IPv4 and IPv6, and each is answered. */
static void ask_for_a_name(struct builder *t, const char *rcode, uint16_t answers)
{
	static const char *const names[] = { "db.shop.ns.svc.cluster.local",
		"db.shop.svc.cluster.local", "db.shop" };
	static const char *const types[] = { "A", "AAAA" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t k = 0; k < ARRAY_SIZE(types); k++) {
			struct event e = { .kind = EVENT_DNS_QUERY,
				.pid = 1,
				.address = "10.96.0.10",
				.port = 53,
				.dns_name = names[i],
				.dns_type = types[k],
				.dns_search = "ns.svc.cluster.local svc.cluster.local",
				.dns_ndots = 5 };
			builder_add(t, e);
			e.kind = EVENT_DNS_ANSWER;
			e.dns_search = "";
			e.dns_rcode = i == 1 ? rcode : "NXDOMAIN";
			e.dns_answers = i == 1 ? answers : 0;
			builder_add(t, e);
		}
}

static void name_that_a_program_asks_for_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	for (int i = 0; i < 12; i++) {
		ask_for_a_name(&t, "NXDOMAIN", 0);
		t.now += 2 * SECOND;
	}
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->waiting.name, "db.shop");
	assert_string_equal(d->waiting.answer, "NXDOMAIN");
	diagnosis_free(d);
	expect_wait(&t, "dns_failure", "name", 12);
}

static void name_that_one_domain_of_the_list_has_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	for (int i = 0; i < 12; i++) {
		ask_for_a_name(&t, "NOERROR", 1);
		t.now += 2 * SECOND;
	}
	builder_expect_nothing(&t);
}

static struct builder blocked_in(const char *call, const char *path, const char *address)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "python3 app.py");
	t.now += 10 * SECOND;
	builder_add(&t, (struct event){ .kind = EVENT_BLOCKED,
				.pid = 1,
				.syscall = call,
				.path = path,
				.address = address,
				.port = *address ? 5432 : 0,
				.family = *address ? AF_INET : 0,
				.holder_pid = *path ? 77 : 0,
				.holder_comm = "backup",
				.blocked_ns = 10 * SECOND });
	t.now += 12 * SECOND;
	return t;
}

static void call_that_does_not_come_back_is_named(void **state)
{
	struct builder lock = blocked_in("flock", "/data/db.lock", "");
	struct builder fifo = blocked_in("openat", "/run/app/pipe", "");
	struct builder peer = blocked_in("connect", "", "10.1.2.3");

	(void)state;
	expect_wait(&lock, "application_error", "lock", 1);
	expect_wait(&fifo, "application_error", "fifo", 1);
	expect_wait(&peer, "dependency_unreachable", "connection", 1);
}

static void call_that_came_back_is_silent(void **state)
{
	struct builder t = blocked_in("flock", "/data/db.lock", "");

	(void)state;
	builder_add(&t, (struct event){ .kind = EVENT_UNBLOCKED, .pid = 1, .syscall = "flock" });
	t.now += 30 * SECOND;
	builder_expect_nothing(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_look_ups_at_the_start_hide_nothing),
		cmocka_unit_test(script_that_asks_for_a_service_is_named),
		cmocka_unit_test(server_that_retries_is_named),
		cmocka_unit_test(retries_that_grow_rarer_are_named),
		cmocka_unit_test(ten_seconds_of_retries_are_silent),
		cmocka_unit_test(what_got_through_is_silent),
		cmocka_unit_test(retries_that_stopped_are_silent),
		cmocka_unit_test(exporter_of_a_server_is_silent),
		cmocka_unit_test(job_of_a_schedule_is_silent),
		cmocka_unit_test(file_of_an_until_loop_is_named),
		cmocka_unit_test(file_that_is_said_to_be_waited_for_is_named),
		cmocka_unit_test(optional_file_is_silent),
		cmocka_unit_test(lock_of_a_leader_is_silent),
		cmocka_unit_test(questions_of_subshells_were_given_up),
		cmocka_unit_test(name_that_nslookup_does_not_find_is_named),
		cmocka_unit_test(name_that_a_subshell_asks_for_is_waited_for),
		cmocka_unit_test(name_that_a_subshell_asked_for_was_given_up),
		cmocka_unit_test(silent_curl_is_told_by_its_code),
		cmocka_unit_test(test_that_fails_in_a_loop_is_silent),
		cmocka_unit_test(end_after_a_long_wait_tells_it),
		cmocka_unit_test(connections_without_a_local_port_are_told),
		cmocka_unit_test(call_that_does_not_come_back_is_named),
		cmocka_unit_test(call_that_came_back_is_silent),
		cmocka_unit_test(name_that_a_program_asks_for_is_named),
		cmocka_unit_test(name_that_one_domain_of_the_list_has_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
