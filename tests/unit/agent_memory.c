// SPDX-License-Identifier: MIT
/* The memory of healthy starts: what comes back, what a kill, a full disk or a changed byte does, and its bounds. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "agent/memory.h"
#include "agent/memory_entry.h"
#include "util/cleanup.h"

#define NOW 1700000000000000000ULL
#define SECOND 1000000000ULL

static char directory[] = "/tmp/ktrace-memory-XXXXXX";
static char path[64], aside[80];

static int set_up(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/memory", directory);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	return 0;
}

static int tear_down(void **state)
{
	char beside[80];

	(void)state;
	snprintf(beside, sizeof(beside), "%s.new", path);
	unlink(path);
	unlink(aside);
	unlink(beside);
	return rmdir(directory);
}

/* Until a file that is written anew has taken its place. */
static void settle(struct memory *m)
{
	char beside[80];

	snprintf(beside, sizeof(beside), "%s.new", path);
	do
		memory_flush(m);
	while (access(beside, F_OK) == 0);
}

static struct memory *open_memory(size_t max_bytes)
{
	const struct memory_options options = { .path = path, .max_bytes = max_bytes };
	struct memory *m = NULL;

	assert_int_equal(memory_new(&options, &m), 0);
	return m;
}

static struct container *a_container(const struct memory *m, const char *workload, const char *id)
{
	struct container *c = container_new();

	assert_non_null(c);
	assert_int_equal(container_set(&c->k8s_namespace, "shop"), 0);
	assert_int_equal(container_set(&c->pod, "orders-7d9c"), 0);
	assert_int_equal(container_set(&c->workload, workload), 0);
	assert_int_equal(container_set(&c->k8s_container, "app"), 0);
	assert_int_equal(container_set(&c->id, id), 0);
	c->workload_kind = WORKLOAD_DEPLOYMENT;
	c->start = snapshot_new(memory_salt(m));
	assert_non_null(c->start);
	return c;
}

static void fact(struct container *c, enum fact_kind kind, const char *name, const char *value)
{
	assert_int_equal(snapshot_add(c->start, kind, name, value), 0);
	snapshot_sort(c->start);
}

static void keep(struct memory *m, const struct container *c, uint64_t time)
{
	static const uint64_t harmless[] = { 7, 9 };
	const struct healthy_start start = { .container = c,
		.time = time,
		.listening_ns = SECOND,
		.peak_memory = 1 << 20,
		.harmless = harmless,
		.n_harmless = 2 };

	memory_keep(m, &start);
	memory_flush(m);
}

static void keep_one(struct memory *m, const char *workload, const char *id, uint64_t time)
{
	struct container *c = a_container(m, workload, id);

	fact(c, FACT_IMAGE, "", "registry.example/shop/orders:1.4.2");
	keep(m, c, time);
	container_unref(c);
}

static struct remembered *recall(const struct memory *m, const char *workload)
{
	struct container *c = a_container(m, workload, "new");

	fact(c, FACT_IMAGE, "", "registry.example/shop/orders:1.5.0");
	struct remembered *r = memory_recall(m, c);
	container_unref(c);
	return r;
}

static void what_was_kept_comes_back_and_is_compared(void **state)
{
	(void)state;
	struct memory *m = open_memory(0);

	assert_null(recall(m, "orders"));
	keep_one(m, "orders", "one", NOW);
	keep_one(m, "orders", "two", NOW + 9);
	keep_one(m, "orders", "two", NOW + 9); /* the same start, looked at again */
	memory_free(m);
	m = open_memory(0);
	struct remembered *r = recall(m, "orders");
	assert_non_null(r);
	assert_int_equal(r->healthy_at, NOW + 9);
	assert_int_equal(r->starts, 2);
	assert_int_equal(r->listening_ns, SECOND);
	assert_int_equal(r->peak_memory, 1 << 20);
	assert_int_equal(r->n_harmless, 2);
	assert_int_equal(r->changes.n, 1);
	assert_int_equal(r->changes.all[0].kind, FACT_IMAGE);
	assert_string_equal(r->changes.all[0].before, "registry.example/shop/orders:1.4.2");
	assert_string_equal(r->changes.all[0].after, "registry.example/shop/orders:1.5.0");
	remembered_free(r);
	assert_null(recall(m, "payments"));
	memory_free(m);
}

/* All of the file, with a NUL behind. */
static size_t read_file(char out[static 65536])
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, out, 65535);

	close(fd);
	assert_true(n >= 0);
	out[n] = '\0';
	return (size_t)n;
}

