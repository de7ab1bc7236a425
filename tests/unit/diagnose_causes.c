// SPDX-License-Identifier: MIT
/* From what failed to what it came from: whose end counts, what led to what, which words accuse. */
#include <signal.h>

#include "story_builder.h"

static struct builder entrypoint(void)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "sh -c script");
	return t;
}

/* node's mkdirSync(recursive) asks for the leaf first, and reports that one's error. */
static void directory_that_could_not_be_made_is_the_cause(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->root.read_only = true;
	builder_exec(&t, 1, "node server.js");
	builder_fail(&t, 1, "mkdir", ENOENT, "/app-data/uploads");
	builder_fail(&t, 1, "mkdir", EROFS, "/app-data");
	builder_output(
		&t, 1, "Error: ENOENT: no such file or directory, mkdir '/app-data/uploads'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_filesystem", "/app-data", "read-only");
}

/* `cd DIR; exec python3 main.py`: python asks for the whole path. */
static void directory_that_cd_did_not_get_into_is_the_cause(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_fail(&t, 1, "chdir", ENOENT, "/srv/shop");
	builder_exec(&t, 1, "python3 main.py");
	builder_fail(&t, 1, "openat", ENOENT, "/main.py");
	builder_output(&t, 1,
		"python3: can't open file '/main.py': [Errno 2] No such file or directory\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "missing_file", "/srv/shop", "/main.py");
}

static void file_that_a_script_did_without_explains_vague_words(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/etc/shop/env.sh");
	builder_exec(&t, 1, "python3 /app/shop.py");
	builder_output(&t, 1, "unsupported driver ''\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/etc/shop/env.sh", NULL);
}

static void file_that_a_script_did_without_is_not_what_words_name(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/etc/shop/env.sh");
	builder_exec(&t, 1, "python3 /app/shop.py");
	builder_output(&t, 1, "ValueError: port 99999 is out of range\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "99999");
}

/* `jq ... >FILE 2>/dev/null; exec node`: what it was to write is empty. */
static void step_that_failed_before_is_told_where_a_file_is_empty(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_run(&t, 1, 2, "jq .port=1 /etc/base.json");
	builder_end(&t, 2, exited(2));
	builder_exec(&t, 1, "node /app/main.js");
	builder_output(&t, 1, "config: Unexpected end of JSON input\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", NULL, "/etc/base.json");
}

/* popen(3): the program that was to read ended first. */
static void reader_that_failed_is_why_its_writer_got_sigpipe(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_run(&t, 1, 2, "perl /app/server.pl");
	builder_run(&t, 2, 3, "sh /app/ship.sh");
	builder_fail(&t, 3, "faccessat2", ENOENT, "/etc/ship.conf");
	builder_end(&t, 3, exited(6));
	builder_signal(&t, 2, SIGPIPE, false);
	builder_end(&t, 2, killed(SIGPIPE));
	builder_end(&t, 1, exited(141));
	builder_expect(&t, "missing_file", "/etc/ship.conf", NULL);
}

static void refused_chown_is_the_cause(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	t.c->described = true;
	builder_run(&t, 1, 2, "chown -R 1000:1000 /data");
	builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
				.pid = 2,
				.syscall = "fchownat",
				.error = EPERM,
				.path = "/data" });
	builder_end(&t, 2, exited(1));
	builder_exec(&t, 1, "server");
	builder_fail_create(&t, 1, EACCES, "/data/state");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "capability_missing", "/data", "CHOWN");
}

/* Python lists the directory and finds nothing to open: no call of its own fails. */
static void copy_that_an_import_misses_is_the_cause(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_mount(&t, "/app", MOUNT_EMPTYDIR, "app", false);
	builder_run(&t, 1, 2, "cp /src/settings.py /app/settings.py");
	builder_fail_create(&t, 2, EACCES, "/app/settings.py");
	builder_end(&t, 2, exited(1));
	builder_exec(&t, 1, "python3 /app/main.py");
	builder_output(&t, 1, "ModuleNotFoundError: No module named 'settings'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_copy", "/app/settings.py", NULL);
}

