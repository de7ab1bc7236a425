// SPDX-License-Identifier: MIT
/* Services that run on without what they ask for: descriptors, processes, room, memory, local ports. */
#include <sys/mman.h>
#include <sys/socket.h>

#include "story_builder.h"

/* A test names only what differs. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define FAILS(kind_, call_, error_, ...) \
	((struct event){ .kind = (kind_), \
		.pid = 1, \
		.syscall = (call_), \
		.error = (error_), \
		.flags = "", \
		##__VA_ARGS__ })

/* It listens, and twice a second, over half a minute, the call fails. */
static struct builder service_that(struct event failure)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, "0.0.0.0", 8080);
	for (int i = 0; i < 60; i++) {
		builder_add(&t, failure);
		t.now += 500 * MS;
	}
	return t;
}

/* While it goes on, with its limit; and what it is stuck on, so that it is withdrawn later. */
static void expect(struct builder *t, const char *cause, const char *says)
{
	struct diagnosis *d = builder_diagnose(t);

	if (!d)
		fail_msg("no diagnosis, %s wanted", cause);
	assert_string_equal(d->root_cause, cause);
	assert_non_null(d->waiting.kind);
	if (!strstr(d->summary, says))
		fail_msg("%s\nsays nothing of %s", d->summary, says);
	diagnosis_free(d);
	builder_free(t);
}

static void descriptors(void **state)
{
	struct builder t = service_that(FAILS(EVENT_FILE_ERROR, "openat", EMFILE, .path = "/etc/x",
		.limit_name = "RLIMIT_NOFILE",
		.process = { .known = true, .limit = 64, .used = 64 }));

	(void)state;
	expect(&t, "too_many_open_files", "64");
}

static void processes(void **state)
{
	struct builder t = service_that(FAILS(EVENT_PROCESS_ERROR, "clone", EAGAIN,
		.limit_name = "pids.max", .process = { .known = true, .limit = 12, .used = 12 }));

	(void)state;
	expect(&t, "process_limit", "12 (pids.max)");
}

static void memory_areas(void **state)
{
	struct builder t = service_that(
		FAILS(EVENT_PROCESS_ERROR, "mmap", ENOMEM, .limit_name = "vm.max_map_count",
			.process = { .known = true, .limit = 65530, .used = 65531 }));

	(void)state;
	expect(&t, "node_limit", "65531 are in use");
}

static void address_space(void **state)
{
	struct builder t =
		service_that(FAILS(EVENT_PROCESS_ERROR, "mmap", ENOMEM, .limit_name = "RLIMIT_AS",
			.process = { .known = true, .limit = 64 << 20, .used = 80 << 20 }));

	(void)state;
	expect(&t, "application_error", "The limit is 64 MiB");
}

/* Allocators ask for more than they need: that nothing was left has to have been seen. */
static void memory_that_was_not_counted_is_silent(void **state)
{
	struct builder t = service_that(FAILS(EVENT_PROCESS_ERROR, "mmap", ENOMEM));

	(void)state;
	builder_expect_nothing(&t);
	t = service_that(FAILS(EVENT_PROCESS_ERROR, "mmap", ENOMEM,
		.call_args = { 0, 0, 0, MAP_HUGETLB }, .limit_name = "vm.nr_hugepages"));
	builder_expect_nothing(&t);
}

static void local_ports(void **state)
{
	struct builder t = service_that(FAILS(EVENT_NETWORK_ERROR, "connect", EADDRNOTAVAIL,
		.address = "10.1.2.3", .port = 5432, .family = AF_INET, .sock_type = SOCK_STREAM,
		.limit_name = "net.ipv4.ip_local_port_range",
		.process = { .known = true, .used = 28232 }));

	(void)state;
	expect(&t, "address_not_available", "28232 connections to it had one then");
}

static void one_burst_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, "0.0.0.0", 8080);
	for (int i = 0; i < 60; i++) {
		builder_add(&t,
			FAILS(EVENT_PROCESS_ERROR, "mmap", ENOMEM, .limit_name = "vm.max_map_count",
				.process = { .known = true, .limit = 65530, .used = 65531 }));
		t.now += 5 * MS;
	}
	t.now += 60000 * MS;
	builder_expect_nothing(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(processes),
		cmocka_unit_test(memory_areas),
		cmocka_unit_test(address_space),
		cmocka_unit_test(memory_that_was_not_counted_is_silent),
		cmocka_unit_test(local_ports),
		cmocka_unit_test(one_burst_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
