// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/history.h"

static struct container *pod_container(const char *id, const char *pod, const char *name)
{
	struct container *c = container_new();

	assert_non_null(c);
	container_set(&c->id, id);
	container_set(&c->k8s_namespace, "shop");
	container_set(&c->pod, pod);
	container_set(&c->pod_uid, pod);
	container_set(&c->k8s_container, name);
	return c;
}

static void restarts_are_told_by_pod_and_name(void **state)
{
	struct history *h = history_new();
	struct container *first = pod_container("aaaa", "web-0", "app");
	struct container *again = pod_container("bbbb", "web-0", "app");
	struct container *other = pod_container("cccc", "web-1", "app");

	(void)state;
	assert_int_equal(history_runs(h, first).ended, 0);
	history_add(h, first, 1 << 8);
	assert_int_equal(history_runs(h, again).ended, 1);
	assert_int_equal(history_runs(h, again).alike, 1);
	assert_int_equal(history_runs(h, other).ended, 0);
	history_add(h, again, 1 << 8);
	assert_int_equal(history_runs(h, again).alike, 2);
	history_add(h, again, 9); /* this time it was killed */
	assert_int_equal(history_runs(h, again).ended, 3);
	assert_int_equal(history_runs(h, again).alike, 1);
	assert_int_equal(history_runs(h, again).status, 9);

	history_free(h);
	container_unref(first);
	container_unref(again);
	container_unref(other);
}

static void nameless_containers_have_no_history(void **state)
{
	struct history *h = history_new();
	struct container *c = container_new();

	(void)state;
	history_add(h, c, 0);
	assert_int_equal(history_runs(h, c).ended, 0);
	history_free(h);
	container_unref(c);
}

static void memory_is_bounded(void **state)
{
	struct history *h = history_new();
	struct container *first = pod_container("x", "pod-0", "app");
	char pod[32];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(pod, sizeof(pod), "pod-%d", i);
		struct container *c = pod_container("x", pod, "app");

		history_add(h, c, 0);
		container_unref(c);
	}
	assert_int_equal(history_runs(h, first).ended, 0);
	history_free(h);
	container_unref(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restarts_are_told_by_pod_and_name),
		cmocka_unit_test(nameless_containers_have_no_history),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests_name("cli_history", tests, NULL, NULL);
}
