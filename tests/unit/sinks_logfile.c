// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "sinks/logfile.h"
#include "util/cleanup.h"

#include "record_samples.h"

static char directory[64], path[96];

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/ktrace-logfile-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/ktrace.log", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command);
}

static struct output *open_log(uint64_t max_bytes, unsigned keep)
{
	struct logfile_options options = { .path = path, .max_bytes = max_bytes, .keep = keep };
	struct output *o = NULL;

	assert_int_equal(logfile_new(&options, &o), 0);
	return o;
}

static int put(struct output *o, uint64_t sequence)
{
	struct event e = {
		.kind = EVENT_EXEC,
		.time = SAMPLE_TIME,
		.pid = 1,
		.comm = "a long enough name",
		.executable = "/bin/true",
	};
	struct record r = { .type = RECORD_EVENT,
		.sequence = sequence,
		.time = SAMPLE_TIME,
		.node = "node",
		.event = &e };
	return o->ops->write(o, &r);
}

/* The record's number, or -1 for a line that is none. */
static long number_of(const char *line)
{
	_cleanup_json_ cJSON *root = cJSON_Parse(line);
	const cJSON *event = cJSON_GetObjectItem(root, "event");
	const cJSON *sequence = cJSON_GetObjectItem(event, "sequence");

	return cJSON_IsNumber(sequence) && strchr(line, '\n') ? (long)sequence->valuedouble : -1;
}

static size_t count_records(const char *name)
{
	_cleanup_file_ FILE *f = fopen(name, "r");
	_cleanup_free_ char *line = NULL;
	size_t size = 0, n = 0;

	while (f && getline(&line, &size, f) > 0) {
		assert_true(number_of(line) >= 0);
		n++;
	}
	return n;
}

static void append_text(const char *text)
{
	_cleanup_file_ FILE *f = fopen(path, "a");

	fputs(text, f);
}

