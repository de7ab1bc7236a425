// SPDX-License-Identifier: MIT
/* Failures of files: for each root cause a story that must be told by it, and one that must not. */
#include "story_builder.h"

#define APP "/app/app.py"

/* A script that swallows a failed copy, then runs what should have been copied. */
static struct tale swallowed_copy(int error, const char *copier)
{
	struct tale t = tale_new();

	tale_mount(&t, "/app-source", MOUNT_CONFIGMAP, "app-code", true);
	tale_mount(&t, "/app", MOUNT_EMPTYDIR, "app", false);
	tale_exec(&t, 1, "sh -c script");
	tale_run(&t, 1, 2, copier);
	tale_fail_create(&t, 2, error, APP);
	tale_say(&t, 2, "cp: cannot create regular file '/app/app.py': refused\n");
	tale_end(&t, 2, exited(1));
	tale_exec(&t, 1, "python3 /app/app.py");
	tale_fail(&t, 1, "newfstatat", ENOENT, "/usr/bin/pyvenv.cfg");
	return t;
}

static void copy_fires(void **state)
{
	struct tale t = swallowed_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	tale_fail(&t, 1, "openat", ENOENT, APP);
	tale_say(&t, 1,
		"python3: can't open file '/app/app.py': [Errno 2] No such file or directory\n");
	tale_end(&t, 1, exited(2));
	tale_expect(&t, "read_only_copy", APP, "fsGroup");
}

/* What the program says at its end names nothing, but it missed exactly what was not copied. */
static void copy_fires_whatever_the_last_words_are(void **state)
{
	struct tale t = swallowed_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	tale_fail(&t, 1, "openat", ENOENT, APP);
	tale_say(&t, 1, "nothing to do\n");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "read_only_copy", APP, "emptyDir");
}

static void copy_without_its_source_is_a_missing_file(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_exec(&t, 1, "sh -c script");
	tale_run(&t, 1, 2, "cp /src/main.py /app/main.py");
	tale_fail(&t, 2, "newfstatat", ENOENT, "/src/main.py");
	tale_say(&t, 2, "cp: cannot stat '/src/main.py': No such file or directory\n");
	tale_end(&t, 2, exited(1));
	tale_exec(&t, 1, "python3 /app/main.py");
	tale_fail(&t, 1, "openat", ENOENT, "/app/main.py");
	tale_say(&t, 1, "can't open file '/app/main.py': [Errno 2] No such file or directory\n");
	tale_end(&t, 1, exited(2));
	tale_expect(&t, "missing_file", "/src/main.py", "/app/main.py");
}

static void copy_of_no_consequence_is_silent(void **state)
{
	struct tale t = swallowed_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	tale_end(&t, 1, exited(0));
	tale_expect_nothing(&t);
}

static void copy_is_not_to_blame_for_another_failure(void **state)
{
	struct tale t = swallowed_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	tale_fail(&t, 1, "openat", ENOENT, "/etc/other.toml");
	tale_say(&t, 1,
		"FileNotFoundError: [Errno 2] No such file or directory: '/etc/other.toml'\n");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "missing_file", "/etc/other.toml", "image");
}

static void running_copy_fires(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "conf", true);
	tale_exec(&t, 1, "sh -c script");
	tale_run(&t, 1, 2, "cp /defaults/app.conf /etc/app/app.conf");
	tale_fail_create(&t, 2, EROFS, "/etc/app/app.conf");
	tale_end(&t, 2, exited(1));
	tale_exec(&t, 1, "sleep 60");
	tale_expect(&t, "read_only_copy", "/etc/app/app.conf", "ConfigMap");
}

static void running_retry_is_silent(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_mount(&t, "/data", MOUNT_PVC, "data", false);
	tale_exec(&t, 1, "sh -c script");
	for (uint32_t pid = 2; pid < 4; pid++) {
		tale_run(&t, 1, pid, "cp /defaults/app.conf /data/app.conf");
		if (pid == 2)
			tale_fail_create(&t, pid, EACCES, "/data/app.conf");
		tale_end(&t, pid, exited(pid == 2));
	}
	tale_exec(&t, 1, "sleep 60");
	tale_expect_nothing(&t);
}

static void probe_of_a_read_only_mount_is_silent(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_mount(&t, "/etc/nginx/conf.d", MOUNT_CONFIGMAP, "conf", true);
	tale_exec_as(&t, 1, "/bin/sh", "/docker-entrypoint.sh nginx");
	tale_run(&t, 1, 2, "touch /etc/nginx/conf.d/default.conf");
	tale_fail_create(&t, 2, EROFS, "/etc/nginx/conf.d/default.conf");
	tale_end(&t, 2, exited(1));
	tale_exec(&t, 1, "nginx");
	tale_listen(&t, 1, "0.0.0.0", 80);
	tale_expect_nothing(&t);
}

static void read_only_fires(void **state)
{
	struct tale t = tale_new();

	(void)state;
	t.c->root.read_only = true;
	tale_exec(&t, 1, "server");
	tale_fail_create(&t, 1, EROFS, "/run/app.pid");
	tale_say(&t, 1, "OSError: [Errno 30] Read-only file system: '/run/app.pid'\n");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "read_only_filesystem", "/run/app.pid", "emptyDir");
}

