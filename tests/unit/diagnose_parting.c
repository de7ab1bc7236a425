// SPDX-License-Identifier: MIT
/* The call that failed right before the end, and what words and other calls leave of it. */
#include "story_builder.h"

#define SETTINGS "/etc/loki/local-config.yaml"
#define DEVICE "/dev/net/tun"

static struct builder ends_for(const char *path, const char *says)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, path);
	builder_output(&t, 1, says);
	builder_end(&t, 1, exited(1));
	return t;
}

static void the_only_file_that_was_missed_is_the_reason(void **state)
{
	struct builder t = ends_for(DEVICE, "interface wg0 could not be created\n");

	(void)state;
	builder_expect(&t, "device_denied", DEVICE, NULL);
	/* A driver's failure is told as a library likes. */
	t = ends_for(DEVICE, "could not set up wg0: Input/output error\n");
	builder_expect(&t, "device_denied", DEVICE, NULL);
	t = ends_for("/app/zones.zip", "job 1 could not be scheduled\n");
	builder_expect(&t, "missing_file", "/app/zones.zip", NULL);
}

/* A file of settings may have held what the words lack; a reason of another kind has nothing to do with it. */
static void a_reason_of_its_own_stays(void **state)
{
	struct builder t = ends_for(SETTINGS, "at least one schema must be defined\n");

	(void)state;
	builder_expect(&t, "missing_file", SETTINGS, NULL);
	t = ends_for("/app/.env", "job 7 could not be read\n");
	builder_expect(&t, "application_error", NULL, "job 7");
	t = ends_for("/app/logo.png", "at least one schema must be defined\n");
	builder_expect(&t, "application_error", NULL, "schema");
	t = ends_for(SETTINGS, "schema version 7 is not supported\n");
	builder_expect(&t, "application_error", NULL, "schema");
	t = ends_for(SETTINGS, "job 7 failed: input/output error\n");
	builder_expect(&t, "application_error", NULL, "job 7");
}

static void what_it_said_it_does_without_is_not_missed(void **state)
{
	struct builder t = ends_for(
		SETTINGS, "no " SETTINGS ", using the defaults\ninterface wg0 could not be used\n");

	(void)state;
	builder_expect(&t, "application_error", NULL, "wg0");
}

static void one_of_several_is_not_the_only_one(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/server/extra.rules");
	builder_fail(&t, 1, "openat", ENOENT, "/app/zones.zip");
	builder_output(&t, 1, "job 1 could not be scheduled\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "schedule");
}

static void what_failed_long_before_the_end_is_not_it(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/app/zones.zip");
	t.now += 500 * MS;
	builder_output(&t, 1, "job 1 could not be scheduled\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "schedule");
}

/* "another node has it open, or it may not be written": the call says which. */
static void a_refused_call_decides_what_a_message_leaves_open(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/usr/share/es/data", MOUNT_PVC, "es", false);
	builder_exec(&t, 1, "server");
	builder_fail_create(&t, 1, EACCES, "/usr/share/es/data/node.lock");
	builder_output(&t, 1,
		"failed to obtain node locks, tried [/usr/share/es/data]; maybe these locations "
		"are not writable or multiple nodes were started on the same data path?\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "permission_denied", "/usr/share/es/data/node.lock", NULL);
}

static struct builder edits_then_serves(const char *edit, const char *refused, const char *says)
{
	struct builder t = builder_new();

	builder_mount(&t, "/etc/haproxy", MOUNT_CONFIGMAP, "lb", true);
	builder_exec(&t, 1, "sh /start.sh");
	builder_run(&t, 1, 2, edit);
	builder_fail_create(&t, 2, EROFS, refused);
	builder_end(&t, 2, exited(0));
	builder_exec(&t, 1, "haproxy -f /etc/haproxy/haproxy.cfg");
	builder_output(&t, 1, says);
	builder_end(&t, 1, exited(1));
	return t;
}

/* Its placeholder is still there: what is wrong in the file is what was to be changed. */
static void an_edit_that_was_refused_is_the_reason(void **state)
{
	static const char says[] =
		"parsing [/etc/haproxy/haproxy.cfg:7] : invalid character '_' in port number\n";
	struct builder t = edits_then_serves("perl -pi -e s/__PORT__/80/ /etc/haproxy/haproxy.cfg",
		"/etc/haproxy/XXq3QE46", says);

	(void)state;
	builder_expect(&t, "read_only_filesystem", "/etc/haproxy/XXq3QE46", NULL);
	t = edits_then_serves(
		"sed -i s/__PORT__/80/ /etc/haproxy/other.cfg", "/etc/haproxy/sedq3QE46", says);
	builder_expect(&t, "bad_configuration", "/etc/haproxy/haproxy.cfg", NULL);
	t = edits_then_serves("sed -i s/4/auto/ /etc/haproxy/haproxy.cfg", "/etc/haproxy/sedq3QE46",
		"nginx: [emerg] host not found in upstream \"api\" in "
		"/etc/haproxy/haproxy.cfg:3\n");
	builder_expect(&t, "dns_failure", NULL, "api");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_only_file_that_was_missed_is_the_reason),
		cmocka_unit_test(a_reason_of_its_own_stays),
		cmocka_unit_test(what_it_said_it_does_without_is_not_missed),
		cmocka_unit_test(one_of_several_is_not_the_only_one),
		cmocka_unit_test(what_failed_long_before_the_end_is_not_it),
		cmocka_unit_test(a_refused_call_decides_what_a_message_leaves_open),
		cmocka_unit_test(an_edit_that_was_refused_is_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
