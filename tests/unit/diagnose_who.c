// SPDX-License-Identifier: MIT
/* Who is meant: the writer of a pipeline, the call that got the error that is told, what came after a name server. */
#include <signal.h>

#include "story_builder.h"

/* `curl | grep`: the reader found nothing because nothing was written, and the script ends with its status. */
static void the_writer_of_a_pipeline_leads_over_its_reader(void **state)
{
	static const char *const readers[] = { "grep tag", "jq -r .tag", "tar x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "bash -c script");
		builder_run(&t, 1, 2, "curl -sf http://releases.internal/latest");
		builder_run(&t, 1, 3, readers[i]);
		builder_fail_net(&t, 2, "connect", ECONNREFUSED, "10.0.0.9", 80);
		builder_end(&t, 2, exited(7));
		builder_end(&t, 3, exited(1));
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "dependency_unreachable", NULL, "10.0.0.9");
	}
}

/* Who only lost its reader did not fail, and who ended long before fed nobody. */
static void a_writer_that_lost_its_reader_is_none(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "bash -c script");
	builder_run(&t, 1, 2, "cat /etc/list");
	builder_run(&t, 1, 3, "grep -q tag");
	builder_end(&t, 2, killed(SIGPIPE));
	builder_output(&t, 3, "grep: unknown option -- 'q'\n");
	builder_end(&t, 3, exited(2));
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "bad_configuration", NULL, "grep");
}

/* "Permission denied" is EACCES: the capset that was refused with EPERM is not what it tells of. */
static void the_very_error_that_is_told_counts(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "squid -N");
	builder_fail_call(&t, 1, "capset", EPERM);
	builder_fail_create(&t, 1, EACCES, "/var/log/squid/access.log");
	builder_output(&t, 1, "fopen: Permission denied\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "permission_denied", "/var/log/squid/access.log", NULL);
}

/* Where only the other one was refused, EPERM and EACCES are one to the program. */
static void the_other_error_counts_alone(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "unlink", EPERM, "/tmp/x.sock");
	builder_output(&t, 1, "unlink: Permission denied\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "permission_denied", "/tmp/x.sock", NULL);
}

/* A server asks for its own name, does without, and ends for the file that it looks for after that. */
static void a_name_that_was_done_without_is_no_cause(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "slapd -F /etc/ldap/slapd.d");
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.96.0.10", 53);
	builder_fail(&t, 1, "openat", ENOENT, "/etc/ldap/slapd.d/cn=config.ldif");
	builder_output(&t, 1, "slapd stopped.\nconnections_destroy: nothing to destroy.\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/etc/ldap/slapd.d/cn=config.ldif", NULL);
}

/* Servers ask for more open files and do with what they get; what they then look for in vain is later. */
static void a_limit_that_was_done_without_is_no_cause(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "mariadbd --datadir=/data");
	builder_fail_call(&t, 1, "prlimit64", EPERM);
	builder_fail(&t, 1, "openat", ENOENT, "/data/mysql/plugin.frm");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/data/mysql/plugin.frm", NULL);
}

/* The line of the settings is where the path stands that is wrong, and not the file that is missing. */
static void a_place_in_settings_is_no_other_file(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "slapd -f /etc/ldap/slapd.conf");
	builder_fail(&t, 1, "openat", ENOENT, "/var/lib/ldap/example/DUMMY");
	builder_output(&t, 1,
		"6b0c 0x7f9a /etc/ldap/slapd.conf: line 7: invalid path: No such file or "
		"directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/var/lib/ldap/example/DUMMY", NULL);
}

/* "open: No such file or directory", and the last thing that was not there is a device that has a name. */
static void a_named_device_that_is_not_there_was_not_given(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "ip tuntap add tun0 mode tun");
	builder_fail(&t, 1, "openat", ENOENT, "/dev/net/tun");
	builder_output(&t, 1, "open: No such file or directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "device_denied", "/dev/net/tun", NULL);
}

/* An assertion that failed says nothing of it, so the explanation does. */
/* EPERM is the device cgroup's: the rules that the container began with tell whether it lost the device since. */
static void a_device_that_is_kept_back_is_told_by_the_rules(void **state)
{
	static const struct {
		const char *rules, *says;
	} rows[] = {
		{ "", "the device (c 10:229) is not among those that the container may use" },
		{ "-a *:* rwm, +c 10:200 rwm, +c *:* m", "is not among those" },
		{ "-a *:* rwm, +b 10:229 rwm", "is not among those" },
		{ "-a *:* rwm, +c 10:229 rw", "was given the device (c 10:229) at its start" },
		{ "-a *:* rwm, +c 10:* rw", "Delete the pod" },
		{ "+a *:* rwm, -c 10:229 rwm", "is not among those" },
		{ "+c 10", "is not among those" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct builder t = builder_new();
		struct path_facts *facts = calloc(1, sizeof(*facts));
		*facts = (struct path_facts){ .known = true,
			.filesystem.type = "tmpfs",
			.file = { .type = FILE_CHAR_DEVICE,
				.mode = 0666,
				.major = 10,
				.minor = 229 } };
		container_set(&t.c->devices, rows[i].rules);
		builder_exec(&t, 1, "sshfs");
		builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
					.pid = 1,
					.syscall = "openat",
					.flags = "O_RDWR",
					.error = EPERM,
					.path = "/dev/fuse",
					.facts = facts });
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "device_denied", "/dev/fuse", rows[i].says);
	}
}

static void a_crash_names_the_device_that_was_missing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "reader");
	builder_fail(&t, 1, "openat", ENOENT, "/dev/ttyUSB0");
	builder_output(&t, 1, "reader: reader.c:6: main: Assertion `fd >= 0' failed.\n");
	builder_end(&t, 1, killed(SIGABRT));
	builder_expect(&t, "crashed", NULL, "the device /dev/ttyUSB0");
}

/* Chromium without a home: its crash handler ends for want of a database, and it ends itself by a trap. */
static void a_helper_that_ended_resets_the_socket_to_it(void **state)
{
	static const struct {
		bool helper_failed;
		const char *cause, *path;
	} rows[] = { { true, "permission_denied", "/.cache" }, { false, "crashed", NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "node");
		builder_fork(&t, 1, 2);
		builder_exec(&t, 2, "chromium");
		builder_fail(&t, 2, "mkdir", EACCES, "/.cache");
		builder_fork(&t, 2, 3);
		builder_exec(&t, 3, "chrome_crashpad_handler");
		builder_end(&t, 3, exited(rows[i].helper_failed ? 1 : 0));
		builder_output(
			&t, 2, "ERROR:socket.cc(120)] recvmsg: Connection reset by peer (104)\n");
		builder_end(&t, 2, killed(SIGTRAP));
		builder_end(&t, 1, exited(1));
		builder_expect(&t, rows[i].cause, rows[i].path, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_writer_of_a_pipeline_leads_over_its_reader),
		cmocka_unit_test(a_writer_that_lost_its_reader_is_none),
		cmocka_unit_test(the_very_error_that_is_told_counts),
		cmocka_unit_test(the_other_error_counts_alone),
		cmocka_unit_test(a_name_that_was_done_without_is_no_cause),
		cmocka_unit_test(a_limit_that_was_done_without_is_no_cause),
		cmocka_unit_test(a_place_in_settings_is_no_other_file),
		cmocka_unit_test(a_helper_that_ended_resets_the_socket_to_it),
		cmocka_unit_test(a_named_device_that_is_not_there_was_not_given),
		cmocka_unit_test(a_device_that_is_kept_back_is_told_by_the_rules),
		cmocka_unit_test(a_crash_names_the_device_that_was_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
