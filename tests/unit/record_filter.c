// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/filter.h"

static struct container *make(void)
{
	struct container *c = container_new();

	assert_non_null(c);
	container_set(&c->id, "3f2a9c");
	container_set(&c->name, "k8s_app_web-0");
	container_set(&c->k8s_namespace, "shop");
	container_set(&c->pod, "web-0");
	container_set(&c->k8s_container, "app");
	return c;
}

static void targets(void **state)
{
	static const char *const meant[] = { "3f2a", "3f2a9c", "web-0", "shop/web-0",
		"shop/web-0/app" };
	static const char *const others[] = { "f2a", "web", "web-0/app", "shop/web", "shop",
		"shop/", "shop/web-0/", "shop/web-0/ap", "shop/web-0/app/x", "other/web-0" };
	struct container *c = make();

	(void)state;
	for (size_t i = 0; i < sizeof(meant) / sizeof(*meant); i++)
		assert_true(target_matches(meant[i], c));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(target_matches(others[i], c));
	container_unref(c);
}

static void workloads(void **state)
{
	static const struct {
		const char *target, *pod;
		bool matches;
	} cases[] = {
		{ "shop/deploy/web", "web-7d9c6b5f4-x2x4z", true },
		{ "shop/deployment/web", "web-7d9c6b5f4-x2x4z", true },
		{ "deploy/web", "web-7d9c6b5f4-x2x4z", true },
		{ "shop/deploy/web/app", "web-7d9c6b5f4-x2x4z", true },
		{ "shop/deploy/web/other", "web-7d9c6b5f4-x2x4z", false },
		{ "other/deploy/web", "web-7d9c6b5f4-x2x4z", false },
		{ "shop/deploy/web", "web-canary-7d9c6b5f4-x2x4z", false },
		{ "shop/deploy/web", "web-x2x4z", false },
		{ "shop/deploy/web", "web-0", false },
		{ "shop/deploy/we", "web-7d9c6b5f4-x2x4z", false },
		{ "shop/sts/web", "web-0", true },
		{ "shop/statefulset/web", "web-12", true },
		{ "shop/sts/web", "web-x2x4z", false },
		{ "shop/ds/web", "web-x2x4z", true },
		{ "shop/job/web", "web-x2x4z", true },
		{ "shop/job/web", "web-3-x2x4z", true },
		{ "shop/job/web-29384756", "web-29384756-x2x4z", true },
		{ "shop/cronjob/web", "web-29384756-x2x4z", true },
		{ "shop/job/web", "web-x2x4", false },
		{ "shop/job/web", "web-aeiou", false },
		{ "deploy/web-0", "web-0", false },
	};
	const char *name;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct container *c = make();

		container_set(&c->pod, cases[i].pod);
		assert_true(target_is_valid(cases[i].target));
		if (target_matches(cases[i].target, c) != cases[i].matches)
			fail_msg("%s and %s", cases[i].target, cases[i].pod);
		container_unref(c);
	}
	struct container *c = make();
	container_set(&c->pod, "web-0");
	container_set(&c->workload, "web");
	c->workload_kind = WORKLOAD_POD;
	c->workload_sure = true;
	assert_false(target_matches("shop/sts/web", c));
	c->workload_kind = WORKLOAD_STATEFULSET;
	assert_true(target_matches("shop/sts/web", c));
	assert_false(target_matches("shop/job/web", c));
	c->workload_kind = WORKLOAD_CRONJOB;
	container_set(&c->job, "web-29384756");
	assert_true(target_matches("shop/job/web-29384756", c));
	assert_true(target_matches("shop/cronjob/web", c));
	container_unref(c);
	assert_true(target_is_workload("shop/deploy/web"));
	assert_false(target_is_workload("shop/web-0/app"));
	assert_false(target_is_valid("a/b/c/d"));
	assert_int_equal(target_name("shop/deploy/web/app", &name), 3);
	assert_memory_equal(name, "web", 3);
	assert_int_equal(target_name("shop/web-0/app", &name), 5);
	assert_memory_equal(name, "web-0", 5);
	assert_int_equal(target_name("3f2a", &name), 4);
}

static void filters(void **state)
{
	struct container *c = make();
	struct event e = { .kind = EVENT_FILE_ERROR, .container = c, .error = EACCES };
	struct record r = { .type = RECORD_EVENT, .event = &e };
	struct filter f = { .level = LEVEL_ERRORS };

	(void)state;
	assert_true(filter_takes(&f, &r));
	f.error = ENOENT;
	assert_false(filter_takes(&f, &r));
	f = (struct filter){
		.level = LEVEL_ERRORS, .action = "file_error", .k8s_namespace = "shop"
	};
	assert_true(filter_takes(&f, &r));
	f.action = "exec";
	assert_false(filter_takes(&f, &r));
	e.kind = EVENT_EXEC;
	assert_false(filter_takes(&f, &r)); /* not at this level */
	f.level = LEVEL_ALL;
	assert_true(filter_takes(&f, &r));
	e.container = NULL; /* outside of containers */
	assert_false(filter_takes(&f, &r));
	e.kind = EVENT_RUNTIME;
	f = (struct filter){ .level = LEVEL_ALL };
	assert_false(filter_takes(&f, &r)); /* never a record */
	container_unref(c);
}

/* What any program of Python does on its way; what a broken one does must not be among it. */
static void harmless_failures_are_spared(void **state)
{
	static const struct {
		const char *call, *path;
		int error;
		bool harmless;
	} cases[] = {
		{ "newfstatat", "/usr/bin/lib/python3.11/os.py", ENOENT, true },
		{ "openat", "/usr/bin/pyvenv.cfg", ENOENT, true },
		{ "openat", "/app/__pycache__/app.cpython-311.pyc", EROFS, true },
		{ "access", "/etc/ld.so.preload", ENOENT, true },
		{ "openat", "/app/app.py", ENOENT, false },
		{ "openat", "/app/app.py", EACCES, false },
		{ "newfstatat", "/app/app.py", EACCES, false },
		{ "mkdirat", "/data/cache", EROFS, false },
	};
	struct filter f = { .level = LEVEL_ERRORS, .spare_harmless = true };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct event e = { .kind = EVENT_FILE_ERROR,
			.error = cases[i].error,
			.syscall = cases[i].call,
			.path = cases[i].path,
			.requested = cases[i].path };
		struct record r = { .type = RECORD_EVENT, .event = &e };

		f.spare_harmless = true;
		assert_int_equal(filter_spares(&f, &r), cases[i].harmless);
		f.spare_harmless = false;
		assert_false(filter_spares(&f, &r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(workloads),
		cmocka_unit_test(filters),
		cmocka_unit_test(harmless_failures_are_spared),
	};

	return cmocka_run_group_tests_name("cli_filter", tests, NULL, NULL);
}
