// SPDX-License-Identifier: MIT
/* Which limit a failed call ran into. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "event/limits.h"
#include "util/cleanup.h"

static const char *first_of(struct event e)
{
	const struct limit *out[LIMITS_OF_A_CALL];

	e.flags = e.flags ?: "";
	e.path = e.path ?: "";
	return limits_of(&e, out) ? out[0]->name : "";
}

static void one_errno_is_another_limit_for_each_call(void **state)
{
	static const struct {
		const char *call, *flags, *path;
		int error;
		uint32_t uid;
		const char *limit;
	} rows[] = {
		{ "unshare", "CLONE_NEWUSER", "", ENOSPC, 1, "user.max_user_namespaces" },
		{ "clone3", "", "", ENOSPC, 1, "user.max_user_namespaces" },
		{ "unshare", "CLONE_NEWNET", "", ENOSPC, 1, "user.max_net_namespaces" },
		{ "inotify_add_watch", "", "/x", ENOSPC, 1, "fs.inotify.max_user_watches" },
		{ "inotify_init1", "", "", EMFILE, 1, "fs.inotify.max_user_instances" },
		{ "openat", "O_RDONLY", "/x", EMFILE, 1, "RLIMIT_NOFILE" },
		{ "openat", "O_RDWR", "/dev/ptmx", ENOSPC, 1, "kernel.pty.max" },
		{ "openat", "O_RDONLY", "/x", ENFILE, 1, "fs.file-max" },
		{ "write", "", "/data/x", ENOSPC, 1, "" },
		{ "write", "", "/data/x", EFBIG, 1, "RLIMIT_FSIZE" },
		{ "keyctl", "", "", EDQUOT, 0, "kernel.keys.root_maxkeys" },
		{ "add_key", "", "", EDQUOT, 7, "kernel.keys.maxkeys" },
		{ "semget", "", "", ENOSPC, 1, "kernel.sem" },
		{ "io_setup", "", "", EAGAIN, 1, "fs.aio-max-nr" },
		{ "clone", "", "", EAGAIN, 1, "pids.max" },
		{ "mlockall", "", "", ENOMEM, 1, "RLIMIT_MEMLOCK" },
		{ "mmap", "", "", ENOMEM, 1, "vm.max_map_count" },
		{ "mkdir", "", "/sys/fs/cgroup/x", ENOSPC, 1, "cgroup.max.descendants" },
		{ "openat", "O_RDONLY", "/x", ENOENT, 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(first_of((struct event){ .syscall = rows[i].call,
					    .flags = rows[i].flags,
					    .path = rows[i].path,
					    .error = rows[i].error,
					    .uid = rows[i].uid }),
			rows[i].limit);
}

static void huge_pages_are_counted_apart(void **state)
{
	struct event e = {
		.syscall = "mmap", .error = ENOMEM, .call_args = { 0, 0, 0, MAP_HUGETLB }
	};

	(void)state;
	assert_string_equal(first_of(e), "vm.nr_hugepages");
}

static void every_limit_is_known_by_its_name(void **state)
{
	const struct limit *all;
	size_t n = limits_all(&all);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_ptr_equal(limit_by_name(all[i].name), &all[i]);
	assert_null(limit_by_name("kernel.none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_errno_is_another_limit_for_each_call),
		cmocka_unit_test(huge_pages_are_counted_apart),
		cmocka_unit_test(every_limit_is_known_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
