// SPDX-License-Identifier: MIT
/* What is remembered of a start: which facts, and that no value of a variable or a key is among them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/bundle.h"
#include "container/snapshot.h"
#include "container/volumes.h"
#include "util/cleanup.h"

#define SECRET "planted-value-7301"

static const uint8_t salt[SALT_SIZE] = { 1, 2, 3 };

static struct container *describe(const char *env, const char *args, const char *more)
{
	_cleanup_free_ char *json = NULL;
	struct container *c = container_new();

	assert_non_null(c);
	assert_int_equal(container_set(&c->bundle, "/run/bundle"), 0);
	c->start = snapshot_new(salt);
	assert_true(asprintf(&json,
			    "{\"ociVersion\":\"1.1.0\",\"process\":{\"env\":[%s],\"args\":[%s]},"
			    "\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"web-7d9f5c-"
			    "x2x4v\"}%s}",
			    env, args, more) > 0);
	assert_int_equal(bundle_describe(c, json, strlen(json)), 0);
	assert_int_equal(snapshot_finish(c, "", NULL), 0);
	return c;
}

static const char *value_of(const struct container *c, enum fact_kind kind, const char *name)
{
	const struct fact *f = snapshot_find(c->start, kind, name);

	return f ? f->value : NULL;
}

static void no_value_is_kept(void **state)
{
	(void)state;
	struct container *c = describe("\"TOKEN=" SECRET "\",\"EMPTY=\"",
		"\"serve\",\"--token=" SECRET "\",\"--port=80\"", "");

	for (size_t i = 0; i < c->start->n; i++) {
		assert_null(strstr(c->start->facts[i].name, SECRET));
		assert_null(strstr(c->start->facts[i].value, SECRET));
	}
	assert_non_null(value_of(c, FACT_VARIABLE, "TOKEN"));
	assert_non_null(value_of(c, FACT_VARIABLE, "EMPTY"));
	const char *command = value_of(c, FACT_COMMAND, "");
	assert_non_null(command);
	assert_int_equal(strncmp(command, "serve #", strlen("serve #")), 0);
	assert_non_null(strstr(command, " --port=80\n#"));
	container_unref(c);
}

static void another_value_is_another_hash(void **state)
{
	static const char *const envs[] = { "\"A=one\",\"B=one\"", "\"A=two\",\"B=one\"" };
	char hashes[2][2][32];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct container *c = describe(envs[i], "\"x\"", "");
		snprintf(hashes[i][0], 32, "%s", value_of(c, FACT_VARIABLE, "A"));
		snprintf(hashes[i][1], 32, "%s", value_of(c, FACT_VARIABLE, "B"));
		container_unref(c);
	}
	assert_string_not_equal(hashes[0][0], hashes[1][0]);
	assert_string_equal(hashes[0][1], hashes[1][1]);
	/* Two variables with one value do not show that. */
	assert_string_not_equal(hashes[0][0], hashes[0][1]);
}

/* Variables for services, of the pod's own name and address, and of two equal names the first. */
static void what_is_new_with_each_pod_is_left_out(void **state)
{
	static const char *const out[] = { "DB_SERVICE_HOST", "DB_SERVICE_PORT",
		"DB_SERVICE_PORT_SQL", "DB_PORT", "DB_PORT_5432_TCP", "DB_PORT_5432_TCP_ADDR",
		"HOSTNAME", "MY_POD_IP" };
	(void)state;
	struct container *c = describe(
		"\"DB_SERVICE_HOST=10.0.0.1\",\"DB_SERVICE_PORT=5432\",\"DB_SERVICE_PORT_SQL="
		"5432\","
		"\"DB_PORT=tcp://"
		"10.0.0.1:5432\",\"DB_PORT_5432_TCP=x\",\"DB_PORT_5432_TCP_ADDR=x\","
		"\"HOSTNAME=web\",\"MY_POD_IP=10.1.1.1\",\"OTHER_PORT=80\",\"MY_SERVICE_HOST=db\"",
		"\"x\"", "");

	for (size_t i = 0; i < ARRAY_SIZE(out); i++)
		assert_null(value_of(c, FACT_VARIABLE, out[i]));
	assert_non_null(value_of(c, FACT_VARIABLE, "OTHER_PORT"));
	assert_non_null(value_of(c, FACT_VARIABLE, "MY_SERVICE_HOST"));
	container_unref(c);
}

static void the_pods_name_is_no_change(void **state)
{
	(void)state;
	struct container *a =
		describe("\"ID=web-7d9f5c-x2x4v-1\"", "\"x\",\"web-7d9f5c-x2x4v\"", "");

	assert_int_equal(strncmp(value_of(a, FACT_COMMAND, ""), "x *\n", 4), 0);
	container_unref(a);
}

