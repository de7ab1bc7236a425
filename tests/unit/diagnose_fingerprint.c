// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "diagnose/fingerprint.h"
#include "util/cleanup.h"

/* What makes one diagnosis: a row that is not set is as in `usual`. */
struct failure {
	const char *cause, *namespace, *pod, *workload, *container, *comm, *syscall, *path;
	int error;
	enum mount_kind mount;
};

static const struct failure usual = { "read_only_copy", "shop", "web-7d9c5f8b94-x2x4v", "web",
	"app", "cp", "openat", "/data/web-7d9c5f8b94-x2x4v/app.conf", EROFS, MOUNT_CONFIGMAP };

struct prints {
	char all[FINGERPRINT_SIZE], cause[FINGERPRINT_SIZE];
};

static struct prints prints_of(struct failure f)
{
	struct diagnosis *d = calloc(1, sizeof(*d));
	struct mount mount = { .kind = f.mount ?: usual.mount };
	struct event draft = { .kind = EVENT_FILE_ERROR,
		.pid = (uint32_t)rand(),
		.time = (uint64_t)rand(),
		.comm = f.comm ?: usual.comm,
		.syscall = f.syscall ?: usual.syscall,
		.error = f.error ?: usual.error,
		.mount = &mount };
	struct prints out;

	d->container = container_new();
	container_set(&d->container->k8s_namespace, f.namespace ?: usual.namespace);
	container_set(&d->container->pod, f.pod ?: usual.pod);
	container_set(&d->container->workload, f.workload ?: usual.workload);
	container_set(&d->container->k8s_container, f.container ?: usual.container);
	d->root_cause = f.cause ?: usual.cause;
	d->path = strdup(f.path ?: usual.path);
	d->culprit = event_new(&draft);
	fingerprint_set(d);
	strcpy(out.all, d->fingerprint);
	strcpy(out.cause, d->cause_fingerprint);
	diagnosis_free(d);
	return out;
}

static void the_same_failure_elsewhere_is_equal(void **state)
{
	(void)state;
	struct prints first = prints_of(usual);
	static const struct failure same[] = {
		{ 0 },
		/* another replica, which has its name in the path */
		{ .pod = "web-7d9c5f8b94-bbbbb", .path = "/data/web-7d9c5f8b94-bbbbb/app.conf" },
		/* another machine's C library */
		{ .syscall = "open" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		struct prints p = prints_of(same[i]);
		assert_string_equal(p.all, first.all);
		assert_string_equal(p.cause, first.cause);
	}
	assert_int_equal(strlen(first.all), FINGERPRINT_SIZE - 1);
	assert_memory_equal(first.all, "v1:", 3);
}

/* A release must not change them: people keep them in alerts and tickets. */
static void they_are_promised(void **state)
{
	(void)state;
	struct prints p = prints_of(usual);

	assert_string_equal(p.all, "v1:e976cef2ca7f89c9");
	assert_string_equal(p.cause, "v1:f7733d3c0c56b736");
}

static void another_failure_differs(void **state)
{
	(void)state;
	struct prints first = prints_of(usual);
	static const struct failure others[] = {
		{ .cause = "missing_file" },
		{ .comm = "mv" },
		{ .syscall = "mkdir" },
		{ .error = EACCES },
		{ .path = "/data/web-7d9c5f8b94-x2x4v/db.conf" },
		{ .mount = MOUNT_SECRET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct prints p = prints_of(others[i]);
		assert_string_not_equal(p.all, first.all);
		assert_string_not_equal(p.cause, first.cause);
	}
}

static void another_workload_has_the_same_cause(void **state)
{
	(void)state;
	struct prints first = prints_of(usual);
	static const struct failure others[] = {
		{ .namespace = "test" },
		{ .workload = "worker" },
		{ .container = "sidecar" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct prints p = prints_of(others[i]);
		assert_string_not_equal(p.all, first.all);
		assert_string_equal(p.cause, first.cause);
	}
}

static void little_is_enough(void **state)
{
	(void)state;
	struct diagnosis d = { .root_cause = "crashed" };

	fingerprint_set(&d);
	assert_int_equal(strlen(d.fingerprint), FINGERPRINT_SIZE - 1);
	assert_string_equal(d.fingerprint, d.cause_fingerprint);
}

static void generated_parts_of_a_path(void **state)
{
	static const struct {
		const char *path, *plain;
	} cases[] = {
		{ "/etc/app.conf", "/etc/app.conf" },
		{ "/proc/4711/status", "/proc/#/status" },
		{ "/tmp/tmpa1b2_c3d/x", "/tmp/tmp#/x" },
		{ "/tmp/tmp.Xq9ZbWkLpA", "/tmp/tmp.#" },
		{ "/tmp/tmp.XqZbWkLpAo/y", "/tmp/tmp.#/y" },
		{ "/usr/lib/python3.11/os.py", "/usr/lib/python#.#/os.py" },
		{ "/pods/50d28611-ddb1-4c54-a5f8-d4b7281b11f0/v", "/pods/#/v" },
		{ "/pods/50d28611-ddb1-4c54-a5f8-d4b7281b11f/v", "/pods/#-ddb#-#c#-a#f#-#/v" },
		{ "/config/..2026_11_29_21_40_28.123/a", "/config/..#_#_#_#_#_#.#/a" },
		{ "/cache/deadbeef/cafe", "/cache/deadbeef/cafe" },
		{ "/cache/0badc0de99/x", "/cache/#/x" },
		{ "/data/web-0/lock", "/data/*/lock" },
		{ "/data/web-01/lock", "/data/web-#/lock" },
		{ "/tmp", "/tmp" },
		{ "/tmp/tmpfs.conf", "/tmp/tmpfs.conf" },
		{ "/srv/\xc3\xa4\xc3\xb6", "/srv/\xc3\xa4\xc3\xb6" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		fingerprint_path(&out, cases[i].path, "web-0");
		assert_string_equal(out.data ? out.data : "", cases[i].plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_failure_elsewhere_is_equal),
		cmocka_unit_test(they_are_promised),
		cmocka_unit_test(another_failure_differs),
		cmocka_unit_test(another_workload_has_the_same_cause),
		cmocka_unit_test(little_is_enough),
		cmocka_unit_test(generated_parts_of_a_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
