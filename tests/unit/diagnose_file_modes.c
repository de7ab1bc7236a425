// SPDX-License-Identifier: MIT
/* Owners and modes that programs refuse: which lines say so, in whose words, and what is to be changed. */
#include "story_builder.h"

#include "diagnose/knowledge/file_modes.h"

static void complaints_of_many_programs_are_read(void **state)
{
	static const struct {
		const char *line;
		uint32_t mode; /* 0: no such complaint */
		bool directory;
	} rows[] = {
		{ "/etc/opendkim.conf: /keys/mail.private can be read or written by other users",
			0600, false },
		{ "Configuration file /etc/raddb/radiusd.conf is globally writable.  Refusing to "
		  "start due to insecure configuration.",
			0644, false },
		{ "Permissions on directory /var/lib/tor/hs are too permissive.", 0700, true },
		{ "The control file '/etc/monitrc' must have permissions no more than -rwx------ "
		  "(0700); right now permissions are -rw-r--r-- (0644).",
			0600, false },
		{ "Error: Password file read access must be restricted: "
		  "/conf/jmxremote.password",
			0600, false },
		{ "slurmdbd.conf file /etc/slurm/slurmdbd.conf should be 0600 is 0644 accessible "
		  "for group or others",
			0600, false },
		{ "gpg: WARNING: unsafe permissions on homedir '/home/app/.gnupg'", 0700, true },
		{ "Error: File /mosquitto/passwd has world readable permissions.", 0600, false },
		{ "error: /etc/app.conf: group or other writable", 0644, false },
		{ "/etc/app.conf is group/world-writeable", 0644, false },
		{ "key file permissions too open: /keys/tls.key", 0600, false },
		{ "The control file '/etc/monitrc' permission 0644 is wrong, maximum 0700 allowed",
			0600, false },
		{ "config file /etc/app.conf must have mode 0600", 0600, false },
		{ "Error: bad permissions 644 on /keys/id", 0600, false },
		{ "credentials: permissions should be 0600, but are 0640: /keys/id", 0600, false },
		{ "/keys/id: permissions 0444 not allowed, chmod 400 it", 0600, false },
		{ "DETAIL: Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).", 0700, true },
		{ "mode of directory /data is 0755, expected 0700", 0700, true },
		/* it wants more rights, or speaks of the future, or of something else */
		{ "/data is not writable by group app", 0, false },
		{ "/data must be writable by other members of the group", 0, false },
		{ "make /run/app.sock to be accessible by group www-data", 0, false },
		{ "Warning: File /passwd has world readable permissions. Future versions will "
		  "refuse to load this file.",
			0, false },
		{ "directory /data must have mode 0755", 0, false },
		{ "permissions of /data are 0700, should be 0755", 0, false },
		{ "invalid mode 600 of the codec", 0, false },
		{ "permission denied: listen on port 443", 0, false },
		{ "HTTP 403: permission denied, role must be 100", 0, false },
		{ "HTTP 403: bad permission", 0, false },
		{ "in cluster mode the timeout must be 600", 0, false },
		{ "mkdir: invalid mode '0788'", 0, false },
		{ "chmod 0600 /data/key: Operation not permitted", 0, false },
		{ "permission check failed for uid 1000, bad token", 0, false },
		{ "too many open files", 0, false },
		{ "the gate is too open", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *at;
		const struct mode_demand *demand = mode_demand_in_line(rows[i].line, &at);
		if (!demand != !rows[i].mode)
			fail_msg("%s", rows[i].line);
		if (!demand)
			continue;
		assert_int_equal(demand->mode, rows[i].mode);
		assert_int_equal(demand->directory, rows[i].directory);
		assert_true(at >= rows[i].line && *at);
	}
}

static struct builder program_that_outputs(const char *output)
{
	struct builder t = builder_new();

	builder_mount(&t, "/keys", MOUNT_SECRET, "keys", true);
	builder_mount(&t, "/logs", MOUNT_EMPTYDIR, "logs", false);
	builder_exec(&t, 1, "server");
	builder_output(&t, 1, output);
	builder_end(&t, 1, exited(1));
	return t;
}

/* Not the configuration that names it, nor the kubelet's directory of this write, but the file itself. */
static void the_file_is_the_one_that_is_meant(void **state)
{
	static const struct {
		const char *output, *path;
	} cases[] = {
		{ "server: /etc/server.conf: /keys/..2026_11_20_00_00_00.1/a.pem can be read or "
		  "written by other users\n",
			"/keys/a.pem" },
		{ "error: skipping \"/logs/app.log\" because parent directory has insecure "
		  "permissions (It's world writable)\n",
			"/logs" },
		{ "[notice] Read configuration file \"/etc/tor/torrc\".\n[warn] Permissions on "
		  "directory /logs/hs are too permissive.\n[warn] Failed to parse/validate "
		  "config: See logs for details.\n[err] Reading config failed--see warnings "
		  "above.\n",
			"/logs/hs" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct builder t = program_that_outputs(cases[i].output);
		builder_expect(&t, "insecure_file_mode", cases[i].path, cases[i].path);
	}
}

/* A warning that the program went on after is none of its last words' business. */
static void a_warning_is_not_the_reason(void **state)
{
	struct builder t = program_that_outputs(
		"[warn] /etc/server.conf is world readable\n[err] database \"shop\" does not "
		"exist\n");

	(void)state;
	builder_expect(&t, "bad_configuration", NULL, "shop");
}

/* The kubelet lets the group of an fsGroup read them, whatever defaultMode says. */
static void an_fs_group_undoes_the_mode_of_keys(void **state)
{
	(void)state;
	for (int group = 0; group < 2; group++) {
		struct builder t = builder_new();
		builder_mount(&t, "/keys", MOUNT_SECRET, "ssh", true);
		t.c->n_groups = (size_t)group;
		t.c->groups = calloc(1, sizeof(*t.c->groups));
		builder_exec(&t, 1, "ssh host");
		builder_output(&t, 1, "Permissions 0644 for '/keys/id' are too open.\n");
		builder_end(&t, 1, exited(255));
		struct diagnosis *d = builder_diagnose(&t);
		assert_string_equal(d->root_cause, "insecure_file_mode");
		assert_int_equal(strstr(d->recommendations[0].text, "fsGroup") != NULL, group);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* Nobody takes the right to write from /tmp: what its volume lacks is the sticky bit. */
static void a_directory_for_all_gets_the_sticky_bit(void **state)
{
	struct builder t = program_that_outputs("system temporary path is world-writable: /tmp\n");

	(void)state;
	builder_expect(&t, "insecure_file_mode", "/tmp", "chmod 1777 /tmp");
	t = program_that_outputs("error: /tmp/app.conf is world writable\n");
	builder_expect(&t, "insecure_file_mode", "/tmp/app.conf", "/tmp/app.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaints_of_many_programs_are_read),
		cmocka_unit_test(the_file_is_the_one_that_is_meant),
		cmocka_unit_test(a_warning_is_not_the_reason),
		cmocka_unit_test(an_fs_group_undoes_the_mode_of_keys),
		cmocka_unit_test(a_directory_for_all_gets_the_sticky_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
