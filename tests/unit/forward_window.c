// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "forward/window.h"

static void knows_the_place_of_each(void **state)
{
	struct window w = { 0 };
	char id[33];

	(void)state;
	assert_int_equal(window_remove(&w, ""), -1);
	for (int n = 0; n < WINDOW_MAX; n++) {
		snprintf(id, sizeof(id), "%032d", n);
		window_add(&w, id);
	}
	assert_int_equal(w.n, WINDOW_MAX);
	assert_int_equal(window_remove(&w, id), WINDOW_MAX - 1);
	assert_int_equal(window_remove(&w, id), -1);
	for (int n = 1; n < WINDOW_MAX - 1; n++) {
		snprintf(id, sizeof(id), "%032d", n);
		assert_int_equal(window_remove(&w, id), 1);
	}
	snprintf(id, sizeof(id), "%032d", 0);
	assert_int_equal(window_remove(&w, id), 0);
	assert_int_equal(w.n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(knows_the_place_of_each) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
