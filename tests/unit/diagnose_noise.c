// SPDX-License-Identifier: MIT
/* What is noise, and what only looks so: places by whole components, programs by whole names. */
#include <sys/socket.h>

#include "diagnose/context.h"
#include "diagnose/path_pattern.h"
#include "story_builder.h"

static bool harmless(const char *path)
{
	struct event e = { .kind = EVENT_FILE_ERROR,
		.syscall = "openat",
		.error = ENOENT,
		.path = path,
		.requested = path,
		.flags = "O_RDONLY",
		.address = "",
		.path2 = "",
		.executable = "" };

	return diagnose_harmless(&e);
}

static void places_of_a_runtime_are_noise(void **state)
{
	static const char *const places[] = { "/usr/lib/python3.11/site-packages/x.py",
		"/usr/local/lib/python3.12/os.py", "/usr/lib/locale/C.UTF-8/LC_CTYPE",
		"/usr/share/locale/de/LC_MESSAGES/x.mo", "/etc/ld.so.cache", "/root/.npmrc",
		"/usr/share/zoneinfo/UTC", "/app/node_modules/x/index.js", "/proc/kcore",
		"/tmp/hsperfdata_root/1", "/usr/lib/x86_64-linux-gnu/perl5/5.36/x.pm" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!harmless(places[i]))
			fail_msg("%s", places[i]);
}

static void places_that_are_called_so_are_none(void **state)
{
	static const char *const places[] = { "/app/locale/en.toml", "/data/python3/x",
		"/data/python3", "/srv/systemd-notes/a", "/app/mylib/python.conf",
		"/app/encodings/x.map", "/config/gem/a.yaml", "/app/processor/sys.conf",
		"/srv/procedures/a", "/opt/sys/x", "/app/perl/a.conf", "/app/cgroup/rules",
		"/app/specifications/api.json", "/config/" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (harmless(places[i]))
			fail_msg("%s", places[i]);
}

/* Whole components, one star in each, the root only where the pattern says so, "$" at the end. */
static void patterns_match_whole_components(void **state)
{
	static const struct {
		const char *path;
		struct path_pattern pattern;
		bool matches;
	} rows[] = {
		{ "/a/lib/b", PATH_PATTERN("lib"), true },
		{ "/lib", PATH_PATTERN("lib"), true },
		{ "/libs/b", PATH_PATTERN("lib"), false },
		{ "/li", PATH_PATTERN("lib"), false },
		{ "lib/b", PATH_PATTERN("lib"), false },
		{ "/a//lib", PATH_PATTERN("lib"), true },
		{ "//", PATH_PATTERN("lib"), false },
		{ "/a/etc/profile", PATH_PATTERN("/etc/profile"), false },
		{ "/etc/profile/x", PATH_PATTERN("/etc/profile"), true },
		{ "/etc//profile", PATH_PATTERN("/etc/profile"), false },
		{ "/x/.profile", PATH_PATTERN(".profile$"), true },
		{ "/x/.profile/", PATH_PATTERN(".profile$"), true },
		{ "/x/.profile/y", PATH_PATTERN(".profile$"), false },
		{ "/.profile/.profile", PATH_PATTERN(".profile$"), true },
		{ "/proc/12/oom_adj", PATH_PATTERN("/proc/*/oom_adj$"), true },
		{ "/proc/oom_adj", PATH_PATTERN("/proc/*/oom_adj$"), false },
		{ "/proc//oom_adj", PATH_PATTERN("/proc/*/oom_adj$"), false },
		{ "/x/a.pth", PATH_PATTERN("*.pth$"), true },
		{ "/x/.pth", PATH_PATTERN("*.pth$"), true },
		{ "/x/a.pth.b", PATH_PATTERN("*.pth$"), false },
		{ "/php8.ini", PATH_PATTERN("php*.ini$"), true },
		{ "/php.in", PATH_PATTERN("php*.ini$"), false },
		{ "/lib/x/perl5", PATH_PATTERN("lib/*/perl*"), true },
		{ "/lib/perl5", PATH_PATTERN("lib/*/perl*"), false },
		{ "/a*b", PATH_PATTERN("a*"), true },
		{ "", PATH_PATTERN("*"), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pattern_path of = pattern_path_of(rows[i].path);
		if (pattern_matches(&rows[i].pattern, &of) != rows[i].matches)
			fail_msg("%s on %s", rows[i].pattern.text, rows[i].path);
	}
}

static bool has_role(const char *name, unsigned roles)
{
	const struct event exec = {
		.comm = name, .executable = name, .interpreter = "", .kind = EVENT_EXEC
	};

	return program_is(&exec, roles);
}

static void programs_go_by_their_whole_name(void **state)
{
	(void)state;
	assert_true(has_role("env", ROLE_LAUNCHER) && !has_role("envoy", ROLE_LAUNCHER));
	assert_true(has_role("su", ROLE_LAUNCHER) && !has_role("superset", ROLE_LAUNCHER));
	assert_true(has_role("make", ROLE_LAUNCHER) && !has_role("makeblastdb", ROLE_LAUNCHER));
	assert_true(has_role("python3.11", ROLE_PYTHON) && !has_role("pythonia", ROLE_PYTHON));
	assert_true(has_role("php-fpm8.2", ROLE_PHP) && has_role("node-18", ROLE_NODE));
	assert_false(has_role("node_exporter", ROLE_NODE) || has_role("", ~0u));
}

/* A file on the command line is wanted, wherever it lies. */
static void what_was_asked_for_is_no_look_up(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "cat /usr/lib/python3/settings.py");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/python3/settings.py");
	builder_output(&t, 1, "cat: /usr/lib/python3/settings.py: No such file or directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/usr/lib/python3/settings.py", NULL);
}

static void fail_socket(struct builder *t, const char *call, int error)
{
	builder_add(t, (struct event){ .kind = EVENT_NETWORK_ERROR,
			       .pid = 1,
			       .syscall = call,
			       .family = AF_UNIX,
			       .address = "/run/php/fpm.sock",
			       .error = error });
}

/* php-fpm connects first, to see whether another one has the socket. */
static void socket_that_is_to_be_made_is_no_service(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "php-fpm8.2 -F");
	fail_socket(&t, "connect", ENOENT);
	fail_socket(&t, "bind", ENOENT);
	builder_output(&t, 1,
		"ERROR: unable to bind listening socket for address '/run/php/fpm.sock': No such "
		"file or directory (2)\n");
	builder_end(&t, 1, exited(78));
	builder_expect(&t, "missing_file", "/run/php/fpm.sock", NULL);
}

