// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/addresses.h"

static void local_addresses_are_found(void **state)
{
	static const char trie[] =
		"Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n"
		"     +-- 10.244.1.0/24 2 0 2\n        |-- 10.244.1.0\n           /24 link "
		"UNICAST\n"
		"        |-- 10.244.1.7\n           /32 host LOCAL\n        |-- 10.244.1.255\n"
		"           /32 link BROADCAST\n     |-- 127.0.0.1\n           /32 host LOCAL\n"
		"Local:\n        |-- 10.244.1.7\n           /32 host LOCAL\n";
	static const char inet6[] =
		"00000000000000000000000000000001 01 80 10 80       lo\n"
		"fd000000000000000000000000000005 02 40 00 80     eth0\nbroken\n";
	struct addresses a = { .n = 0 };

	(void)state;
	addresses_parse_v4(trie, &a);
	addresses_parse_v6(inet6, &a);
	assert_int_equal(a.n, 2);
	assert_true(addresses_have(&a, "10.244.1.7"));
	assert_true(addresses_have(&a, "fd00::5"));
	assert_false(addresses_have(&a, "127.0.0.1"));
	addresses_parse_v4("/32 host LOCAL\n|-- \n/32 host LOCAL", &a);
	assert_int_equal(a.n, 2);
}

static void no_more_are_kept_than_there_is_room_for(void **state)
{
	char line[64];
	struct addresses a = { .n = 0 };

	(void)state;
	for (int i = 1; i < 100; i++) {
		snprintf(line, sizeof(line), "|-- 10.0.0.%d\n/32 host LOCAL\n", i);
		addresses_parse_v4(line, &a);
	}
	assert_int_equal(a.n, ADDRESSES_MAX);
}

static void a_process_in_the_nodes_network_has_none_of_its_own(void **state)
{
	struct addresses a = { .n = 1 };

	(void)state;
	addresses_read(1, &a);
	assert_int_equal(a.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_addresses_are_found),
		cmocka_unit_test(no_more_are_kept_than_there_is_room_for),
		cmocka_unit_test(a_process_in_the_nodes_network_has_none_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