static void byte_code_cache_is_silent(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_mount(&t, "/app", MOUNT_CONFIGMAP, "code", true);
	tale_exec(&t, 1, "python3 /app/app.py");
	tale_fail(&t, 1, "mkdir", EROFS, "/app/__pycache__");
	tale_listen(&t, 1, "0.0.0.0", 8000);
	tale_expect_nothing(&t);
}

static void denied_fires(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_mount(&t, "/etc/secrets", MOUNT_SECRET, "tls", true);
	tale_exec(&t, 1, "sh -c script");
	tale_run(&t, 1, 2, "cat /etc/secrets/tls.key");
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR, .mode = 0400 } };
	tale_fail(&t, 2, "openat", EACCES, "/etc/secrets/tls.key");
	tale_say(&t, 2, "cat: /etc/secrets/tls.key: Permission denied\n");
	tale_end(&t, 2, exited(1));
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "permission_denied", "/etc/secrets/tls.key", "mode 0400");
}

static void denied_without_words_fires(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_exec(&t, 1, "server");
	tale_fail(&t, 1, "openat", ENOENT, "/etc/server.d/extra.conf");
	tale_fail(&t, 1, "mkdir", EACCES, "/var/lib/server");
	tale_end(&t, 1, exited(3));
	tale_expect(&t, "permission_denied", "/var/lib/server", "uid 1000");
}

static void missing_fires_with_a_relative_path(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_exec(&t, 1, "server");
	tale_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
			     .pid = 1,
			     .syscall = "openat",
			     .error = ENOENT,
			     .path = "/srv/config/db.yml",
			     .requested = "config/db.yml",
			     .flags = "O_RDONLY" });
	tale_say(&t, 1, "open config/db.yml: no such file or directory\n");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "missing_file", "/srv/config/db.yml", "workingDir");
}

/* A shim complained of something, and went on to the program. */
static void words_of_an_earlier_program_are_not_the_laters(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_exec(&t, 1, "bash /shims/python3 -c script");
	tale_say(
		&t, 1, "shim: line 23: libreal.so: cannot open shared object file: No such file\n");
	tale_exec(&t, 1, "python3 -c script");
	tale_fail(&t, 1, "openat", ENOENT, "/nope/x");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "missing_file", "/nope/x", "image");
}

static void optional_files_are_silent(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_exec(&t, 1, "server");
	tale_fail(&t, 1, "openat", ENOENT, "/etc/optional.conf");
	tale_listen(&t, 1, "0.0.0.0", 80);
	tale_signal(&t, 1, 15, true);
	tale_end(&t, 1, exited(143));
	tale_expect_nothing(&t);
}

static void folder_fires_by_words_alone(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_exec(&t, 1, "python3 main.py");
	tale_say(&t, 1,
		"Traceback (most recent call last):\nIsADirectoryError: [Errno 21] Is a directory: "
		"'/etc/app.yaml'\n");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "wrong_file_type", "/etc/app.yaml", "folder");
}

static void full_fires(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_mount(&t, "/data", MOUNT_EMPTYDIR, "data", false);
	tale_exec(&t, 1, "server");
	tale_fail(&t, 1, "write", ENOSPC, "/data/wal");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "disk_full", "/data/wal", "sizeLimit");
}

static void cause_is_followed_over_two_steps(void **state)
{
	struct tale t = tale_new();

	(void)state;
	tale_exec(&t, 1, "sh -c script");
	tale_run(&t, 1, 2, "mkdir -p /opt/conf");
	tale_fail(&t, 2, "mkdir", EROFS, "/opt/conf");
	tale_end(&t, 2, exited(1));
	tale_run(&t, 1, 3, "cp /src/a.ini /opt/conf/a.ini");
	tale_fail_create(&t, 3, ENOENT, "/opt/conf/a.ini");
	tale_end(&t, 3, exited(1));
	tale_exec(&t, 1, "server");
	tale_fail(&t, 1, "openat", ENOENT, "/opt/conf/a.ini");
	tale_say(&t, 1, "server: /opt/conf/a.ini: No such file or directory\n");
	tale_end(&t, 1, exited(1));
	tale_expect(&t, "read_only_filesystem", "/opt/conf", "read-only");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copy_fires),
		cmocka_unit_test(copy_fires_whatever_the_last_words_are),
		cmocka_unit_test(copy_without_its_source_is_a_missing_file),
		cmocka_unit_test(copy_of_no_consequence_is_silent),
		cmocka_unit_test(copy_is_not_to_blame_for_another_failure),
		cmocka_unit_test(running_copy_fires),
		cmocka_unit_test(running_retry_is_silent),
		cmocka_unit_test(probe_of_a_read_only_mount_is_silent),
		cmocka_unit_test(read_only_fires),
		cmocka_unit_test(byte_code_cache_is_silent),
		cmocka_unit_test(denied_fires),
		cmocka_unit_test(denied_without_words_fires),
		cmocka_unit_test(missing_fires_with_a_relative_path),
		cmocka_unit_test(words_of_an_earlier_program_are_not_the_laters),
		cmocka_unit_test(optional_files_are_silent),
		cmocka_unit_test(folder_fires_by_words_alone),
		cmocka_unit_test(full_fires),
		cmocka_unit_test(cause_is_followed_over_two_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