static void program_that_tar_needs_is_the_cause(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_run(&t, 1, 2, "tar -xJf /bundle/app.tar.xz -C /app");
	builder_fork(&t, 2, 3);
	builder_fail_exec(&t, 3, ENOENT, "/usr/bin/xz");
	builder_output(&t, 3, "tar (child): xz: Cannot exec: No such file or directory\n");
	builder_end(&t, 3, exited(2));
	builder_output(&t, 2, "tar: Error is not recoverable: exiting now\n");
	builder_end(&t, 2, exited(2));
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "command_not_found", NULL, "xz");
}

static void refused_chown_elsewhere_is_none(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_run(&t, 1, 2, "chown -R 1000:1000 /cache");
	builder_fail(&t, 2, "fchownat", EPERM, "/cache");
	builder_end(&t, 2, exited(1));
	builder_exec(&t, 1, "server");
	builder_fail_create(&t, 1, EACCES, "/data/state");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "permission_denied", "/data/state", NULL);
}

/* PORT=$(yq-go ...): the substitution came out empty, and the program dies of an empty argument. */
static void command_missing_in_a_substitution_is_the_cause(void **state)
{
	const char *const args[] = { "server", "--port", "" };
	struct builder t = entrypoint();

	(void)state;
	builder_fork(&t, 1, 2);
	builder_output(&t, 2, "sh: 1: yq-go: not found\n");
	builder_end(&t, 2, exited(127));
	builder_add(&t, (struct event){ .kind = EVENT_EXEC,
				.pid = 1,
				.comm = "server",
				.executable = "/usr/bin/server",
				.args = args,
				.argc = 3 });
	builder_output(&t, 1, "server: error: argument --port: invalid value: ''\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "command_not_found", NULL, "yq-go");
}

static void temporary_directories_that_refuse_are_the_cause(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	builder_fail_create(&t, 1, EROFS, "/tmp/p_96x");
	builder_fail_create(&t, 1, EROFS, "/var/tmp/goj9h");
	builder_fail_create(&t, 1, ENOENT, "/usr/tmp/t4xt5t");
	builder_fail_create(&t, 1, EROFS, "/73_zj1hy");
	builder_output(&t, 1,
		"FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', "
		"'/var/tmp', '/usr/tmp', '/']\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_filesystem", "/tmp/p_96x", NULL);
}

/* One cache was done without; the words name the other. */
static void refused_directory_that_the_words_name_is_the_cause(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	builder_fail(&t, 1, "mkdir", EACCES, "/.config");
	builder_fail(&t, 1, "mkdir", EACCES, "/.cache");
	builder_output(&t, 1, "PermissionError: [Errno 13] Permission denied: '/.cache'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "permission_denied", "/.cache", NULL);
}

/* FileUtils copies, and makes directories. */
static void directory_made_by_fileutils_is_no_copy(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->root.read_only = true;
	builder_exec(&t, 1, "ruby app.rb");
	builder_fail(&t, 1, "mkdir", EROFS, "/srv/spool");
	builder_output(&t, 1,
		"/usr/lib/ruby/3.1.0/fileutils.rb:240:in `mkdir': Read-only file system @ "
		"dir_s_mkdir - /srv/spool (Errno::EROFS)\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_filesystem", "/srv/spool", "read-only");
}

static void directory_copied_by_fileutils_is_a_copy(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->root.read_only = true;
	builder_exec(&t, 1, "ruby app.rb");
	builder_fail_create(&t, 1, EROFS, "/srv/spool/a");
	builder_output(&t, 1,
		"/usr/lib/ruby/3.1.0/fileutils.rb:1415:in `initialize': Read-only file system @ "
		"rb_sysopen - /srv/spool/a (Errno::EROFS)\n"
		"\tfrom /usr/lib/ruby/3.1.0/fileutils.rb:1415:in `copy_file'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_copy", "/srv/spool/a", NULL);
}

/* What the script could not write is the user that the next program does not know. */
static void user_that_could_not_be_made_is_the_cause(void **state)
{
	static const char *const says[] = {
		"error: failed switching to \"app\": unable to find user "
		"app: no matching entries in passwd file\n",
		"gosu: port 80 is taken\n"
	};

	(void)state;
	for (int other = 0; other < 2; other++) {
		struct builder t = entrypoint();
		t.c->root.read_only = true;
		builder_run(&t, 1, 2, "useradd app");
		builder_fail_create(&t, 2, EROFS, "/etc/passwd.lock");
		builder_output(&t, 2, "useradd: cannot lock /etc/passwd; try again later.\n");
		builder_end(&t, 2, exited(1));
		builder_exec(&t, 1, "gosu app server");
		builder_output(&t, 1, says[other]);
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		assert_int_equal(!strcmp(d->root_cause, "read_only_filesystem"), !other);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* The module is there, in a home that is not this user's. */
static void module_in_the_home_of_its_program_is_found_there(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "/home/app/.local/bin/shop info");
	builder_output(&t, 1, "ModuleNotFoundError: No module named 'shop'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_module", NULL, "HOME=/home/app");
}

static void call_with_an_empty_path_is_a_setting(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "loki");
	builder_fail(&t, 1, "mkdirat", ENOENT, "");
	builder_output(&t, 1, "level=error err=\"mkdir : no such file or directory\"\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", NULL, "empty path");
}

/* The socket cannot be made for want of its directory; the backup of an old one need not be there. */
static void socket_without_its_directory_is_a_missing_file(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "haproxy -f /etc/haproxy.cfg");
	builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
				.pid = 1,
				.syscall = "link",
				.error = ENOENT,
				.path = "/run/x/admin.sock",
				.requested = "/run/x/admin.sock",
				.path2 = "/run/x/admin.sock.bak" });
	builder_add(&t, (struct event){ .kind = EVENT_NETWORK_ERROR,
				.pid = 1,
				.syscall = "bind",
				.error = ENOENT,
				.family = AF_UNIX,
				.address = "/run/x/admin.sock" });
	builder_output(&t, 1, "[ALERT] cannot bind UNIX socket [/run/x/admin.sock]: EACCES\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/run/x/admin.sock", NULL);
}

