// SPDX-License-Identifier: MIT
/* The store of diagnoses: what it keeps, and that neither a crash, a full disk nor a damaged file loses any in silence. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/diagnosis_store.h"
#include "agent/line_file.h"
#include "record_samples.h"
#include "util/cleanup.h"

#define NOW 1790000000000000000ULL
#define SECOND 1000000000ULL

static char directory[64], path[96], damaged[128], beside[128];

static int setup(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/ktrace-store-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/diagnoses", directory);
	snprintf(damaged, sizeof(damaged), "%s.damaged", path);
	snprintf(beside, sizeof(beside), "%s.new", path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	unlink(damaged);
	return rmdir(directory);
}

static struct output *open_store(size_t max_bytes)
{
	const struct diagnosis_store_options options = { path, NOW, max_bytes };
	struct output *o = NULL;

	assert_int_equal(diagnosis_store_new(&options, &o), 0);
	return o;
}

/* A diagnosis of that attempt of the container of shop/POD. */
static void diagnose(
	struct output *o, const char *pod, int attempt, const char *cause, uint64_t seconds)
{
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	char id[80];

	snprintf(id, sizeof(id), "%s%060d", "beef", attempt);
	container_set(&c->id, id);
	container_set(&c->k8s_namespace, "shop");
	container_set(&c->pod, pod);
	container_set(&c->k8s_container, "app");
	d->root_cause = cause;
	d->time = NOW + seconds * SECOND;
	struct record r = {
		.type = RECORD_DIAGNOSIS, .time = d->time, .node = "n1", .diagnosis = d
	};
	assert_int_equal(o->ops->write(o, &r), 0);
	do
		o->ops->flush(o);
	while (access(beside, F_OK) == 0); /* until one that is written anew has taken its place */
	diagnosis_free(d);
	container_unref(c);
}

/* What is kept, as "POD CAUSE TIMES SECONDS, ". */
static void add(void *ctx, const struct kept_diagnosis *kept)
{
	struct strbuf *out = ctx;
	const char *cause = strstr(kept->json, "\"root_cause\":\"");

	assert_non_null(cause);
	assert_int_equal(kept->len, strlen(kept->json));
	strbuf_printf(out, "%s %.4s %u %d, ", kept->container->pod, cause + 14, kept->times,
		(int)((int64_t)(kept->first - NOW) / (int64_t)SECOND));
}

static void expect_kept(const struct output *o, const char *wanted)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_puts(&text, "");
	diagnosis_store_each(o, add, &text);
	assert_string_equal(text.data ? text.data : "", wanted);
}

static void the_latest_of_each_container_is_kept_and_counted(void **state)
{
	struct output *o = open_store(0);

	(void)state;
	diagnose(o, "a", 1, "missing_file", 1);
	diagnose(o, "b", 2, "oom_killed", 2);
	diagnose(o, "a", 3, "missing_file", 3);
	diagnose(o, "a", 3, "missing_file", 4); /* of its end, after one of its life */
	expect_kept(o, "b oom_ 1 2, a miss 2 1, ");
	diagnose(o, "a", 4, "oom_killed", 5);
	expect_kept(o, "b oom_ 1 2, a oom_ 1 5, ");
	o->ops->free(o);
	o = open_store(0); /* the next agent */
	expect_kept(o, "b oom_ 1 2, a oom_ 1 5, ");
	diagnose(o, "a", 5, "oom_killed", 6);
	expect_kept(o, "b oom_ 1 2, a oom_ 2 5, ");
	o->ops->free(o);
}

static void it_is_bounded_in_size_and_age(void **state)
{
	struct output *o = open_store(20000);
	struct stat st;
	char pod[16];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(pod, sizeof(pod), "p%d", i);
		diagnose(o, pod, i, "oom_killed", (uint64_t)i);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, 1000, 1100 << 10);
	o->ops->free(o);
	o = open_store(0);
	diagnose(o, "last", 1, "oom_killed", 6 * 24 * 3600);
	diagnose(o, "next", 2, "oom_killed", 8 * 24 * 3600);
	expect_kept(o, "last oom_ 1 518400, next oom_ 1 691200, ");
	o->ops->free(o);
}

