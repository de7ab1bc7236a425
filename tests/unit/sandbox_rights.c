// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/rights.h"

static const struct right *wanted(const char *name)
{
	const struct right *r = rights_wanted;

	while (r->name && strcmp(r->name, name))
		r++;
	assert_non_null(r->name);
	return r;
}

static void old_kernels_count_maps_as_locked_memory(void **state)
{
	const struct right *locked = wanted("CAP_SYS_RESOURCE");

	(void)state;
	assert_true(right_is_wanted(locked, "5.10.0-30-amd64"));
	assert_true(right_is_wanted(locked, "4.18.0-553.el8"));
	assert_false(right_is_wanted(locked, "5.11.0"));
	assert_false(right_is_wanted(locked, "6.1.0-25-amd64"));
	assert_false(right_is_wanted(locked, "unheard of"));
	assert_true(right_is_wanted(wanted("CAP_BPF"), "7.2.1"));
}

/* As this one is not: it is 5.10 or later. */
static void the_right_to_all_is_for_kernels_without_a_right_to_bpf(void **state)
{
	(void)state;
	assert_false(right_is_wanted(wanted("CAP_SYS_ADMIN"), "5.4.0"));
}

static void each_right_has_its_name(void **state)
{
	(void)state;
	for (const struct right *r = rights_wanted; r->name; r++)
		assert_string_equal(right_name((unsigned)r->number), r->name);
	assert_null(right_name(63));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_kernels_count_maps_as_locked_memory),
		cmocka_unit_test(the_right_to_all_is_for_kernels_without_a_right_to_bpf),
		cmocka_unit_test(each_right_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