static void write_file(const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void a_cut_file_loses_its_last_line_only(void **state)
{
	static char data[65536];

	(void)state;
	struct memory *m = open_memory(0);
	keep_one(m, "orders", "one", NOW);
	keep_one(m, "payments", "two", NOW);
	memory_free(m);
	size_t len = read_file(data);
	/* wherever a kill may have ended it */
	for (size_t cut = 1; cut < len; cut += 7) {
		write_file(data, len - cut);
		m = open_memory(0);
		struct remembered *orders = recall(m, "orders"), *payments = recall(m, "payments");
		assert_null(payments);
		if (len - cut > len / 2 + 40)
			assert_non_null(orders);
		remembered_free(orders);
		memory_free(m);
		m = open_memory(0);
		memory_free(m);
	}
}

static void a_changed_byte_is_seen_and_the_file_set_aside(void **state)
{
	static char data[65536];

	(void)state;
	struct memory *m = open_memory(0);
	keep_one(m, "orders", "one", NOW);
	memory_free(m);
	size_t len = read_file(data);
	for (size_t at = 0; at < len; at += 5) {
		char was = data[at];
		data[at] = (char)(was ^ 4);
		write_file(data, len);
		m = open_memory(0);
		assert_null(recall(m, "orders"));
		memory_free(m);
		data[at] = was;
		/* what would have been a line of its own is not the one that was kept */
		if (was != '\n')
			assert_int_equal(access(aside, F_OK), 0);
		unlink(aside);
	}
	write_file(data, len);
	m = open_memory(0);
	struct remembered *r = recall(m, "orders");
	assert_non_null(r);
	remembered_free(r);
	memory_free(m);
}

/* A limit on the size of files is a disk that is full. */
static void a_full_disk_loses_nothing_that_is_in_memory(void **state)
{
	struct rlimit all, little = { 300, 300 };

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	little.rlim_max = all.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	struct memory *m = open_memory(0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	keep_one(m, "orders", "one", NOW);
	keep_one(m, "payments", "two", NOW);
	struct remembered *r = recall(m, "payments");
	assert_non_null(r);
	remembered_free(r);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	memory_free(m);
	m = open_memory(0);
	for (int i = 0; i < 2; i++) {
		r = recall(m, i ? "payments" : "orders");
		assert_non_null(r);
		remembered_free(r);
	}
	memory_free(m);
}

static void the_bound_holds_and_the_oldest_go(void **state)
{
	enum { WORKLOADS = 800, BOUND = 64 << 10 };
	struct memory_stats stats;
	char name[32];
	struct stat st;

	(void)state;
	struct memory *m = open_memory(BOUND);
	for (int i = 0; i < WORKLOADS; i++) {
		snprintf(name, sizeof(name), "w%d", i);
		keep_one(m, name, name, NOW + (uint64_t)i);
		settle(m);
		assert_int_equal(stat(path, &st), 0);
		assert_true(st.st_size <= BOUND);
	}
	memory_stats(m, &stats);
	assert_int_equal(stats.workloads + stats.forgotten, WORKLOADS);
	assert_null(recall(m, "w0"));
	struct remembered *r = recall(m, "w799");
	assert_non_null(r);
	remembered_free(r);
	memory_free(m);
}

static void the_salt_stays_and_another_file_has_another(void **state)
{
	uint8_t salt[SALT_SIZE];

	(void)state;
	struct memory *m = open_memory(0);
	memcpy(salt, memory_salt(m), SALT_SIZE);
	memory_free(m);
	m = open_memory(0);
	assert_memory_equal(salt, memory_salt(m), SALT_SIZE);
	memory_free(m);
	unlink(path);
	m = open_memory(0);
	assert_memory_not_equal(salt, memory_salt(m), SALT_SIZE);
	memory_free(m);
}

static void outside_of_pods_image_and_command_are_the_key(void **state)
{
	static const char *const images[] = { "registry:5000/shop/orders:1.4",
		"registry:5000/shop/orders", "registry:5000/shop/orders@sha256:00" };
	(void)state;
	struct memory *m = open_memory(0);

	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		_cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
		struct container *c = container_new();
		assert_non_null(c);
		c->start = snapshot_new(memory_salt(m));
		assert_false(memory_key(c, &key));
		assert_int_equal(container_set(&c->image, images[i]), 0);
		fact(c, FACT_COMMAND, "", "serve --all");
		assert_true(memory_key(c, &key));
		assert_string_equal(key.data, "registry:5000/shop/orders serve --all");
		container_unref(c);
	}
	memory_free(m);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_was_kept_comes_back_and_is_compared),
		TEST(a_cut_file_loses_its_last_line_only),
		TEST(a_changed_byte_is_seen_and_the_file_set_aside),
		TEST(a_full_disk_loses_nothing_that_is_in_memory),
		TEST(the_bound_holds_and_the_oldest_go),
		TEST(the_salt_stays_and_another_file_has_another),
		TEST(outside_of_pods_image_and_command_are_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
