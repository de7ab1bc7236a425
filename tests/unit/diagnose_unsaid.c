// SPDX-License-Identifier: MIT
/* What is not said outright: by look-ups, statuses and arguments, and by words that point to others. */
#include "story_builder.h"

static struct builder shell(const char *path)
{
	struct builder t = builder_new();

	container_set(&t.c->path_env, path);
	builder_exec(&t, 1, "sh -c script");
	return t;
}

static void shell_ends_for_a_command_that_is_nowhere(void **state)
{
	struct builder t = shell("/usr/bin:/bin");

	(void)state;
	builder_fail(&t, 1, "stat", ENOENT, "/usr/bin/yq");
	builder_fail(&t, 1, "stat", ENOENT, "/bin/yq");
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "command_not_found", NULL, "yq");
}

/* bash looks first, and its child says so and ends. */
static void childs_status_counts_for_the_search(void **state)
{
	struct builder t = shell("/usr/bin:/bin");

	(void)state;
	builder_fail(&t, 1, "stat", ENOENT, "/usr/bin/yq");
	builder_fail(&t, 1, "stat", ENOENT, "/bin/yq");
	builder_fork(&t, 1, 2);
	builder_end(&t, 2, exited(127));
	builder_end(&t, 1, exited(3));
	builder_expect(&t, "command_not_found", NULL, "yq");
}

static void other_status_is_no_missing_command(void **state)
{
	struct builder t = shell("/usr/bin:/bin");

	(void)state;
	builder_fail(&t, 1, "stat", ENOENT, "/usr/bin/optional");
	builder_fail(&t, 1, "stat", ENOENT, "/bin/optional");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void program_that_looks_for_itself_misses_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	container_set(&t.c->path_env, "/usr/local/bin:/usr/bin");
	builder_exec(&t, 1, "postgres -D /data");
	builder_fail(&t, 1, "stat", ENOENT, "/usr/local/bin/postgres");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

/* The directory has the program's name, and is none of PATH. */
static void directory_of_the_programs_name_is_missed(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sshd -D");
	builder_fail(&t, 1, "stat", ENOENT, "/run/sshd");
	builder_end(&t, 1, exited(255));
	builder_expect(&t, "missing_file", "/run/sshd", NULL);
}

static void loader_asks_for_directories_of_libraries(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/opt/x/lib/tls/libdlt.so.2");
	builder_fail(&t, 1, "stat", ENOENT, "/opt/x/lib/tls");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void node_looked_where_it_looks_last(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "node index.js");
	builder_fail(&t, 1, "statx", ENOENT, "/app/node_modules");
	builder_fail(&t, 1, "statx", ENOENT, "/root/.node_modules");
	builder_fail(&t, 1, "statx", ENOENT, "/root/.node_libraries");
	builder_fail(&t, 1, "statx", ENOENT, "/usr/lib/node");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_module", NULL, "by hand");
}

static void rubys_own_prelude_is_no_missing_module(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "ruby app.rb");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/ruby/vendor_ruby/3.1.0/did_you_mean.rb");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/local/lib/site_ruby/did_you_mean.rb");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/ruby/vendor_ruby/did_you_mean.rb");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

/* npm ends with its error's number: 254 is ENOENT, and not the name server that it asked for news of itself. */
static void status_names_the_error(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "npm start");
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.96.0.10", 53);
	builder_fail(&t, 1, "openat", ENOENT, "/srv/app/package.json");
	builder_end(&t, 1, exited(254));
	builder_expect(&t, "missing_file", "/srv/app/package.json", NULL);
}

static void tool_ends_with_its_status_for_a_refusal(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->described = true;
	builder_exec(&t, 1, "ip route add default via 10.0.0.1");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "capability_missing", NULL, "NET_ADMIN");
	t = builder_new();
	t.c->described = true;
	builder_exec(&t, 1, "ip rout add default");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void status_for_settings_is_a_guess(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "php-fpm8.2 -F");
	builder_end(&t, 1, exited(78));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "bad_configuration");
	assert_true(d->confidence < 0.7);
	diagnosis_free(d);
	builder_free(&t);
}

