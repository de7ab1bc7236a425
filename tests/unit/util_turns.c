// SPDX-License-Identifier: MIT
/* Who takes programs down waits for others that attach, and not for ever. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "util/turns.h"

#define PATIENCE_US 200000

static void test_turns(void **state)
{
	char place[] =
		"/tmp/turns.XXXXXX"; /* its own: on the kernel's others take turns meanwhile */
	unsigned patience_us = PATIENCE_US;
	int made = mkstemp(place), leaving = turn_take(place);

	(void)state;
	assert_true(made >= 0 && leaving >= 0);
	turn_end(leaving);
	turn_let_pass(leaving, &patience_us);
	assert_int_equal(patience_us, PATIENCE_US);
	/* two may attach at once; whoever leaves waits for them as long as it may */
	int first = turn_take(place), second = turn_take(place);
	turn_end(first);
	turn_let_pass(leaving, &patience_us);
	assert_int_equal(patience_us, 0);
	turn_let_pass(leaving, &patience_us);
	turn_end(second);
	patience_us = PATIENCE_US;
	turn_let_pass(leaving, &patience_us);
	assert_int_equal(patience_us, PATIENCE_US);
	turn_let_pass(-1, &patience_us);
	turn_end(-1);
	assert_int_equal(turn_take("/nowhere/at/all"), -1);
	unlink(place);
	close(made);
	close(first);
	close(second);
	close(leaving);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_turns) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
