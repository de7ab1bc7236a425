// SPDX-License-Identifier: MIT
/* What the node is said to be must be so: an errno that it denies is told as what was returned. */
#include "story_builder.h"

static void know_the_place(struct builder *t, uint64_t free_bytes, bool read_only)
{
	t->facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR, .uid = 1000, .gid = 1000, .mode = 0644 },
		.directory = { .type = FILE_DIRECTORY, .uid = 1000, .gid = 1000, .mode = 0755 },
		.filesystem = { .type = "ext4",
			.read_only = read_only,
			.room_known = true,
			.total_bytes = 10ULL << 30,
			.free_bytes = free_bytes,
			.total_inodes = 1000,
			.free_inodes = 500 } };
	strcpy(t->facts.directory_path, "/data");
}

static struct diagnosis *diagnose_write(
	int error, const char *line, uint64_t free_bytes, bool read_only)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "python3 app.py");
	if (error) {
		know_the_place(&t, free_bytes, read_only);
		builder_fail_create(&t, 1, error, "/data/x");
	}
	builder_output(&t, 1, line);
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	builder_free(&t);
	return d;
}

static void expect_words(
	struct diagnosis *d, const char *cause, const char *there, const char *missing)
{
	bool said = strstr(d->title, there) || strstr(d->summary, there);
	bool too_much = missing && (strstr(d->title, missing) || strstr(d->summary, missing));

	if (strcmp(d->root_cause, cause) || !said || too_much)
		fail_msg("%s %.2f\n%s\n%s", d->root_cause, d->confidence, d->title, d->summary);
	diagnosis_free(d);
}

#define FULL "OSError: [Errno 28] No space left on device: '/data/x'\n"
#define READ_ONLY "OSError: [Errno 30] Read-only file system: '/data/x'\n"
#define DENIED "PermissionError: [Errno 13] Permission denied: '/data/x'\n"

static void a_full_disk_is_full(void **state)
{
	(void)state;
	expect_words(diagnose_write(ENOSPC, FULL, 4096, false), "disk_full", "no space is left",
		"LD_PRELOAD");
}

static void one_with_room_is_not(void **state)
{
	(void)state;
	expect_words(diagnose_write(ENOSPC, FULL, 5ULL << 30, false), "disk_full",
		"the file system has room", "no space is left");
}

static void a_writable_mount_is_not_read_only(void **state)
{
	(void)state;
	expect_words(diagnose_write(EROFS, READ_ONLY, 5ULL << 30, false), "read_only_filesystem",
		"is mounted writable", "The file system is read-only");
}

static void a_read_only_one_is(void **state)
{
	(void)state;
	expect_words(diagnose_write(EROFS, READ_ONLY, 5ULL << 30, true), "read_only_filesystem",
		"The file system is read-only", "LD_PRELOAD");
}

static void what_owner_and_mode_allow_is_refused_by_another(void **state)
{
	(void)state;
	expect_words(diagnose_write(EACCES, DENIED, 5ULL << 30, false), "permission_denied",
		"owner and mode allow it", NULL);
}

static struct diagnosis *diagnose_open(enum file_type found)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "cat /config/needed.conf");
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = found },
		.directory = { .type = FILE_DIRECTORY, .mode = 0755 },
		.directory_path = "/config" };
	builder_fail(&t, 1, "openat", ENOENT, "/config/needed.conf");
	builder_output(&t, 1, "cat: can't open '/config/needed.conf': No such file or directory\n");
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	builder_free(&t);
	return d;
}

/* It came only then, or its name was changed while the kernel read it. */
static void a_file_that_is_there_is_missing_less_surely(void **state)
{
	struct diagnosis *missing = diagnose_open(FILE_MISSING);
	struct diagnosis *late = diagnose_open(FILE_REGULAR);

	(void)state;
	assert_true(late->confidence < 0.9 && late->confidence < missing->confidence);
	assert_null(strstr(missing->summary, "was there"));
	assert_null(strstr(late->summary, "does not exist"));
	assert_string_equal(late->path, "/config/needed.conf");
	assert_non_null(strstr(late->recommendations[0].text, "once it is there"));
	expect_words(missing, "missing_file", "does not exist", "when it was asked for");
	expect_words(late, "missing_file", "/config/needed.conf was there", "does not exist");
}

/* A library put in between answers, and the kernel is never asked. */
static void words_alone_are_not_sure(void **state)
{
	struct diagnosis *d = diagnose_write(0, FULL, 0, false);

	(void)state;
	assert_true(d->confidence < 0.9);
	expect_words(d, "disk_full", "refused no call", "no space is left");
}

static struct diagnosis *diagnose_port(bool nobody)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	builder_add(&t, (struct event){ .kind = EVENT_NETWORK_ERROR,
				.pid = 1,
				.syscall = "bind",
				.error = EADDRINUSE,
				.address = "0.0.0.0",
				.port = 8080,
				.family = AF_INET,
				.sock_type = SOCK_STREAM,
				.holder_none = nobody });
	builder_output(&t, 1, "bind: Address already in use\n");
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	builder_free(&t);
	return d;
}

static void a_port_without_a_holder_is_told_as_one(void **state)
{
	(void)state;
	expect_words(diagnose_port(true), "port_in_use", "no process listens on", "port is taken");
	expect_words(diagnose_port(false), "port_in_use", "port is taken", "LD_PRELOAD");
}

/* Python names its error by number: it did not end for the name server that it could not reach before. */
static void words_of_one_error_are_not_anothers(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 -m http.server 8080");
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.255.255.53", 53);
	builder_output(&t, 1, "OSError: [Errno 98] Address already in use\n");
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_not_equal(d->root_cause, "dns_failure");
	assert_true(d->confidence < 0.7);
	diagnosis_free(d);
	builder_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_is_full),
		cmocka_unit_test(one_with_room_is_not),
		cmocka_unit_test(a_writable_mount_is_not_read_only),
		cmocka_unit_test(a_read_only_one_is),
		cmocka_unit_test(what_owner_and_mode_allow_is_refused_by_another),
		cmocka_unit_test(a_file_that_is_there_is_missing_less_surely),
		cmocka_unit_test(words_alone_are_not_sure),
		cmocka_unit_test(a_port_without_a_holder_is_told_as_one),
		cmocka_unit_test(words_of_one_error_are_not_anothers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
