// SPDX-License-Identifier: MIT
/* Failures of files: for each root cause a story that must be told by it, and one that must not. */
#include "story_builder.h"

#define APP "/app/app.py"

/* A script that swallows a failed copy, then runs what should have been copied. */
static struct builder ignored_copy(int error, const char *copier)
{
	struct builder t = builder_new();

	builder_mount(&t, "/app-source", MOUNT_CONFIGMAP, "app-code", true);
	builder_mount(&t, "/app", MOUNT_EMPTYDIR, "app", false);
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, copier);
	builder_fail_create(&t, 2, error, APP);
	builder_output(&t, 2, "cp: cannot create regular file '/app/app.py': refused\n");
	builder_end(&t, 2, exited(1));
	builder_exec(&t, 1, "python3 /app/app.py");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/bin/pyvenv.cfg");
	return t;
}

static void copy_fires(void **state)
{
	struct builder t = ignored_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, APP);
	builder_output(&t, 1,
		"python3: can't open file '/app/app.py': [Errno 2] No such file or directory\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "read_only_copy", APP, "fsGroup");
}

/* What the program says at its end names nothing, but it missed exactly what was not copied. */
static void copy_fires_whatever_the_last_words_are(void **state)
{
	struct builder t = ignored_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, APP);
	builder_output(&t, 1, "nothing to do\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_copy", APP, "emptyDir");
}

static void copy_without_its_source_is_a_missing_file(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "cp /src/main.py /app/main.py");
	builder_fail(&t, 2, "newfstatat", ENOENT, "/src/main.py");
	builder_output(&t, 2, "cp: cannot stat '/src/main.py': No such file or directory\n");
	builder_end(&t, 2, exited(1));
	builder_exec(&t, 1, "python3 /app/main.py");
	builder_fail(&t, 1, "openat", ENOENT, "/app/main.py");
	builder_output(
		&t, 1, "can't open file '/app/main.py': [Errno 2] No such file or directory\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "missing_file", "/src/main.py", "/app/main.py");
}

static void copy_of_no_consequence_is_silent(void **state)
{
	struct builder t = ignored_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	builder_end(&t, 1, exited(0));
	builder_expect_nothing(&t);
}

static void copy_is_not_to_blame_for_another_failure(void **state)
{
	struct builder t = ignored_copy(EACCES, "cp /app-source/app.py /app/");

	(void)state;
	builder_fail(&t, 1, "openat", ENOENT, "/etc/other.toml");
	builder_output(&t, 1,
		"FileNotFoundError: [Errno 2] No such file or directory: '/etc/other.toml'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/etc/other.toml", "image");
}

static void running_copy_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "conf", true);
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "cp /defaults/app.conf /etc/app/app.conf");
	builder_fail_create(&t, 2, EROFS, "/etc/app/app.conf");
	builder_end(&t, 2, exited(1));
	builder_exec(&t, 1, "sleep 60");
	builder_expect(&t, "read_only_copy", "/etc/app/app.conf", "ConfigMap");
}

/* What a program says that it lacks is what a copy that failed earlier should have put there; no other reason is. */
static void failed_copy_is_what_a_program_lacks(void **state)
{
	(void)state;
	for (int own = 0; own < 2; own++) {
		struct builder t = builder_new();
		builder_mount(&t, "/data", MOUNT_PVC, "data", false);
		builder_exec(&t, 1, "sh -c script");
		builder_run(&t, 1, 2, "rsync -a /seed/ /data/");
		builder_fail_create(&t, 2, EACCES, "/data/.catalogue.csv.X7");
		builder_end(&t, 2, exited(23));
		builder_run(&t, 1, 3, "shop");
		builder_output(&t, 3, own ? "HTTP_PORT must be set\n" : "catalogue is empty\n");
		builder_end(&t, 3, exited(1));
		builder_end(&t, 1, exited(1));
		builder_expect(&t, own ? "bad_configuration" : "read_only_copy", NULL, NULL);
	}
}

/* /run is empty at each start: the step that would have filled it could not be run. */
static void script_that_was_not_run_made_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "find /hooks -exec {} ;");
	builder_fork(&t, 2, 3);
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR, .mode = 0644, .script = true } };
	builder_fail_exec(&t, 3, EACCES, "/hooks/10-render.sh");
	builder_end(&t, 3, exited(1));
	builder_end(&t, 2, exited(0));
	builder_run(&t, 1, 4, "app");
	builder_fail(&t, 4, "openat", ENOENT, "/run/app.conf");
	builder_output(&t, 4, "not configured\n");
	builder_end(&t, 4, exited(1));
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "command_not_executable", "/hooks/10-render.sh", NULL);
}