static void excused_line_accuses_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "postgres");
	builder_fail(&t, 1, "openat", ENOENT, "/pgdata/postgresql.auto.conf");
	builder_output(&t, 1,
		"LOG:  skipping missing configuration file \"/pgdata/postgresql.auto.conf\"\n");
	builder_output(&t, 1, "FATAL:  data directory \"/pgdata\" has invalid permissions\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "insecure_file_mode", "/pgdata", "invalid permissions");
}

static void remark_accuses_where_nothing_graver_was_said(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/server/extra.conf");
	builder_output(
		&t, 1, "WARN could not open /etc/server/extra.conf: No such file or directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/etc/server/extra.conf", NULL);
}

static void whole_path_outranks_its_last_part(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "npm start");
	builder_fail(&t, 1, "openat", ENOENT, "/srv/app/package.json5");
	builder_fail(&t, 1, "openat", ENOENT, "/opt/tool/package.json5");
	builder_output(&t, 1, "ENOENT: no such file or directory, open '/srv/app/package.json5'\n");
	builder_end(&t, 1, exited(254));
	builder_expect(&t, "missing_file", "/srv/app/package.json5", NULL);
}

static void look_up_of_a_user_is_no_missing_file(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "initdb");
	builder_fail(&t, 1, "openat", ENOENT, "/lib/userdb/4711.user");
	builder_output(
		&t, 1, "initdb: error: could not look up user ID 4711: user does not exist\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "4711");
}

