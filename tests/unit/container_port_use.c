// SPDX-License-Identifier: MIT
/* How many local ports connections to one address and port have taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "container/port_use.h"
#include "util/cleanup.h"

static uint64_t count(const char *text, const char *address, uint16_t port, bool mapped)
{
	_cleanup_file_ FILE *f = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(f);
	return port_use_parse(f, address, port, mapped);
}

static void only_the_remote_end_counts(void **state)
{
	static const char table[] = "  sl  local_address rem_address   st tx_queue rx_queue\n"
				    "   0: 0100007F:2328 00000000:0000 0A 00000000:00000000 "
				    "00:00000000 00000000 0 0 1\n"
				    "   1: 0100007F:9C40 0100007F:2328 01 00000000:00000000 "
				    "00:00000000 00000000 0 0 2\n"
				    "   2: 0100007F:9C41 0100007F:2328 06 00000000:00000000 "
				    "00:00000000 00000000 0 0 0\n"
				    "   3: 0100007F:2328 0100007F:9C40 01 00000000:00000000 "
				    "00:00000000 00000000 0 0 3\n"
				    "   4: 0100007F:9C42 0100007F:2329 01 00000000:00000000 "
				    "00:00000000 00000000 0 0 4\n"
				    "   5: 0100007F:9C43 0200007F:2328 01 00000000:00000000 "
				    "00:00000000 00000000 0 0 5\n"
				    "broken\n";

	(void)state;
	assert_int_equal(count(table, "127.0.0.1", 9000, false), 2);
	assert_int_equal(count(table, "127.0.0.1", 9001, false), 1);
	assert_int_equal(count(table, "127.0.0.3", 9000, false), 0);
	assert_int_equal(count(table, "::1", 9000, false), 0);
	assert_int_equal(count("", "127.0.0.1", 9000, false), 0);
}

static void mapped_addresses_count_in_the_table_of_ipv6(void **state)
{
	static const char table[] =
		"   1: 0000000000000000FFFF00000100007F:9C40 "
		"0000000000000000FFFF00000100007F:2328 01 00000000:00000000 00:00000000 0 0 0 2\n";

	(void)state;
	assert_int_equal(count(table, "127.0.0.1", 9000, true), 1);
	assert_int_equal(count(table, "127.0.0.1", 9000, false), 0);
}

/* The kernel's own table is in the form that is read here. */
static void a_real_connection_counts(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(to);
	_cleanup_fd_ int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	_cleanup_fd_ int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(bind(server, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&to, &len), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(port_use((uint32_t)getpid(), "127.0.0.1", ntohs(to.sin_port)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_remote_end_counts),
		cmocka_unit_test(mapped_addresses_count_in_the_table_of_ipv6),
		cmocka_unit_test(a_real_connection_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