static void running_retry_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/data", MOUNT_PVC, "data", false);
	builder_exec(&t, 1, "sh -c script");
	for (uint32_t pid = 2; pid < 4; pid++) {
		builder_run(&t, 1, pid, "cp /defaults/app.conf /data/app.conf");
		if (pid == 2)
			builder_fail_create(&t, pid, EACCES, "/data/app.conf");
		builder_end(&t, pid, exited(pid == 2));
	}
	builder_exec(&t, 1, "sleep 60");
	builder_expect_nothing(&t);
}

static void probe_of_a_read_only_mount_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/etc/nginx/conf.d", MOUNT_CONFIGMAP, "conf", true);
	builder_exec_as(&t, 1, "/bin/sh", "/docker-entrypoint.sh nginx");
	builder_run(&t, 1, 2, "touch /etc/nginx/conf.d/default.conf");
	builder_fail_create(&t, 2, EROFS, "/etc/nginx/conf.d/default.conf");
	builder_end(&t, 2, exited(1));
	builder_exec(&t, 1, "nginx");
	builder_listen(&t, 1, "0.0.0.0", 80);
	builder_expect_nothing(&t);
}

static void read_only_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->root.read_only = true;
	builder_exec(&t, 1, "server");
	builder_fail_create(&t, 1, EROFS, "/run/app.pid");
	builder_output(&t, 1, "OSError: [Errno 30] Read-only file system: '/run/app.pid'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_filesystem", "/run/app.pid", "emptyDir");
}

static void byte_code_cache_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/app", MOUNT_CONFIGMAP, "code", true);
	builder_exec(&t, 1, "python3 /app/app.py");
	builder_fail(&t, 1, "mkdir", EROFS, "/app/__pycache__");
	builder_listen(&t, 1, "0.0.0.0", 8000);
	builder_expect_nothing(&t);
}

static void denied_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/etc/secrets", MOUNT_SECRET, "tls", true);
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "cat /etc/secrets/tls.key");
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR, .mode = 0400 } };
	builder_fail(&t, 2, "openat", EACCES, "/etc/secrets/tls.key");
	builder_output(&t, 2, "cat: /etc/secrets/tls.key: Permission denied\n");
	builder_end(&t, 2, exited(1));
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "permission_denied", "/etc/secrets/tls.key", "mode 0400");
}

static void denied_without_words_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/server.d/extra.conf");
	builder_fail(&t, 1, "mkdir", EACCES, "/var/lib/server");
	builder_end(&t, 1, exited(3));
	builder_expect(&t, "permission_denied", "/var/lib/server", "uid 1000");
}

static void missing_fires_with_a_relative_path(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
				.pid = 1,
				.syscall = "openat",
				.error = ENOENT,
				.path = "/srv/config/db.yml",
				.requested = "config/db.yml",
				.flags = "O_RDONLY" });
	builder_output(&t, 1, "open config/db.yml: no such file or directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/srv/config/db.yml", "workingDir");
}

/* A shim complained of something, and went on to the program. */
static void search_upwards_wants_the_first_place(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "cargo run");
	builder_fail(&t, 1, "statx", ENOENT, "/srv/app/Cargo.toml");
	builder_fail(&t, 1, "statx", ENOENT, "/srv/Cargo.toml");
	builder_fail(&t, 1, "statx", ENOENT, "/Cargo.toml");
	builder_output(&t, 1,
		"error: could not find `Cargo.toml` in `/srv/app` or any parent directory\n");
	builder_end(&t, 1, exited(101));
	builder_expect(&t, "missing_file", "/srv/app/Cargo.toml", NULL);
}

static void words_of_an_earlier_program_are_not_the_laters(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "bash /shims/python3 -c script");
	builder_output(
		&t, 1, "shim: line 23: libreal.so: cannot open shared object file: No such file\n");
	builder_exec(&t, 1, "python3 -c script");
	builder_fail(&t, 1, "openat", ENOENT, "/nope/x");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/nope/x", "image");
}

static void optional_files_are_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/optional.conf");
	builder_listen(&t, 1, "0.0.0.0", 80);
	builder_signal(&t, 1, 15, true);
	builder_end(&t, 1, exited(143));
	builder_expect_nothing(&t);
}