/* busybox's shell forks and renames itself: there is no exec of cp. */
static void applet_without_exec_is_a_copy(void **state)
{
	struct builder t = entrypoint();

	(void)state;
	builder_fork(&t, 1, 2);
	snprintf(t.comm[2], sizeof(t.comm[2]), "cp");
	builder_fail_create(&t, 2, EACCES, "/srv/app/app.conf");
	builder_output(&t, 2, "cp: can't create '/srv/app/app.conf': Permission denied\n");
	builder_end(&t, 2, exited(1));
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_copy", "/srv/app/app.conf", NULL);
}

static void script_that_copies_is_a_copy(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "perl -MFile::Copy -e copy");
	builder_fail_create(&t, 1, EROFS, "/etc/app.conf");
	builder_end(&t, 1, exited(4));
	builder_expect(&t, "read_only_copy", "/etc/app.conf", NULL);
}

static void link_and_edit_are_no_copies(void **state)
{
	static const char *const commands[] = { "ln -s /config/a /etc/app.yaml",
		"sed -i s/a/b/ /etc/app.yaml" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct builder t = entrypoint();
		builder_run(&t, 1, 2, commands[i]);
		builder_fail_create(&t, 2, EROFS, "/etc/app.yaml");
		builder_end(&t, 2, exited(1));
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "read_only_filesystem", "/etc/app.yaml", NULL);
	}
}

static struct builder looks_for_library(const char *format, const char *name)
{
	static const char *const directories[] = { "/opt/lib", "/lib/x86_64-linux-gnu", "/lib",
		"/usr/lib" };
	struct builder t = builder_new();
	char path[128];

	builder_exec(&t, 1, "server");
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		snprintf(path, sizeof(path), format, directories[i], name);
		builder_fail(&t, 1, "openat", ENOENT, path);
	}
	return t;
}

static void last_library_looked_for_in_silence_fires(void **state)
{
	struct builder t = looks_for_library("%s/%s", "libauth_plugin.so.2");

	(void)state;
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_library", NULL, "libauth_plugin.so.2");
}

static void library_before_another_failure_is_optional(void **state)
{
	struct builder t = looks_for_library("%s/%s", "libjemalloc.so.2");

	(void)state;
	builder_fail(&t, 1, "mkdir", EACCES, "/var/lib/server");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "permission_denied", "/var/lib/server", NULL);
}

/* Ruby's system() and the like look along PATH themselves, with stat and without exec. */
static void command_looked_for_in_all_of_the_path_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	container_set(&t.c->path_env, "/usr/bin:/bin");
	builder_exec(&t, 1, "ruby main.rb");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/bin/pg_dump9");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/bin/pg_dump9");
	builder_end(&t, 1, exited(3));
	builder_expect(&t, "command_not_found", NULL, "pg_dump9");
}

static struct builder fails_again_and_again(const char *command, int times)
{
	struct builder t = entrypoint();

	for (uint32_t pid = 2; pid < 2 + (uint32_t)times; pid++) {
		builder_run(&t, 1, pid, command);
		builder_fail(&t, pid, "openat", ENOENT, "/etc/shop/app.json");
		builder_end(&t, pid, exited(3));
	}
	return t;
}

static void program_that_is_restarted_in_vain_fires(void **state)
{
	struct builder t = fails_again_and_again("python3 /app/shop.py", 3);

	(void)state;
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, exited(143));
	builder_expect(&t, "missing_file", "/etc/shop/app.json", NULL);
}

static void program_that_comes_up_in_the_end_is_silent(void **state)
{
	struct builder t = fails_again_and_again("python3 /app/shop.py", 3);

	(void)state;
	builder_run(&t, 1, 9, "python3 /app/shop.py");
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, exited(143));
	builder_expect_nothing(&t);
}

