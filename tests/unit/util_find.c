// SPDX-License-Identifier: MIT
/* What strcasestr(3) finds, find_folded() finds, in a text and in the index of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "util/find.h"

#define LONGEST 40
#define ROUNDS 200000

static void is_found_as_by_the_library(void **state)
{
	static const char alphabet[] = "aAbB@`[{ \xc3";
	char text[LONGEST + 1], what[5];
	struct find_index index;

	(void)state;
	srandom(1);
	for (int i = 0; i < ROUNDS; i++) {
		size_t n = (size_t)random() % sizeof(text), k = (size_t)random() % sizeof(what);
		for (size_t j = 0; j < n; j++)
			text[j] = alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
		for (size_t j = 0; j < k; j++)
			what[j] = alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
		text[n] = what[k] = '\0';
		if (find_folded(text, what) != strcasestr(text, what))
			fail_msg("\"%s\" in \"%s\"", what, text);
		find_index_make(&index, text);
		if (find_folded_in(&index, what) != strcasestr(text, what) ||
			find_folded_part_in(&index, what, k) != strcasestr(text, what))
			fail_msg("\"%s\" in the index of \"%s\"", what, text);
	}
}

static void a_part_is_found(void **state)
{
	const char *text = "error: Permission denied by the node";

	(void)state;
	assert_ptr_equal(find_folded_part(text, "permission {value}", 11), text + 7);
	assert_ptr_equal(find_folded_part(text, "Nodes", 4), text + strlen(text) - 4);
	assert_null(find_folded_part(text, "Nodes", 5));
	assert_ptr_equal(find_folded_part(text, "x", 0), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_found_as_by_the_library),
		cmocka_unit_test(a_part_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
