// SPDX-License-Identifier: MIT
/* Ports that somebody outside of the pod asks for, and where nobody listens. */
#include "story_builder.h"

static void refuse(struct builder *t, uint16_t port, uint32_t sharers, int times)
{
	for (int i = 0; i < times; i++) {
		t->now += 3000 * MS;
		builder_add(t, (struct event){ .kind = EVENT_PORT_REFUSED,
				       .comm = "",
				       .address = "10.0.0.5",
				       .port = port,
				       .error = ECONNREFUSED,
				       .sender_pid = 700,
				       .sender_comm = "kubelet",
				       .sharers = sharers });
	}
}

static struct builder server(const char *address, uint16_t port)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "nginx");
	if (port)
		builder_listen(&t, 1, address, port);
	t.now += 1000 * MS;
	return t;
}

static void another_port_than_the_programs_is_told(void **state)
{
	struct builder t = server("0.0.0.0", 80);

	(void)state;
	refuse(&t, 8080, 1, 5);
	builder_expect(&t, "probe_failed", NULL, "The kubelet asks port 8080; nginx listens on 80");
}

static void and_also_when_it_was_killed_for_that(void **state)
{
	struct builder t = server("0.0.0.0", 80);

	(void)state;
	refuse(&t, 8080, 1, 3);
	builder_signal(&t, 1, 15, true);
	builder_end(&t, 1, killed(15));
	builder_expect(&t, "probe_failed", NULL, "nginx listens on 80");
}

static void a_slow_start_that_is_killed_is_told_as_that(void **state)
{
	struct builder t = server("", 0);

	(void)state;
	refuse(&t, 8080, 1, 3);
	builder_signal(&t, 1, 15, true);
	builder_end(&t, 1, killed(15));
	builder_expect(&t, "probe_failed", NULL, "before it listened");
}

static void how_long_a_start_takes_is_told_where_it_is_known(void **state)
{
	struct builder t = server("", 0);

	(void)state;
	t.c->remembered = calloc(1, sizeof(*t.c->remembered));
	t.c->remembered->listening_ns = 47000 * MS;
	refuse(&t, 8080, 1, 3);
	builder_signal(&t, 1, 15, true);
	builder_end(&t, 1, killed(15));
	builder_expect(&t, "probe_failed", NULL, "it took 47 seconds until it listened");
}

static void what_is_well_is_left_alone(void **state)
{
	struct builder t = server("", 0);

	(void)state;
	refuse(&t, 8080, 1, 9); /* it has not begun to listen yet */
	builder_expect_nothing(&t);
	t = server("0.0.0.0", 80);
	refuse(&t, 8080, 2, 9); /* it may be the other container's */
	builder_expect_nothing(&t);
	t = server("", 0);
	refuse(&t, 80, 1, 5);
	builder_listen(&t, 1, "0.0.0.0", 80); /* it took its time */
	t.now += 60000 * MS;
	builder_expect_nothing(&t);
	t = server("127.0.0.1", 9000); /* nobody asks */
	t.now += 60000 * MS;
	builder_expect_nothing(&t);
}

static void loopback_is_told_when_somebody_asks(void **state)
{
	struct builder t = server("127.0.0.1", 8080);

	(void)state;
	refuse(&t, 8080, 1, 9);
	builder_expect(&t, "listening_on_loopback", NULL, "listen on all addresses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_port_than_the_programs_is_told),
		cmocka_unit_test(and_also_when_it_was_killed_for_that),
		cmocka_unit_test(a_slow_start_that_is_killed_is_told_as_that),
		cmocka_unit_test(how_long_a_start_takes_is_told_where_it_is_known),
		cmocka_unit_test(what_is_well_is_left_alone),
		cmocka_unit_test(loopback_is_told_when_somebody_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