static void a_killed_writer_costs_its_last_line_only(void **state)
{
	struct output *o = open_store(0);
	struct stat st;

	(void)state;
	diagnose(o, "a", 1, "missing_file", 1);
	diagnose(o, "b", 2, "oom_killed", 2);
	o->ops->free(o);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 7), 0);
	o = open_store(0);
	expect_kept(o, "a miss 1 1, ");
	diagnose(o, "c", 3, "oom_killed", 3);
	o->ops->free(o);
	o = open_store(0);
	expect_kept(o, "a miss 1 1, c oom_ 1 3, ");
	o->ops->free(o);
	assert_int_equal(access(damaged, F_OK), -1);
}

static void a_damaged_file_is_set_aside(void **state)
{
	struct output *o = open_store(0);
	char byte;

	(void)state;
	diagnose(o, "a", 1, "missing_file", 1);
	diagnose(o, "b", 2, "oom_killed", 2);
	o->ops->free(o);
	_cleanup_fd_ int fd = open(path, O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, 200), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 200), 1);
	o = open_store(0);
	expect_kept(o, "b oom_ 1 2, ");
	o->ops->flush(o);
	o->ops->free(o);
	assert_int_equal(access(damaged, F_OK), 0);
	o = open_store(0);
	expect_kept(o, "b oom_ 1 2, ");
	o->ops->free(o);
}

static void put(const char *text, size_t len)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, text, len), (ssize_t)len);
}

static void what_is_no_diagnosis_is_not_believed(void **state)
{
	static const char *const records[] = { "", "{}", "{\"event\":{\"action\":\"diagnosis\"}}",
		"[1,2", "\x1b[2J\x07", "{\"event\":{\"action\":\"exec\"}}",
		"{\"@timestamp\":\"2026-11-29T22:00:00.000000000Z\",\"event\":{\"action\":"
		"\"diagnosis\",\"sequence\":1},\"ktrace\":{\"schema\":1,\"diagnosis\":{\"root_"
		"cause\":"
		"\"oom_killed\",\"title\":\"t\",\"summary\":\"s\",\"confidence\":0.5}}}" };
	struct output *o;

	(void)state;
	put("\x7f"
	    "ELF\0\1\2",
		7);
	o = open_store(0);
	expect_kept(o, "");
	o->ops->free(o);
	assert_int_equal(access(damaged, F_OK), 0);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		const struct file_line line = { 7, NOW, records[i], strlen(records[i]) };
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

		unlink(damaged);
		strbuf_puts(&text, "ktrace-diagnoses 1\n");
		line_file_format(&text, &line);
		put(text.data, text.len);
		o = open_store(0);
		expect_kept(o, "");
		diagnose(o, "a", 1, "missing_file", 1);
		o->ops->free(o);
		assert_int_equal(access(damaged, F_OK), 0);
		o = open_store(0);
		expect_kept(o, "a miss 1 1, ");
		o->ops->free(o);
	}
}

/* A limit on the size of files stands for the full disk: the write is cut short, then refused. */
static void a_full_disk_loses_nothing(void **state)
{
	struct output *o = open_store(0);
	struct rlimit before, full;
	struct stat st;

	(void)state;
	diagnose(o, "a", 1, "missing_file", 1);
	assert_int_equal(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = before;
	full.rlim_cur = (rlim_t)st.st_size + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	diagnose(o, "b", 2, "oom_killed", 2);
	diagnose(o, "a", 3, "missing_file", 3);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	expect_kept(o, "b oom_ 1 2, a miss 2 1, ");
	assert_int_equal(o->lost, 0);
	o->ops->free(o);
	o = open_store(0);
	expect_kept(o, "b oom_ 1 2, a miss 2 1, ");
	/* Nor does somebody who removes the file under way. */
	unlink(path);
	diagnose(o, "c", 4, "oom_killed", 4);
	o->ops->free(o);
	o = open_store(0);
	expect_kept(o, "b oom_ 1 2, a miss 2 1, c oom_ 1 4, ");
	o->ops->free(o);
}

static void two_agents_do_not_share_a_file(void **state)
{
	struct output *first = open_store(0), *second = open_store(0);

	(void)state;
	diagnose(first, "a", 1, "missing_file", 1);
	diagnose(second, "b", 2, "oom_killed", 2);
	expect_kept(second, "b oom_ 1 2, ");
	second->ops->free(second);
	first->ops->free(first);
	first = open_store(0);
	expect_kept(first, "a miss 1 1, ");
	first->ops->free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_latest_of_each_container_is_kept_and_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(it_is_bounded_in_size_and_age, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_killed_writer_costs_its_last_line_only, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_set_aside, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_no_diagnosis_is_not_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(two_agents_do_not_share_a_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