static void name_server_that_cannot_listen_is_no_dns_failure(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "dnsmasq -k");
	builder_add(&t, (struct event){ .kind = EVENT_NETWORK_ERROR,
				.pid = 1,
				.syscall = "bind",
				.family = AF_INET,
				.sock_type = SOCK_DGRAM,
				.address = "0.0.0.0",
				.port = 53,
				.error = EADDRINUSE });
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "port_in_use", NULL, "53");
}

static void abort_after_a_refusal_is_the_refusal(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "mongod");
	builder_fail(&t, 1, "unlink", EPERM, "/tmp/mongodb.sock");
	builder_output(&t, 1, "Failed to unlink socket file: Operation not permitted\n");
	builder_end(&t, 1, killed(6));
	builder_expect(&t, "permission_denied", "/tmp/mongodb.sock", NULL);
}

static void abort_by_itself_is_a_crash(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_output(&t, 1, "server: main.c:9: run: Assertion `n > 0' failed.\n");
	builder_end(&t, 1, killed(6));
	builder_expect(&t, "crashed", NULL, NULL);
}

/* Python of a plain user may not cache what it compiled: that is not what it gave up over. */
static void refused_caches_take_no_line_of_a_refusal(void **state)
{
	static const char *const lines[] = {
		"PermissionError: [Errno 13] Permission denied: '/app/out.txt'\n",
		"PermissionError: [Errno 13] Permission denied: 'out.txt'\n",
		"OSError: [Errno 13] Permission denied\n",
		"cannot write below /app: Permission denied\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "python3 /app/main.py");
		builder_fail_flags(&t, 1, "mkdir", "", EACCES, "/app/__pycache__");
		builder_fail_flags(&t, 1, "mkdir", "", EACCES, "/app/lib/__pycache__");
		builder_fail_flags(&t, 1, "openat", "O_WRONLY|O_CREAT", EACCES, "/app/out.txt");
		builder_output(&t, 1, lines[i]);
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "permission_denied", "/app/out.txt", NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_a_runtime_are_noise),
		cmocka_unit_test(places_that_are_called_so_are_none),
		cmocka_unit_test(patterns_match_whole_components),
		cmocka_unit_test(programs_go_by_their_whole_name),
		cmocka_unit_test(what_was_asked_for_is_no_look_up),
		cmocka_unit_test(socket_that_is_to_be_made_is_no_service),
		cmocka_unit_test(name_server_that_cannot_listen_is_no_dns_failure),
		cmocka_unit_test(abort_after_a_refusal_is_the_refusal),
		cmocka_unit_test(abort_by_itself_is_a_crash),
		cmocka_unit_test(refused_caches_take_no_line_of_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