static void rights_and_labels(void **state)
{
	(void)state;
	struct container *c = describe("\"A=b\"", "\"x\"",
		",\"linux\":{\"resources\":{\"memory\":{\"limit\":268435456},"
		"\"cpu\":{\"quota\":50000,\"period\":100000}},\"seccomp\":{\"defaultAction\":\"x\"}"
		"}");

	assert_string_equal(value_of(c, FACT_LIMIT, "memory"), "268435456");
	assert_string_equal(value_of(c, FACT_LIMIT, "CPU"), "500m");
	assert_non_null(strstr(value_of(c, FACT_SECCOMP, ""), "a profile"));
	assert_string_equal(value_of(c, FACT_UID, ""), "0");
	assert_string_equal(value_of(c, FACT_RUNTIME, ""), "runc, OCI 1.1.0");
	container_unref(c);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fchmod(fd, 0640);
	close(fd);
}

/* As the kubelet writes it: KEY -> ..data/KEY, ..data -> a directory with the time in its name. */
static void keys_of_a_volume(void **state)
{
	char directory[] = "/tmp/ktrace-snapshot-XXXXXX", path[4096];
	static const char *const made[] = { "link", "app.yaml", "..data", "..2026_11_30/app.yaml" };

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/..2026_11_30", directory);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/..2026_11_30/app.yaml", directory);
	write_file(path, SECRET);
	snprintf(path, sizeof(path), "%s/..data", directory);
	assert_int_equal(symlink("..2026_11_30", path), 0);
	snprintf(path, sizeof(path), "%s/app.yaml", directory);
	assert_int_equal(symlink("..data/app.yaml", path), 0);
	snprintf(path, sizeof(path), "%s/link", directory);
	assert_int_equal(symlink("/etc/passwd", path), 0);

	struct container *c = container_new();
	assert_non_null(c);
	c->start = snapshot_new(salt);
	c->mounts = calloc(1, sizeof(*c->mounts));
	c->mounts[c->n_mounts++] = (struct mount){ .kind = MOUNT_CONFIGMAP,
		.destination = strdup("/etc/app"),
		.source = strdup(directory),
		.fstype = strdup("bind"),
		.name = strdup("settings"),
		.read_only = true };
	assert_int_equal(snapshot_finish(c, "", NULL), 0);
	assert_string_equal(value_of(c, FACT_KEY, "/etc/app/app.yaml"), "18 bytes, mode 0640");
	assert_null(value_of(c, FACT_KEY, "/etc/app/link")); /* leads out of the volume */
	assert_string_equal(value_of(c, FACT_GENERATION, "/etc/app"), "..2026_11_30");
	assert_string_equal(value_of(c, FACT_MOUNT, "/etc/app"), "ConfigMap `settings`, read-only");
	for (size_t i = 0; i < c->start->n; i++)
		assert_null(strstr(c->start->facts[i].value, SECRET));
	container_unref(c);
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, made[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/..2026_11_30", directory);
	rmdir(path);
	assert_int_equal(rmdir(directory), 0);
}

/* A key without content, one with it, and a key that is mounted by itself. */
static void keys_that_are_empty(void **state)
{
	char directory[] = "/tmp/ktrace-snapshot-XXXXXX", path[4096];
	static const char *const made[] = { "empty.json", "app.yaml", "single" };
	static const struct {
		enum mount_kind kind;
		const char *destination, *inside;
	} mounts[] = { { MOUNT_CONFIGMAP, "/etc/app", "" }, { MOUNT_SECRET, "/key", "/single" },
		{ MOUNT_EMPTYDIR, "/data", "" } };

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, made[i]);
		write_file(path, i == 1 ? SECRET : "");
	}
	struct container *c = container_new();
	assert_non_null(c);
	c->mounts = calloc(ARRAY_SIZE(mounts), sizeof(*c->mounts));
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		snprintf(path, sizeof(path), "%s%s", directory, mounts[i].inside);
		c->mounts[c->n_mounts++] = (struct mount){ .kind = mounts[i].kind,
			.destination = strdup(mounts[i].destination),
			.source = strdup(path),
			.fstype = strdup("bind"),
			.name = strdup("x") };
	}
	volumes_find_empty(c, "");
	assert_non_null(strstr(c->keys_empty, "/etc/app/empty.json"));
	assert_non_null(strstr(c->keys_empty, "/key"));
	assert_null(strstr(c->keys_empty, "app.yaml"));
	assert_null(strstr(c->keys_empty, "/data"));
	container_unref(c);
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, made[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_value_is_kept),
		cmocka_unit_test(another_value_is_another_hash),
		cmocka_unit_test(what_is_new_with_each_pod_is_left_out),
		cmocka_unit_test(the_pods_name_is_no_change),
		cmocka_unit_test(rights_and_labels),
		cmocka_unit_test(keys_of_a_volume),
		cmocka_unit_test(keys_that_are_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
