// SPDX-License-Identifier: MIT
/* Limits: of the node, of the process and user, of a disk; and the capabilities that a call needs. */
#include <linux/capability.h>

#include <sys/mman.h>

#include "story_builder.h"

/* A test names only what differs. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define FAILS(call_, error_, ...) \
	((struct event){ .kind = EVENT_PROCESS_ERROR, \
		.pid = 1, \
		.syscall = (call_), \
		.error = (error_), \
		.uid = 1000, \
		.flags = "", \
		##__VA_ARGS__ })

static struct builder ends_after(struct event failure, const char *output)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	builder_add(&t, failure);
	if (*output)
		builder_output(&t, 1, output);
	builder_end(&t, 1, exited(1));
	return t;
}

static void a_limit_of_the_node_is_named(void **state)
{
	static const struct {
		const char *call;
		int error;
		const char *flags, *name;
	} rows[] = {
		{ "inotify_add_watch", ENOSPC, "", "fs.inotify.max_user_watches" },
		{ "inotify_init1", EMFILE, "", "fs.inotify.max_user_instances" },
		{ "unshare", ENOSPC, "CLONE_NEWNET", "user.max_net_namespaces" },
		{ "keyctl", EDQUOT, "", "kernel.keys.maxkeys" },
		{ "semget", ENOSPC, "", "kernel.sem" },
		{ "io_setup", EAGAIN, "", "fs.aio-max-nr" },
		{ "openat", ENFILE, "", "fs.file-max" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t =
			ends_after(FAILS(rows[i].call, rows[i].error, .flags = rows[i].flags),
				"server: could not start\n");
		builder_expect(&t, "node_limit", NULL, rows[i].name);
	}
}

/* What is said last is of another program, which finds no server; the one before named the limit of its own call. */
static void words_that_name_the_limit_name_the_call(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh /start");
	builder_run(&t, 1, 2, "store");
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_ERROR,
				.pid = 2,
				.syscall = "io_setup",
				.error = EAGAIN });
	builder_output(&t, 2, "FATAL: no request capacity in /proc/sys/fs/aio-max-nr is left\n");
	builder_end(&t, 2, exited(7));
	builder_output(&t, 1, "housekeeping: Connection refused\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "node_limit", NULL, "fs.aio-max-nr");
}

/* More descriptors than the hard limit: the node's limit or the program's setting, and never root. */
static void a_program_may_want_more_files(void **state)
{
	struct builder t = ends_after(FAILS("prlimit64", EPERM, .flags = "RLIMIT_NOFILE"),
		"server: could not raise the limit of open files to 120028, it is 1024\n");

	(void)state;
	t.c->nofile_limit = 1024;
	builder_expect(&t, "too_many_open_files", NULL, "120028 or more");
	t = ends_after(FAILS("prlimit64", EPERM, .flags = "RLIMIT_MEMLOCK"),
		"could not raise the limit: Operation not permitted\n");
	builder_expect(&t, "capability_missing", NULL, "SYS_RESOURCE");
}

static void a_message_may_name_it(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "java");
	builder_output(&t, 1,
		"ERROR: bootstrap checks failed: max virtual memory areas vm.max_map_count [65530] "
		"is "
		"too low, increase to at least [262144]\n");
	builder_end(&t, 1, exited(78));
	builder_expect(&t, "node_limit", NULL, "vm.max_map_count=262144");
}

static void what_is_high_already_is_not_called_low(void **state)
{
	struct builder t = ends_after(FAILS("unshare", ENOSPC, .flags = "CLONE_NEWUSER",
					      .limit_name = "user.max_user_namespaces",
					      .process = { .known = true, .limit = 96365 }),
		"");

	(void)state;
	builder_expect(&t, "node_limit", NULL, "Do not nest");
}

static void memory_is_no_limit_of_areas_unless_counted(void **state)
{
	struct builder t = ends_after(FAILS("mmap", ENOMEM), "server: out of memory\n");
	struct diagnosis *d = builder_diagnose(&t);

	(void)state;
	assert_string_not_equal(d->root_cause, "node_limit");
	diagnosis_free(d);
	builder_free(&t);
	t = ends_after(FAILS("mmap", ENOMEM, .limit_name = "vm.max_map_count",
			       .process = { .known = true, .limit = 65530, .used = 65531 }),
		"server: out of memory\n");
	builder_expect(&t, "node_limit", NULL, "65530");
}

/* Opcode caches and JVMs ask for them and take plain pages: only words can accuse them. */
static void huge_pages_are_optional(void **state)
{
	struct builder t = ends_after(FAILS("mmap", ENOMEM, .call_args = { 0, 0, 0, MAP_HUGETLB },
					      .limit_name = "vm.nr_hugepages"),
		"server: unknown entry 'max_childrn'\n");
	struct diagnosis *d = builder_diagnose(&t);

	(void)state;
	assert_string_not_equal(d->root_cause, "node_limit");
	diagnosis_free(d);
	builder_free(&t);
	t = ends_after(FAILS("mmap", ENOMEM, .call_args = { 0, 0, 0, MAP_HUGETLB },
			       .limit_name = "vm.nr_hugepages"),
		"server: cannot get huge pages\n");
	builder_expect(&t, "node_limit", NULL, "vm.nr_hugepages");
}

