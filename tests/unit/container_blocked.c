// SPDX-License-Identifier: MIT
/* Calls that do not come back: what /proc says of them, and of real ones. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/blocked.h"

static void the_state_of_a_call_is_read(void **state)
{
	struct call_state c = { .nr = 7 };

	(void)state;
	assert_true(call_state_parse(
		"257 0xffffffffffffff9c 0x7ffe1 0x0 0x0 0x0 0x0 0x7ffc 0x7f14\n", &c));
	assert_int_equal(c.nr, 257);
	assert_int_equal(c.args[0], (uint64_t)-100);
	assert_int_equal(c.args[1], 0x7ffe1);
	assert_false(call_state_parse("running\n", &c));
	assert_false(call_state_parse("-1 0x7ffc 0x7f14\n", &c));
	assert_false(call_state_parse("257 0x1", &c));
	assert_false(call_state_parse("", &c));
	assert_int_equal(c.nr, 257);
}

/* The kernel lists children in the order in which they were made. */
static void the_last_child_counts(void **state)
{
	(void)state;
	assert_int_equal(last_number_parse("12 40 31 "), 31);
	assert_int_equal(last_number_parse("12 "), 12);
	assert_int_equal(last_number_parse(""), 0);
}

static void the_holder_stands_above_who_waits(void **state)
{
	static const char locks[] = "1: POSIX  ADVISORY  READ 700 08:01:5 128 128\n"
				    "2: FLOCK  ADVISORY  WRITE 1234 08:01:77 0 EOF\n"
				    "2: -> FLOCK  ADVISORY  WRITE 1300 08:01:77 0 EOF\n"
				    "2: -> FLOCK  ADVISORY  WRITE 1301 08:01:77 0 EOF\n"
				    "3: OFDLCK ADVISORY  WRITE -1 08:01:78 0 EOF\n"
				    "3: -> OFDLCK ADVISORY  WRITE 1302 08:01:78 0 EOF\n";

	(void)state;
	assert_int_equal(lock_holder_parse(locks, 1300), 1234);
	assert_int_equal(lock_holder_parse(locks, 1301), 1234);
	assert_int_equal(lock_holder_parse(locks, 1302), 0);
	assert_int_equal(lock_holder_parse(locks, 1234), 0);
	assert_int_equal(lock_holder_parse("broken\n: ->\n", 1), 0);
}

/* Waits until the child is in a call that waits for somebody: as long as the machine takes. */
static void wait_for(pid_t pid, const char *call, struct blocked_call *b)
{
	for (int i = 0; i < 6000; i++) {
		assert_int_equal(blocked_read((uint32_t)pid, true, b), 0);
		if (b->syscall)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	assert_non_null(b->syscall);
	assert_memory_equal(b->syscall, call, strlen(call));
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void real_ones_are_seen(void **state)
{
	char directory[] = "blocked.XXXXXX", path[64];
	struct blocked_call b;

	(void)state;
	if (access("/proc/self/syscall", R_OK))
		skip();
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/x", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	pid_t pid = fork();
	if (pid == 0) {
		open(path, O_RDONLY);
		_exit(0);
	}
	wait_for(pid, "open", &b);
	assert_non_null(strstr(b.path, path));
	stop(pid);
	unlink(path);

	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	pid = fork();
	if (pid == 0) {
		flock(open(path, O_RDWR | O_CLOEXEC), LOCK_EX);
		_exit(0);
	}
	wait_for(pid, "flock", &b);
	assert_non_null(strstr(b.path, path));
	/* where /proc/locks is the pid namespace's own */
	if (b.holder.pid)
		assert_int_equal(b.holder.pid, getpid());
	stop(pid);
	close(fd);
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_state_of_a_call_is_read),
		cmocka_unit_test(the_last_child_counts),
		cmocka_unit_test(the_holder_stands_above_who_waits),
		cmocka_unit_test(real_ones_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