/* A limit that could not be raised is gone on with: what its words say counts. */
static void limit_that_is_gone_on_with_is_not_the_cause(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "systemctl start nginx");
	builder_fail_call(&t, 1, "prlimit64", EPERM);
	builder_output(&t, 1, "System has not been booted with systemd as init system (PID 1).\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", NULL, "foreground");
}

static void variable_that_no_shell_read_is_told(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "gunicorn --bind 0.0.0.0:$PORT app:app");
	builder_output(&t, 1, "Error: '$PORT' is not a valid port number.\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", NULL, "$(PORT)");
}

/* Its last words point back at a warning, whose path stands right before the words. */
static void warning_that_the_last_words_point_to_counts(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "tor -f /etc/tor/pod.conf");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/tor/torrc-defaults");
	builder_output(&t, 1,
		"[warn] Permissions on directory /var/lib/tor/hs are too permissive.\n"
		"[err] Reading config failed--see warnings above.\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "insecure_file_mode", "/var/lib/tor/hs", "0700");
	t = builder_new();
	builder_exec(&t, 1, "opendkim -f");
	builder_output(&t, 1,
		"opendkim: /etc/opendkim.pod: /keys/mail.private can be read or written "
		"by other users\n");
	builder_end(&t, 1, exited(78));
	builder_expect(&t, "insecure_file_mode", "/keys/mail.private", NULL);
}

/* Its message begins with its name, as the look-ups of it in other directories do. */
static void program_that_was_found_and_ran_is_not_missing(void **state)
{
	struct builder t = shell("/usr/sbin:/usr/bin");

	(void)state;
	builder_fork(&t, 1, 2);
	builder_fail(&t, 2, "newfstatat", ENOENT, "/usr/sbin/mktemp");
	builder_exec(&t, 2, "mktemp -d");
	builder_fail(&t, 2, "mkdir", ENOENT, "/scratch/tmp.416L56mlgP");
	builder_output(&t, 2,
		"mktemp: failed to create directory via template '/scratch/tmp.XXXXXXXXXX': No "
		"such "
		"file or directory\n");
	builder_end(&t, 2, exited(1));
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/scratch/tmp.416L56mlgP", NULL);
}

static void directory_that_is_asked_for_next_is_what_is_missing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "unicorn -c unicorn.rb");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/app/shared/log/unicorn.err");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/app/shared/log");
	builder_output(&t, 1,
		"directory for stderr_path=/app/shared/log/unicorn.err not writable "
		"(ArgumentError)\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/app/shared/log", NULL);
}

static void socket_with_too_long_a_path_is_not_missing(void **state)
{
	static const char path[] =
		"/var/run/secrets/workload-identity/applications/storefront-feature-branch-preview/"
		"instances/default/run/server.sock";
	struct builder t = builder_new();
	char line[256];

	(void)state;
	snprintf(line, sizeof(line), "[ERROR] Can't connect to %s\n", path);
	builder_exec(&t, 1, "gunicorn app");
	builder_fail(&t, 1, "newfstatat", ENOENT, path);
	builder_output(&t, 1, line);
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", path, "too long");
}

/* What it ends with is 0 all the same, again and again. */
static void refusal_that_a_server_complains_of_is_behind_its_0(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.input.restarts_same_cause = 2;
	builder_exec(&t, 1, "pure-ftpd -S 21");
	builder_fail_net(&t, 1, "bind", EACCES, "0.0.0.0", 21);
	builder_output(&t, 1, "Unable to start a standalone server: Permission denied\n");
	builder_end(&t, 1, exited(0));
	builder_expect(&t, "port_privileged", NULL, "21");
}

static void workers_last_words_are_behind_the_0_of_the_first_process(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.input.restarts_same_cause = 2;
	builder_exec(&t, 1, "patroni /etc/patroni.yml");
	builder_fork(&t, 1, 2);
	builder_output(&t, 2, "FatalException: 'Can not find suitable configuration'\n");
	builder_end(&t, 2, exited(1));
	builder_end(&t, 1, exited(0));
	builder_expect(&t, "application_error", NULL, "suitable configuration");
}