static void appends_and_ends_a_torn_line(void **state)
{
	(void)state;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	struct stat st;
	struct output *o = open_log(0, 0);

	assert_int_equal(put(o, 1), 0);
	assert_int_equal(o->ops->flush(o), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
	o->ops->free(o);
	append_text("{\"torn\":");
	o = open_log(0, 0);
	put(o, 2);
	o->ops->free(o);
	_cleanup_file_ FILE *f = fopen(path, "r");
	assert_true(getline(&line, &size, f) > 0);
	assert_int_equal(number_of(line), 1);
	assert_true(getline(&line, &size, f) > 0);
	assert_string_equal(line, "{\"torn\":\n");
	assert_true(getline(&line, &size, f) > 0);
	assert_int_equal(number_of(line), 2);
}

static void opens_again(void **state)
{
	(void)state;
	char moved[128];
	struct output *o = open_log(0, 0);

	put(o, 1);
	o->ops->flush(o);
	snprintf(moved, sizeof(moved), "%s.moved", path);
	assert_int_equal(rename(path, moved), 0);
	put(o, 2);
	assert_int_equal(o->ops->reopen(o), 0);
	put(o, 3);
	o->ops->free(o);
	assert_int_equal(count_records(moved), 2);
	assert_int_equal(count_records(path), 1);
}

static void keeps_so_many_files(void **state)
{
	(void)state;
	char name[128];
	struct output *o = open_log(2000, 2);

	for (unsigned i = 0; i < 100; i++) {
		put(o, i);
		if (i % 10 == 9)
			o->ops->flush(o);
	}
	assert_int_equal(o->written, 100);
	o->ops->free(o);
	struct stat st;
	for (unsigned n = 1; n <= 3; n++) {
		snprintf(name, sizeof(name), "%s.%u", path, n);
		assert_int_equal(stat(name, &st), n <= 2 ? 0 : -1);
		assert_true(n > 2 || st.st_size <= 2000);
	}
	assert_true(count_records(path) > 0);
}

/* /dev/stdout is such a name: a rename of it would be remembered for long. */
static void renames_no_symlink(void **state)
{
	(void)state;
	char target[128];
	struct stat st;

	snprintf(target, sizeof(target), "%s/target", directory);
	assert_int_equal(symlink("target", path), 0);
	struct output *o = open_log(500, 3);
	for (unsigned i = 0; i < 20; i++)
		put(o, i);
	o->ops->free(o);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(count_records(target), 20);
}

static void writes_to_stdout(void **state)
{
	(void)state;
	int saved = dup(1), fds[2];
	struct output *o = NULL;
	char text[4096] = "";

	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	dup2(fds[1], 1);
	assert_int_equal(
		logfile_new(&(struct logfile_options){ .path = "-", .max_bytes = 1 }, &o), 0);
	put(o, 5);
	o->ops->reopen(o);
	o->ops->flush(o);
	o->ops->free(o);
	dup2(saved, 1);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_int_equal(number_of(text), 5);
	close(saved);
	close(fds[0]);
	close(fds[1]);
}

static void says_why_it_cannot_open(void **state)
{
	(void)state;
	struct output *o = NULL;
	struct logfile_options options = { .path = "/nonexistent/folder/log" };

	assert_int_equal(logfile_new(&options, &o), -ENOENT);
	assert_null(o);
}

/* The file cannot grow, then it can again. `full` makes it so and `free_up` ends it. */
static void survive(void (*full)(void), void (*free_up)(void))
{
	struct output *o = open_log(0, 0);
	uint64_t n = 0;

	for (; n < 10; n++)
		put(o, n);
	assert_int_equal(o->ops->flush(o), 0);
	full();
	for (; n < 5000; n++) {
		put(o, n);
		if (n % 10 == 0)
			o->ops->flush(o);
	}
	assert_true(o->lost > 0);
	assert_int_not_equal(o->ops->flush(o), 0);
	free_up();
	usleep(1100000);
	put(o, n++);
	assert_int_equal(o->ops->flush(o), 0);
	put(o, n++);
	assert_int_equal(o->ops->flush(o), 0);
	assert_int_equal(o->written + o->lost, n);
	assert_int_equal(count_records(path), o->written);
	o->ops->free(o);
}

static void fill_disk(void)
{
	char name[128], block[4096] = { 1 };
	snprintf(name, sizeof(name), "%s/filler", directory);
	_cleanup_fd_ int fd = open(name, O_WRONLY | O_CREAT, 0600);

	while (write(fd, block, sizeof(block)) > 0)
		;
}

static void empty_disk(void)
{
	char name[128];

	snprintf(name, sizeof(name), "%s/filler", directory);
	assert_int_equal(unlink(name), 0);
}

static void limit_file(void)
{
	struct rlimit limit = { 5001, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void lift_limit(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_FSIZE, &limit);
}

/* Runs last: the test has mounts of its own from then on. */
static void survives_a_full_disk(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		mount("tmpfs", directory, "tmpfs", 0, "size=1m"))
		skip();
	survive(fill_disk, empty_disk);
	umount(directory);
}

/* Stops in the middle of a line, which must be completed later. */
static void survives_a_file_size_limit(void **state)
{
	(void)state;
	survive(limit_file, lift_limit);
}

static void survives_the_directories_removal(void **state)
{
	(void)state;
	struct output *o = open_log(0, 0);
	uint64_t n = 0;

	put(o, n++);
	assert_int_equal(o->ops->flush(o), 0);
	remove_directory(NULL);
	for (; n < 5000; n++)
		put(o, n);
	assert_int_not_equal(o->ops->flush(o), 0);
	assert_true(o->lost > 0);
	assert_int_equal(mkdir(directory, 0700), 0);
	usleep(1100000);
	assert_int_equal(o->ops->flush(o), 0);
	assert_int_equal(o->written + o->lost, n);
	assert_int_equal(count_records(path), o->written - 1);
	o->ops->free(o);
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_directory(appends_and_ends_a_torn_line),
		in_directory(opens_again),
		in_directory(keeps_so_many_files),
		in_directory(renames_no_symlink),
		cmocka_unit_test(writes_to_stdout),
		cmocka_unit_test(says_why_it_cannot_open),
		in_directory(survives_a_file_size_limit),
		in_directory(survives_the_directories_removal),
		in_directory(survives_a_full_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
