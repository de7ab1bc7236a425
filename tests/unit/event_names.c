// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ktrace/event.h"

static void errnos_go_both_ways(void **state)
{
	(void)state;
	for (int err = 1; err <= EHWPOISON; err++) {
		if (err == 41 || err == 58) /* numbers that Linux does not use */
			continue;
		assert_string_not_equal(errno_name(err), "unknown");
		assert_int_equal(errno_from_name(errno_name(err)), err);
		assert_string_equal(errno_text(err), strerror(err));
	}
	assert_string_equal(errno_name(EAGAIN), "EAGAIN");
	assert_int_equal(errno_from_name("EWOULDBLOCK"), EAGAIN);
	static const int unknown[] = { -1, 0, 41, 134, 100000 };
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		assert_string_equal(errno_name(unknown[i]), "unknown");
	assert_int_equal(errno_from_name("unknown"), 0);
	assert_int_equal(errno_from_name(""), 0);
}

static void signals_go_both_ways(void **state)
{
	(void)state;
	for (int signo = 1; signo <= SIGSYS; signo++)
		assert_int_equal(signal_from_name(signal_name(signo)), signo);
	assert_string_equal(signal_name(SIGTERM), "SIGTERM");
	assert_string_equal(signal_name(0), "unknown");
	assert_string_equal(signal_name(64), "unknown");
	assert_int_equal(signal_from_name("TERM"), 0);
}

static void kinds_go_both_ways(void **state)
{
	(void)state;
	for (int kind = EVENT_NONE; kind < EVENT_KINDS; kind++)
		assert_int_equal(event_kind_from_action(event_action((enum event_kind)kind)), kind);
	for (int kind = MOUNT_NONE; kind < MOUNT_KINDS; kind++)
		assert_int_equal(
			mount_kind_from_name(mount_kind_name((enum mount_kind)kind)), kind);
	assert_int_equal(event_kind_from_action("diagnosis"), EVENT_NONE);
	assert_string_equal(event_action((enum event_kind)1000), "none");
}

static void statuses_as_a_shell_says_them(void **state)
{
	(void)state;
	assert_int_equal(status_exit_code(0), 0);
	assert_int_equal(status_exit_code(127 << 8), 127);
	assert_int_equal(status_exit_code(255 << 8), 255);
	assert_int_equal(status_exit_code(SIGKILL), 137);
	assert_int_equal(status_exit_code(SIGSEGV | 0x80), 139);
	assert_int_equal(status_signal(SIGSEGV | 0x80), SIGSEGV);
	assert_int_equal(status_signal(1 << 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errnos_go_both_ways),
		cmocka_unit_test(signals_go_both_ways),
		cmocka_unit_test(kinds_go_both_ways),
		cmocka_unit_test(statuses_as_a_shell_says_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