/* ZooKeeper logs nowhere why: all that it says is that something was wrong above. */
static void line_that_only_sums_up_leaves_open_why(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "java QuorumPeerMain");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/data/myid");
	builder_output(&t, 1, "Invalid config, exiting abnormally\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "missing_file", "/data/myid", NULL);
}

static void name_of_an_interface_is_no_hosts(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "danted -f /etc/danted.conf");
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.0.0.10", 53);
	builder_output(&t, 1,
		"error: /etc/danted.conf: problem on line 3 near token \"net1\": could not resolve "
		"hostname \"net1\": Temporary failure in name resolution\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", NULL, "net1");
}

/* A daemon that lets go of its terminal first, and is then refused its port. */
static void a_port_that_was_refused_is_no_good_end(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "pure-ftpd -S 21");
	builder_fail_net(&t, 1, "bind", EACCES, "0.0.0.0", 21);
	builder_end(&t, 1, exited(0));
	t.input.restarts_same_cause = 3;
	builder_expect(&t, "port_privileged", NULL, "21");
}

/* export PORT=$(cat /etc/port 2>/dev/null); exec server */
static void an_empty_text_comes_from_what_was_not_read(void **state)
{
	(void)state;
	for (int status = 0; status < 2; status++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "sh /start.sh");
		builder_run(&t, 1, 2, "cat /etc/port");
		builder_fail(&t, 2, "openat", ENOENT, "/etc/port");
		builder_end(&t, 2, exited(status));
		builder_exec(&t, 1, "server");
		builder_output(&t, 1, "server: invalid port \"\"\n");
		builder_end(&t, 1, exited(1));
		builder_expect(&t, status ? "missing_file" : "application_error",
			status ? "/etc/port" : NULL, "invalid port");
	}
}

static void servers_refuse_their_settings_by_status(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "haproxy -f /etc/haproxy.cfg");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", NULL, "haproxy -c");
	/* What the kernel refused says more. */
	t = builder_new();
	builder_exec(&t, 1, "haproxy -f /etc/haproxy.cfg");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/haproxy.cfg");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/etc/haproxy.cfg", NULL);
	/* One that served had them. */
	t = builder_new();
	builder_exec(&t, 1, "haproxy -f /etc/haproxy.cfg");
	builder_listen(&t, 1, "0.0.0.0", 80);
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_that_was_refused_is_no_good_end),
		cmocka_unit_test(an_empty_text_comes_from_what_was_not_read),
		cmocka_unit_test(servers_refuse_their_settings_by_status),
		cmocka_unit_test(shell_ends_for_a_command_that_is_nowhere),
		cmocka_unit_test(childs_status_counts_for_the_search),
		cmocka_unit_test(other_status_is_no_missing_command),
		cmocka_unit_test(program_that_looks_for_itself_misses_nothing),
		cmocka_unit_test(directory_of_the_programs_name_is_missed),
		cmocka_unit_test(loader_asks_for_directories_of_libraries),
		cmocka_unit_test(node_looked_where_it_looks_last),
		cmocka_unit_test(rubys_own_prelude_is_no_missing_module),
		cmocka_unit_test(status_names_the_error),
		cmocka_unit_test(tool_ends_with_its_status_for_a_refusal),
		cmocka_unit_test(status_for_settings_is_a_guess),
		cmocka_unit_test(limit_that_is_gone_on_with_is_not_the_cause),
		cmocka_unit_test(variable_that_no_shell_read_is_told),
		cmocka_unit_test(warning_that_the_last_words_point_to_counts),
		cmocka_unit_test(program_that_was_found_and_ran_is_not_missing),
		cmocka_unit_test(directory_that_is_asked_for_next_is_what_is_missing),
		cmocka_unit_test(socket_with_too_long_a_path_is_not_missing),
		cmocka_unit_test(refusal_that_a_server_complains_of_is_behind_its_0),
		cmocka_unit_test(workers_last_words_are_behind_the_0_of_the_first_process),
		cmocka_unit_test(line_that_only_sums_up_leaves_open_why),
		cmocka_unit_test(name_of_an_interface_is_no_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
