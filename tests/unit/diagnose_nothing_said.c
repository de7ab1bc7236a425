// SPDX-License-Identifier: MIT
/* Nobody read the output: what look-ups, statuses and refused calls tell alone, and what they do not. */
#include "story_builder.h"

static struct builder starts(const char *command)
{
	struct builder t = builder_new();

	container_set(&t.c->path_env, "/usr/bin:/bin");
	builder_exec(&t, 1, command);
	return t;
}

static void rubygems_asks_all_gems_for_a_name_that_is_nowhere(void **state)
{
	struct builder t = starts("ruby /app/main.rb");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/ruby/puma.rb");
	for (int i = 0; i < 3; i++) {
		char path[64];
		snprintf(path, sizeof(path), "/var/lib/gems/a%d/lib/puma.rb", i);
		builder_fail(&t, 1, "newfstatat", ENOENT, path);
		snprintf(path, sizeof(path), "/var/lib/gems/a%d/lib/puma.so", i);
		builder_fail(&t, 1, "newfstatat", ENOENT, path);
	}
	builder_fail_flags(
		&t, 1, "openat", "O_RDONLY|O_DIRECTORY", ENOENT, "/usr/local/lib/site_ruby");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_module", NULL, "`puma`");
}

/* Ruby itself opened etc.so in the last directory: it was not missed. */
static void extension_that_ruby_found_is_not_missing(void **state)
{
	struct builder t = starts("ruby /app/main.rb");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/usr/local/lib/site_ruby/tmpdir.rb");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/ruby/vendor_ruby/tmpdir.rb");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/local/lib/site_ruby/etc.so");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/ruby/vendor_ruby/etc.so");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void plugin_that_is_opened_last_is_missing(void **state)
{
	struct builder t = starts("server");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/server/libmysqlbackend.so");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_library", NULL, "libmysqlbackend.so");
}

/* The loader looks in the directory of the program's own libraries first, and finds it elsewhere. */
static void version_that_the_loader_looks_for_is_no_plugin(void **state)
{
	struct builder t = starts("server");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/server/libm.so.6");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void loader_gives_up_after_asking_for_directories(void **state)
{
	struct builder t = starts("server");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/tls/libpq.so.5");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/lib/tls");
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "missing_library", NULL, "libpq.so.5");
}

static void source_of_names_need_not_be_there(void **state)
{
	struct builder t = starts("server");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/lib/libnss_db.so.2");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/libnss_db.so.2");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/local/lib/libnss_db.so.2");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void shell_that_redirects_into_a_setting_means_it(void **state)
{
	struct builder t = starts("sh -c script");

	(void)state;
	builder_fail_create(&t, 1, EROFS, "/proc/sys/vm/max_map_count");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "read_only_filesystem", "/proc/sys/vm/max_map_count", NULL);
}

static void program_does_without_its_score(void **state)
{
	struct builder t = starts("server");

	(void)state;
	builder_fail_create(&t, 1, EACCES, "/proc/self/oom_score_adj");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "application_error", NULL, NULL);
}

/* perl -i is refused, says nothing that is read, and ends with 0; who looks for the change then fails. */
/* A server's runtime sizes itself by such files, and does without; a script reads them only where it wants them. */
static void script_that_reads_what_describes_the_machine_means_it(void **state)
{
	static const char file[] = "/sys/fs/cgroup/memory/memory.limit_in_bytes";

	(void)state;
	for (int script = 0; script < 2; script++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, script ? "python3 sizer.py" : "/srv/server");
		builder_fail(&t, 1, "openat", ENOENT, file);
		builder_output(&t, 1, "no room for even one slot\n");
		builder_end(&t, 1, exited(1));
		builder_expect(&t, script ? "missing_file" : "application_error",
			script ? file : NULL, script ? "cgroup v2" : "slot");
	}
}

static void edit_that_was_refused_needs_no_words(void **state)
{
	struct builder t = starts("sh -c script");

	(void)state;
	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "settings", true);
	builder_run(&t, 1, 2, "perl -pi -e s/80/9090/ /etc/app/server.conf");
	builder_fail_create(&t, 2, EROFS, "/etc/app/XX3CUQMX");
	builder_end(&t, 2, exited(0));
	builder_run(&t, 1, 3, "grep -q 9090 /etc/app/server.conf");
	builder_end(&t, 3, exited(1));
	builder_end(&t, 1, exited(5));
	builder_expect(&t, "read_only_filesystem", NULL, "/etc/app");
}

/* npm is a script: node runs it, and its status is the error's number. */
static void status_of_a_script_names_the_error(void **state)
{
	struct builder t = starts("node /usr/bin/npm start");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/srv/app/package.json");
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.0.0.10", 53);
	builder_end(&t, 1, exited(254));
	builder_expect(&t, "missing_file", "/srv/app/package.json", NULL);
}

static void name_server_before_a_refused_limit_was_got_over(void **state)
{
	struct builder t = starts("haproxy -W");

	(void)state;
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.0.0.10", 53);
	builder_fail_call(&t, 1, "prlimit64", EPERM);
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "capability_missing", NULL, "SYS_RESOURCE");
}

static void limit_that_a_program_always_asks_for_says_nothing(void **state)
{
	struct builder t = starts("systemctl start nginx");

	(void)state;
	builder_fail_call(&t, 1, "prlimit64", EPERM);
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void java_looks_for_itself_where_it_was_started(void **state)
{
	struct builder t = starts("java /app/Main.java");

	(void)state;
	builder_fail(&t, 1, "access", ENOENT, "/bin/java");
	builder_fail(
		&t, 1, "newfstatat", ENOENT, "/com/sun/tools/javac/resources/javac_en.properties");
	builder_end(&t, 1, exited(7));
	builder_expect(&t, "application_error", NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rubygems_asks_all_gems_for_a_name_that_is_nowhere),
		cmocka_unit_test(extension_that_ruby_found_is_not_missing),
		cmocka_unit_test(plugin_that_is_opened_last_is_missing),
		cmocka_unit_test(version_that_the_loader_looks_for_is_no_plugin),
		cmocka_unit_test(loader_gives_up_after_asking_for_directories),
		cmocka_unit_test(source_of_names_need_not_be_there),
		cmocka_unit_test(shell_that_redirects_into_a_setting_means_it),
		cmocka_unit_test(program_does_without_its_score),
		cmocka_unit_test(script_that_reads_what_describes_the_machine_means_it),
		cmocka_unit_test(edit_that_was_refused_needs_no_words),
		cmocka_unit_test(status_of_a_script_names_the_error),
		cmocka_unit_test(name_server_before_a_refused_limit_was_got_over),
		cmocka_unit_test(limit_that_a_program_always_asks_for_says_nothing),
		cmocka_unit_test(java_looks_for_itself_where_it_was_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
