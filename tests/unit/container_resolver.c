// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/resolver.h"

static void what_the_kubelet_writes(void **state)
{
	struct resolver r;

	(void)state;
	resolver_parse("search shop.svc.cluster.local svc.cluster.local cluster.local\n"
		       "nameserver 10.96.0.10\noptions ndots:5\n",
		&r);
	assert_string_equal(r.search, "shop.svc.cluster.local svc.cluster.local cluster.local");
	assert_int_equal(r.ndots, 5);
}

static void the_last_list_counts_and_ndots_is_one(void **state)
{
	struct resolver r;

	(void)state;
	resolver_parse(
		"domain a.example\n# search x\nsearch\tb.example.  c.example \r\noptions", &r);
	assert_string_equal(r.search, "b.example c.example");
	assert_int_equal(r.ndots, 1);
	resolver_parse("options edns0 ndots:99 ndots:2 trust-ad\nsearch\nsearching x", &r);
	assert_string_equal(r.search, "");
	assert_int_equal(r.ndots, 2);
	resolver_parse("", &r);
	assert_int_equal(r.ndots, 1);
}

static void a_domain_that_does_not_fit_is_left_out(void **state)
{
	char text[2000] = "search a.example ";
	struct resolver r;

	(void)state;
	memset(text + strlen(text), 'x', RESOLVER_SEARCH_MAX);
	strcat(text, " b.example");
	resolver_parse(text, &r);
	assert_string_equal(r.search, "a.example b.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_kubelet_writes),
		cmocka_unit_test(the_last_list_counts_and_ndots_is_one),
		cmocka_unit_test(a_domain_that_does_not_fit_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