static void directory_fires_by_words_alone(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 main.py");
	builder_output(&t, 1,
		"Traceback (most recent call last):\nIsADirectoryError: [Errno 21] Is a directory: "
		"'/etc/app.yaml'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "wrong_file_type", "/etc/app.yaml", "directory");
}

static void full_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/data", MOUNT_EMPTYDIR, "data", false);
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "write", ENOSPC, "/data/wal");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "disk_full", "/data/wal", "sizeLimit");
}

static void cause_is_followed_over_two_steps(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "mkdir -p /opt/conf");
	builder_fail(&t, 2, "mkdir", EROFS, "/opt/conf");
	builder_end(&t, 2, exited(1));
	builder_run(&t, 1, 3, "cp /src/a.ini /opt/conf/a.ini");
	builder_fail_create(&t, 3, ENOENT, "/opt/conf/a.ini");
	builder_end(&t, 3, exited(1));
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/opt/conf/a.ini");
	builder_output(&t, 1, "server: /opt/conf/a.ini: No such file or directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_filesystem", "/opt/conf", "read-only");
}

/* open() with O_CREAT says EISDIR of any name that ends with a slash. */
static void slash_at_the_end(struct builder *t, enum file_type there)
{
	*t = builder_new();
	builder_exec(t, 1, "sh -c work");
	t->facts = (struct path_facts){ .known = true, .file.type = there };
	strcpy(t->facts.directory_path, "/data");
	builder_add(t, (struct event){ .kind = EVENT_FILE_ERROR,
			       .pid = 1,
			       .syscall = "openat",
			       .flags = "O_WRONLY|O_CREAT",
			       .error = EISDIR,
			       .path = "/data/out",
			       .requested = "/data/out/",
			       .mount = &t->c->root });
	builder_output(t, 1, "sh: 1: cannot create /data/out/: Is a directory\n");
	builder_end(t, 1, exited(2));
}

static void a_directory_that_is_not_there_is_missing(void **state)
{
	struct builder t;

	(void)state;
	slash_at_the_end(&t, FILE_MISSING);
	builder_expect(&t, "missing_file", "/data/out", "Missing directory");
	slash_at_the_end(&t, FILE_DIRECTORY);
	builder_expect(&t, "wrong_file_type", "/data/out", "directory");
}

/* As Go looks for the authorities, in the place of each distribution. */
static struct builder distrusts(size_t places)
{
	static const char *const lists[] = { "/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
		"/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/ssl/cert.pem" };
	struct builder t = builder_new();

	builder_exec(&t, 1, "/app/server");
	for (size_t i = 0; i < places; i++)
		builder_fail(&t, 1, "openat", ENOENT, lists[i]);
	builder_output(&t, 1,
		"Get \"https://api\": tls: failed to verify certificate: x509: certificate signed "
		"by unknown authority\n");
	builder_end(&t, 1, exited(1));
	return t;
}

static void trust_list_that_is_nowhere_is_missing(void **state)
{
	struct builder t = distrusts(6);

	(void)state;
	builder_expect(&t, "missing_file", "/etc/ssl/certs/ca-certificates.crt",
		"install -y ca-certificates");
	t = distrusts(2);
	builder_expect(&t, "bad_configuration", NULL, "SSL_CERT_FILE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_list_that_is_nowhere_is_missing),
		cmocka_unit_test(copy_fires),
		cmocka_unit_test(copy_fires_whatever_the_last_words_are),
		cmocka_unit_test(copy_without_its_source_is_a_missing_file),
		cmocka_unit_test(copy_of_no_consequence_is_silent),
		cmocka_unit_test(copy_is_not_to_blame_for_another_failure),
		cmocka_unit_test(running_copy_fires),
		cmocka_unit_test(failed_copy_is_what_a_program_lacks),
		cmocka_unit_test(script_that_was_not_run_made_nothing),
		cmocka_unit_test(running_retry_is_silent),
		cmocka_unit_test(probe_of_a_read_only_mount_is_silent),
		cmocka_unit_test(read_only_fires),
		cmocka_unit_test(byte_code_cache_is_silent),
		cmocka_unit_test(denied_fires),
		cmocka_unit_test(denied_without_words_fires),
		cmocka_unit_test(missing_fires_with_a_relative_path),
		cmocka_unit_test(search_upwards_wants_the_first_place),
		cmocka_unit_test(words_of_an_earlier_program_are_not_the_laters),
		cmocka_unit_test(optional_files_are_silent),
		cmocka_unit_test(directory_fires_by_words_alone),
		cmocka_unit_test(full_fires),
		cmocka_unit_test(cause_is_followed_over_two_steps),
		cmocka_unit_test(a_directory_that_is_not_there_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