static void files_of_the_process_are_its_own(void **state)
{
	struct builder t =
		ends_after(FAILS("inotify_init1", EMFILE, .limit_name = "RLIMIT_NOFILE",
				   .process = { .known = true, .limit = 64, .used = 64 }),
			"");

	(void)state;
	builder_expect(&t, "too_many_open_files", NULL, "64");
}

static void a_runtime_may_not_set_any_limit(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->nofile_limit = 1048576;
	strcpy(t.comm[1], "runc:[2:INIT]");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "too_many_open_files", NULL, "nofile");
}

static void a_disk_with_space_is_not_called_full(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	t.facts = (struct path_facts){ .known = true,
		.filesystem = { .room_known = true,
			.total_bytes = 1 << 30,
			.free_bytes = 1 << 29,
			.total_inodes = 1000,
			.free_inodes = 0 } };
	builder_fail_create(&t, 1, ENOSPC, "/data/x");
	builder_output(&t, 1, "/data/x: No space left on device\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "disk_full", "/data/x", "inode");
}

static void a_user_is_not_given_what_the_pod_adds(void **state)
{
	struct builder t = ends_after(FAILS("clock_adjtime", EPERM), "adjtimex failed\n");

	(void)state;
	builder_expect(&t, "capability_missing", NULL, "runAsUser: 0");
	t = ends_after(FAILS("clock_adjtime", EPERM, .uid = 0), "adjtimex failed\n");
	builder_expect(&t, "capability_missing", NULL, "add: [SYS_TIME]");
}

static void what_the_process_had_is_not_called_missing(void **state)
{
	struct builder t = ends_after(FAILS("clock_adjtime", EPERM,
					      .process = { .known = true,
						      .capabilities = 1ull << CAP_SYS_TIME,
						      .seccomp = 2 }),
		"adjtimex: Operation not permitted\n");

	(void)state;
	builder_expect(&t, "syscall_blocked", NULL, "seccomp");
}

/* The container's own command says what it bounded, and nobody else does. */
static void a_limit_of_the_command_is_told(void **state)
{
	static const struct {
		const char *script;
		bool stack, told;
	} rows[] = { { "ulimit -s 128; exec /srv/app", true, true },
		{ "ulimit -S -s 128 && exec /srv/app", true, true },
		{ "ulimit -s unlimited; exec /srv/app", true, false },
		{ "ulimit -s 16384; exec /srv/app", true, false },
		{ "ulimit -v 200000; exec /srv/app", false, true },
		{ "ulimit -n 1024; exec /srv/app", false, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct builder t = builder_new();
		t.c->args = calloc(3, sizeof(*t.c->args));
		t.c->n_args = 3;
		t.c->args[0] = strdup("sh");
		t.c->args[1] = strdup("-c");
		t.c->args[2] = strdup(rows[i].script);
		builder_exec(&t, 1, "/srv/app");
		if (!rows[i].stack)
			builder_fail_call(&t, 1, "mmap", ENOMEM);
		builder_output(&t, 1, "starting\n");
		builder_end(&t, 1, rows[i].stack ? killed(11) : exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_string_equal(d->root_cause, rows[i].stack ? "crashed" : "application_error");
		assert_int_equal(strstr(d->summary, "`ulimit -") != NULL, rows[i].told);
		assert_int_equal(d->n_recommendations, rows[i].told);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* A look that came late finds room in pids.max, and no user's limit holds root back. */
static void a_users_limit_is_named_where_it_can_be_the_one(void **state)
{
	static const struct {
		uint32_t uid;
		uint64_t pids;
		const char *advice;
	} rows[] = {
		{ 1000, 0, "LimitNPROC" },
		{ 1000, 5000, "LimitNPROC" },
		{ 1000, 2, "podPidsLimit" },
		{ 0, 0, "podPidsLimit" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t =
			ends_after(FAILS("clone", EAGAIN, .uid = rows[i].uid,
					   .limit_name = "RLIMIT_NPROC", .process.limit = 4096),
				"server: could not start\n");
		t.c->pids_limit = rows[i].pids;
		builder_expect(&t, "process_limit", NULL, rows[i].advice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_of_the_command_is_told),
		cmocka_unit_test(a_limit_of_the_node_is_named),
		cmocka_unit_test(a_users_limit_is_named_where_it_can_be_the_one),
		cmocka_unit_test(a_program_may_want_more_files),
		cmocka_unit_test(a_message_may_name_it),
		cmocka_unit_test(what_is_high_already_is_not_called_low),
		cmocka_unit_test(memory_is_no_limit_of_areas_unless_counted),
		cmocka_unit_test(huge_pages_are_optional),
		cmocka_unit_test(files_of_the_process_are_its_own),
		cmocka_unit_test(a_runtime_may_not_set_any_limit),
		cmocka_unit_test(a_disk_with_space_is_not_called_full),
		cmocka_unit_test(a_user_is_not_given_what_the_pod_adds),
		cmocka_unit_test(words_that_name_the_limit_name_the_call),
		cmocka_unit_test(what_the_process_had_is_not_called_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