static void polling_for_a_file_is_silent(void **state)
{
	struct builder t = fails_again_and_again("cat /etc/shop/app.json", 5);

	(void)state;
	builder_signal(&t, 1, SIGTERM, true);
	builder_end(&t, 1, exited(0));
	builder_expect_nothing(&t);
}

static void failure_turned_into_zero_fires_when_repeated(void **state)
{
	struct builder t = fails_again_and_again("python3 /app/shop.py", 1);

	(void)state;
	builder_end(&t, 1, exited(0));
	t.input.restarts = t.input.restarts_same_cause = 3;
	builder_expect(&t, "missing_file", "/etc/shop/app.json", NULL);
}

/* The killer sends its signal first and says so later: the victim may have ended by then. */
static void oom_that_comes_after_the_exit_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_add(
		&t, (struct event){ .kind = EVENT_PROCESS_EXITED, .pid = 1, .status = SIGKILL });
	builder_add(
		&t, (struct event){ .kind = EVENT_CONTAINER_EXITED, .pid = 1, .status = SIGKILL });
	builder_add(&t, (struct event){ .kind = EVENT_OOM_KILL, .pid = 1, .oom_limit = 32 << 20 });
	builder_expect(&t, "oom_killed", NULL, "32 MiB");
}

static void kill_by_the_kernel_under_a_limit_is_oom(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->memory_limit = 64 << 20;
	builder_exec(&t, 1, "server");
	builder_add(&t, (struct event){ .kind = EVENT_SIGNAL, .pid = 1, .signo = SIGKILL });
	builder_end(&t, 1, killed(SIGKILL));
	builder_expect(&t, "oom_killed", NULL, "64 MiB");
}

static struct builder loses_a_worker(const char *log_lines)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "master");
	builder_fork(&t, 1, 2);
	builder_fail_create(&t, 2, EACCES, "/data/worker.db");
	builder_output(&t, 2, log_lines);
	builder_end(&t, 2, exited(3));
	return t;
}

static void worker_that_is_lost_for_good_fires(void **state)
{
	struct builder t = loses_a_worker("FATAL cannot open /data/worker.db: Permission denied\n");

	(void)state;
	builder_expect(&t, "permission_denied", "/data/worker.db", NULL);
}

static void worker_that_is_replaced_is_silent(void **state)
{
	struct builder t = loses_a_worker("FATAL cannot open /data/worker.db: Permission denied\n");

	(void)state;
	builder_fork(&t, 1, 3);
	builder_listen(&t, 3, "0.0.0.0", 8080);
	builder_expect_nothing(&t);
}

static void worker_that_makes_no_fuss_is_silent(void **state)
{
	struct builder t = loses_a_worker("no database: /data/worker.db\n");

	(void)state;
	builder_expect_nothing(&t);
}

/* Without the exec probe nobody knows which programs ran: what failed still counts, for less. */
static void story_without_programs_is_explained(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.input.missing_probes = "exec";
	snprintf(t.comm[1], sizeof(t.comm[1]), "sh");
	builder_fork(&t, 1, 2);
	snprintf(t.comm[2], sizeof(t.comm[2]), "cat");
	builder_fail(&t, 2, "openat", ENOENT, "/nope/x");
	builder_output(&t, 2, "cat: /nope/x: No such file or directory\n");
	builder_end(&t, 2, exited(1));
	builder_end(&t, 1, exited(4));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "missing_file");
	assert_int_equal(d->phase, PHASE_STARTUP);
	assert_true(d->confidence < 0.7);
	assert_non_null(d->cannot_tell);
	diagnosis_free(d);
	builder_free(&t);
}

/* Events that were lost may be the ones that would have told. */
static void silence_is_not_told_where_events_were_lost(void **state)
{
	struct builder t = builder_new(), whole = builder_new();

	(void)state;
	builder_exec(&whole, 1, "server");
	builder_end(&whole, 1, exited(3));
	builder_exec(&t, 1, "server");
	builder_end(&t, 1, exited(3));
	t.input.lost = 12;
	t.input.left_out = 1;
	struct diagnosis *d = builder_diagnose(&t), *sure = builder_diagnose(&whole);
	assert_non_null(d);
	assert_non_null(sure);
	assert_true(d->confidence < sure->confidence);
	assert_true(d->confidence < 0.5);
	assert_null(sure->cannot_tell);
	assert_non_null(strstr(d->cannot_tell, "12 events were lost and 1 event was left out"));
	assert_int_equal(d->lost, 13);
	assert_null(strstr(d->title, "said nothing"));
	assert_null(strstr(d->summary, "no failed system call"));
	assert_null(strstr(d->summary, "It wrote nothing"));
	diagnosis_free(d);
	diagnosis_free(sure);
	builder_free(&t);
	builder_free(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directory_that_could_not_be_made_is_the_cause),
		cmocka_unit_test(silence_is_not_told_where_events_were_lost),
		cmocka_unit_test(directory_that_cd_did_not_get_into_is_the_cause),
		cmocka_unit_test(file_that_a_script_did_without_explains_vague_words),
		cmocka_unit_test(file_that_a_script_did_without_is_not_what_words_name),
		cmocka_unit_test(step_that_failed_before_is_told_where_a_file_is_empty),
		cmocka_unit_test(reader_that_failed_is_why_its_writer_got_sigpipe),
		cmocka_unit_test(refused_chown_is_the_cause),
		cmocka_unit_test(copy_that_an_import_misses_is_the_cause),
		cmocka_unit_test(program_that_tar_needs_is_the_cause),
		cmocka_unit_test(refused_chown_elsewhere_is_none),
		cmocka_unit_test(command_missing_in_a_substitution_is_the_cause),
		cmocka_unit_test(temporary_directories_that_refuse_are_the_cause),
		cmocka_unit_test(refused_directory_that_the_words_name_is_the_cause),
		cmocka_unit_test(directory_made_by_fileutils_is_no_copy),
		cmocka_unit_test(directory_copied_by_fileutils_is_a_copy),
		cmocka_unit_test(call_with_an_empty_path_is_a_setting),
		cmocka_unit_test(user_that_could_not_be_made_is_the_cause),
		cmocka_unit_test(module_in_the_home_of_its_program_is_found_there),
		cmocka_unit_test(socket_without_its_directory_is_a_missing_file),
		cmocka_unit_test(excused_line_accuses_nothing),
		cmocka_unit_test(remark_accuses_where_nothing_graver_was_said),
		cmocka_unit_test(whole_path_outranks_its_last_part),
		cmocka_unit_test(look_up_of_a_user_is_no_missing_file),
		cmocka_unit_test(applet_without_exec_is_a_copy),
		cmocka_unit_test(script_that_copies_is_a_copy),
		cmocka_unit_test(link_and_edit_are_no_copies),
		cmocka_unit_test(last_library_looked_for_in_silence_fires),
		cmocka_unit_test(library_before_another_failure_is_optional),
		cmocka_unit_test(command_looked_for_in_all_of_the_path_fires),
		cmocka_unit_test(program_that_is_restarted_in_vain_fires),
		cmocka_unit_test(program_that_comes_up_in_the_end_is_silent),
		cmocka_unit_test(polling_for_a_file_is_silent),
		cmocka_unit_test(failure_turned_into_zero_fires_when_repeated),
		cmocka_unit_test(oom_that_comes_after_the_exit_fires),
		cmocka_unit_test(kill_by_the_kernel_under_a_limit_is_oom),
		cmocka_unit_test(worker_that_is_lost_for_good_fires),
		cmocka_unit_test(worker_that_is_replaced_is_silent),
		cmocka_unit_test(worker_that_makes_no_fuss_is_silent),
		cmocka_unit_test(story_without_programs_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
