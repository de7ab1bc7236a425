// SPDX-License-Identifier: MIT
/* How programs part: with words that leave open why, and a last call that failed. */
#include <signal.h>

#include "story_builder.h"

#include <linux/capability.h>

#define CONFIG "/srv/app/config.json"

static struct builder ends_with(
	const char *command, const char *call, int error, const char *path, const char *log_lines)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, command);
	if (*path)
		builder_fail(&t, 1, call, error, path);
	else
		builder_fail_call(&t, 1, call, error);
	builder_output(&t, 1, log_lines);
	builder_end(&t, 1, exited(1));
	return t;
}

static void last_file_missed_explains_vague_words(void **state)
{
	struct builder t = ends_with(
		"server", "openat", ENOENT, CONFIG, "configuration could not be loaded\n");

	(void)state;
	builder_expect(&t, "missing_file", CONFIG, NULL);
}

static void reason_of_its_own_outranks_the_last_file(void **state)
{
	static const char *const reasons[] = { "invalid port 'x'\n", "HTTP_PORT must be set\n",
		"licence expired\n", "KeyError: 'DATABASE_URL'\n", "unknown option --serve\n",
		"ERROR the schema is from the future\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		struct builder t = ends_with("server", "openat", ENOENT, CONFIG, reasons[i]);
		bool setting = i == 1 || i == 3 || i == 4;
		builder_expect(&t, setting ? "bad_configuration" : "application_error", NULL, NULL);
	}
}

static void file_missed_long_before_explains_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, CONFIG);
	t.now += 3000 * MS;
	builder_output(&t, 1, "could not start\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

static void last_refusal_explains_vague_words(void **state)
{
	struct builder t = ends_with(
		"memcached", "prlimit64", EPERM, "", "failed to set rlimit, try smaller -c\n");

	(void)state;
	builder_expect(&t, "capability_missing", NULL, "SYS_RESOURCE");
}

/* EINVAL, but a limit: no question that programs take a no for. */
static void limit_that_is_no_refusal_by_name_explains_vague_words(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "dispatch");
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_ERROR,
				.pid = 1,
				.syscall = "mq_open",
				.error = EINVAL,
				.limit_name = "fs.mqueue.msg_max" });
	builder_output(&t, 1, "dispatcher: bad priority\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "node_limit", NULL, "fs.mqueue.msg_max");
}

static void refusal_that_was_got_over_explains_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail_call(&t, 1, "prlimit64", EPERM);
	t.now += 2000 * MS;
	builder_output(&t, 1, "schema version 7 is newer than 6\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "schema version 7");
}

static void name_spaces_take_a_capability(void **state)
{
	struct builder t = ends_with("unshare -m true", "unshare", EPERM, "",
		"unshare: unshare failed: Operation not permitted\n");

	(void)state;
	builder_expect(&t, "capability_missing", NULL, "SYS_ADMIN");
}

static void environment_that_is_too_large_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "bash -c script");
	builder_fail_exec(&t, 1, E2BIG, "/usr/bin/python3");
	builder_output(&t, 1, "bash: /usr/bin/python3: Argument list too long\n");
	builder_output(&t, 1, "bash: /usr/bin/python3: Success\n");
	builder_end(&t, 1, exited(126));
	builder_expect(&t, "application_error", "/usr/bin/python3", "enableServiceLinks");
}

static void lock_of_another_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/data", MOUNT_PVC, "data", false);
	builder_exec(&t, 1, "tsdb");
	builder_fail(&t, 1, "flock", EAGAIN, "/data/LOCK");
	builder_output(&t, 1, "cannot acquire the storage lock\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", "/data/LOCK", "Recreate");
}

/* In the container's own file system nobody else can hold it. */
static void lock_of_its_own_is_named(void **state)
{
	struct builder t =
		ends_with("nightly", "flock", EAGAIN, "/run/nightly.lock", "is locked\n");

	(void)state;
	builder_expect(&t, "application_error", "/run/nightly.lock", "9>&-");
}

/* open(2) with O_EXCL: who finds the file has lost, also to a pod that is gone. */
static void lock_file_that_is_there_is_left_over(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/shared", MOUNT_PVC, "shared", false);
	builder_exec(&t, 1, "worker");
	builder_fail(&t, 1, "openat", EEXIST, "/shared/leader.lock");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "stale_state", "/shared/leader.lock", "rm -f /shared/leader.lock");
}

/* Which file was to be mapped nobody says, but only one volume forbids it. */
static void only_volume_with_noexec_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/plugins", MOUNT_HOSTPATH, "plugins", false);
	t.c->mounts[0].noexec = true;
	builder_exec(&t, 1, "host");
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_ERROR,
				.pid = 1,
				.syscall = "mmap",
				.flags = "PROT_READ|PROT_EXEC",
				.error = EPERM });
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "command_not_executable", NULL, "noexec from the mount options");
}

/* Programs do without what they cannot write to /sys, but for one that ends over it at once. */
static void end_at_once_accuses_a_write_to_sys(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "tuner");
	builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
				.pid = 1,
				.syscall = "openat",
				.flags = "O_WRONLY",
				.error = EROFS,
				.path = "/sys/kernel/mm/ksm/run" });
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_filesystem", "/sys/kernel/mm/ksm/run", NULL);
}

static void answer_of_grep_is_no_failure(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "grep -c ERROR /var/log/run.log");
	builder_output(&t, 1, "0\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "|| true");
}

/* npm asks for updates first: that its name server cannot be reached is not what it ends for. */
static void sentence_of_npm_outranks_the_last_refusal(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "npm start");
	builder_fail(&t, 1, "openat", ENOENT, "/srv/app/package.json");
	builder_fail_net(&t, 1, "connect", ENETUNREACH, "10.96.0.10", 53);
	builder_output(&t, 1,
		"npm error code ENOENT\nnpm error syscall open\n"
		"npm error path /srv/app/package.json\nnpm error errno -2\n"
		"npm error enoent Could not read package.json: Error: ENOENT: no such file or "
		"directory, open '/srv/app/package.json'\n"
		"npm error enoent This is related to npm not being able to find a file.\n"
		"npm error enoent\n"
		"npm error A complete log of this run can be found in: /tmp/_logs/debug-0.log\n");
	builder_end(&t, 1, exited(254));
	builder_expect(&t, "missing_file", "/srv/app/package.json", NULL);
}

static struct builder misses_a_module(const char *log_lines)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "perl /srv/app.pl");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/etc/perl/DBD/Oracle.pm");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/share/perl5/DBD/Oracle.pm");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/lib/perl-base/DBD/Oracle.pm");
	builder_output(&t, 1, log_lines);
	builder_end(&t, 1, exited(2));
	return t;
}

static void module_looked_for_in_vain_is_named(void **state)
{
	struct builder t = misses_a_module("database driver not available\n");

	(void)state;
	builder_expect(&t, "missing_module", NULL, "DBD::Oracle");
}

static void module_that_is_optional_explains_nothing(void **state)
{
	struct builder t = misses_a_module("DB_PASSWORD must be set\n");

	(void)state;
	builder_expect(&t, "bad_configuration", NULL, "DB_PASSWORD");
}

static struct builder node_misses_a_package(const char *log_lines)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "node /srv/main.mjs");
	builder_fail(&t, 1, "statx", ENOENT, "/srv/node_modules/@acme/queue");
	builder_fail(&t, 1, "statx", ENOENT, "/node_modules/@acme/queue");
	builder_fail(&t, 1, "statx", ENOENT, "/srv/node_modules");
	builder_fail(&t, 1, "statx", ENOENT, "/root/.node_modules");
	builder_fail(&t, 1, "statx", ENOENT, "/usr/lib/node");
	builder_output(&t, 1, log_lines);
	builder_end(&t, 1, exited(1));
	return t;
}

static void package_looked_for_in_vain_is_named(void **state)
{
	struct builder t = node_misses_a_package("boot failed\n");

	(void)state;
	builder_expect(&t, "missing_module", NULL, "npm install @acme/queue");
}

static void package_that_is_optional_explains_nothing(void **state)
{
	struct builder t = node_misses_a_package("LOG_LEVEL must be set\n");

	(void)state;
	builder_expect(&t, "bad_configuration", NULL, "LOG_LEVEL");
}

static void package_before_a_file_explains_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "node /srv/main.mjs");
	builder_fail(&t, 1, "statx", ENOENT, "/srv/node_modules/dotenv");
	builder_fail(&t, 1, "statx", ENOENT, "/node_modules/dotenv");
	builder_fail(&t, 1, "openat", ENOENT, "/srv/settings.json");
	builder_output(&t, 1, "boot failed\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/srv/settings.json", NULL);
}

static void library_on_a_noexec_volume_is_named(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 app.py");
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_ERROR,
				.pid = 1,
				.syscall = "mmap",
				.flags = "PROT_READ|PROT_EXEC",
				.error = EPERM });
	builder_output(&t, 1, "OSError: /cache/x.so: failed to map segment from shared object\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "command_not_executable", "/cache/x.so", "noexec");
}

/* The runtime found a file where it wanted to work, by a call that did not fail or by one that did. */
static void working_directory_that_is_a_file(void **state)
{
	(void)state;
	for (int failed = 0; failed < 2; failed++) {
		struct path_facts *owned = calloc(1, sizeof(*owned));
		struct builder t = builder_new();
		assert_non_null(owned);
		owned->known = true;
		owned->file = (struct file_facts){ .type = FILE_REGULAR, .mode = 0644 };
		container_set(&t.c->cwd, "/srv/app");
		snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
		if (failed)
			builder_fail(&t, 1, "mkdirat", ENOTDIR, "/srv/app");
		builder_add(
			&t, (struct event){
				    .kind = EVENT_PROCESS_EXITED, .pid = 1, .status = exited(1) });
		builder_add(&t, (struct event){ .kind = EVENT_CONTAINER_EXITED,
					.pid = 1,
					.status = exited(1),
					.path = "/srv/app",
					.facts = owned });
		builder_expect(&t, "wrong_file_type", "/srv/app", "Correct workingDir");
	}
}

/* A bundle that was gone before it could be read: what the runtime looked for is not the command. */
static void runtime_of_an_unknown_container(void **state)
{
	struct builder t = builder_new();

	(void)state;
	snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/run/bundle/rootfs/dev/shm");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/run/bundle/rootfs/dev/urandom");
	builder_end(&t, 1, exited(255));
	builder_expect(&t, "application_error", NULL, "runtime gave up");
}

static void working_directory_on_a_read_only_volume(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/conf", MOUNT_CONFIGMAP, "conf", true);
	container_set(&t.c->cwd, "/conf/work");
	snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
	builder_fail(&t, 1, "mkdirat", EROFS, "/conf/work");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "read_only_filesystem", "/conf/work", "Correct workingDir");
}

/* What the container's end says of the program that never ran; the runtime made no call that failed. */
static void program_that_the_runtime_refused(void **state)
{
	static const struct {
		const char *path;
		struct path_facts facts;
		const char *cause, *advice, *never;
	} rows[] = {
		{ "/app", { .file = { .type = FILE_DIRECTORY, .mode = 0755 } },
			"command_not_executable",
			"Let the command name the program in it: /app is a directory", "chmod" },
		{ "/scripts/start.sh", { .file = { .type = FILE_REGULAR, .mode = 0644 } },
			"command_not_executable", "defaultMode: 0755", "RUN chmod" },
		{ "/usr/bin/app", { .file = { .type = FILE_REGULAR, .mode = 0644 } },
			"command_not_executable", "RUN chmod a+rx /usr/bin/app", "defaultMode" },
		{ "/usr/bin/app",
			{ .file = { .type = FILE_REGULAR, .mode = 0755 }, .noexec = true },
			"command_not_executable", "in the image", "chmod" },
		{ "/usr/bin/app", { .file = { .type = FILE_REGULAR, .mode = 0755 } },
			"application_error", NULL, "chmod" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct path_facts *owned = malloc(sizeof(*owned));
		struct builder t = builder_new();
		assert_non_null(owned);
		*owned = rows[i].facts;
		owned->known = true;
		builder_mount(&t, "/scripts", MOUNT_CONFIGMAP, "scripts", true);
		snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
		builder_add(
			&t, (struct event){
				    .kind = EVENT_PROCESS_EXITED, .pid = 1, .status = exited(1) });
		builder_add(&t, (struct event){ .kind = EVENT_CONTAINER_EXITED,
					.pid = 1,
					.status = exited(1),
					.path = rows[i].path,
					.facts = owned });
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		for (size_t j = 0; j < d->n_recommendations; j++)
			assert_null(strstr(d->recommendations[j].text, rows[i].never));
		diagnosis_free(d);
		builder_expect(&t, rows[i].cause, NULL, rows[i].advice);
	}
}

/* tini and others run programs by execvp(), which hands to a shell what the kernel does not know. */
static void machine_code_taken_for_a_script_is_a_wrong_format(void **state)
{
	struct path_facts facts = { .known = true,
		.file = { .type = FILE_REGULAR, .mode = 0755, .elf = true, .elf_machine = 62 } };
	struct path_facts *owned = malloc(sizeof(facts));
	struct builder t = builder_new();

	(void)state;
	assert_non_null(owned);
	*owned = facts;
	builder_exec(&t, 1, "tini /usr/local/bin/agent");
	builder_fork(&t, 1, 2);
	builder_add(&t, (struct event){ .kind = EVENT_EXEC_FAILED,
				.pid = 2,
				.syscall = "execve",
				.error = ENOEXEC,
				.path = "/usr/local/bin/agent",
				.executable = "/usr/local/bin/agent",
				.facts = owned });
	builder_exec(&t, 2, "/bin/sh /usr/local/bin/agent");
	builder_output(&t, 2, "/usr/local/bin/agent: 1: ELF: not found\n");
	builder_end(&t, 2, exited(127));
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "exec_format_error", "/usr/local/bin/agent", NULL);
}

static void directory_name_with_a_carriage_return_is_told(void **state)
{
	struct builder t = ends_with("sh -ec script", "chdir", ENOENT, "/srv/app\r",
		"sh: 1: cd: can't cd to /srv/app\r\n");

	(void)state;
	builder_expect(&t, "missing_file", "/srv/app\r", NULL);
}

static void file_told_under_a_longer_path_is_another(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "node /app/main.mjs");
	builder_fail(&t, 1, "statx", ENOENT, "/app/lib/db");
	builder_fail(&t, 1, "statx", ENOENT, "/lib/db");
	builder_output(
		&t, 1, "Error: Cannot find module '/app/lib/db' imported from /app/main.mjs\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/app/lib/db", NULL);
}

static void directory_in_place_of_a_file_is_known_by_its_mount(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/etc/app.conf", MOUNT_EMPTYDIR, "conf", false);
	t.c->mounts[0].subpath = t.c->mounts[0].directory = true;
	builder_exec(&t, 1, "supervisord -c /etc/app.conf");
	builder_output(&t, 1, "Error: could not read config file /etc/app.conf\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "wrong_file_type", "/etc/app.conf", "subPath");
}

static void name_server_asked_last_in_silence_is_dns(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "getent hosts db.prod");
	builder_add(
		&t, (struct event){ .kind = EVENT_DNS_QUERY, .pid = 1, .address = "10.0.0.10" });
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "dns_failure", NULL, "db.prod");
}

static void file_missed_before_a_name_was_asked_for_explains_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, CONFIG);
	builder_add(
		&t, (struct event){ .kind = EVENT_DNS_QUERY, .pid = 1, .address = "10.0.0.10" });
	builder_output(&t, 1, "database unavailable\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, NULL);
}

static void edit_passed_over_is_better_than_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "conf", true);
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "perl -pi -e s/a/b/ /etc/app/x.conf");
	builder_fail_create(&t, 2, EROFS, "/etc/app/XXa1b2");
	builder_output(&t, 2, "Can't edit /etc/app/x.conf: Read-only file system\n");
	builder_end(&t, 2, exited(0));
	builder_run(&t, 1, 3, "grep -q b /etc/app/x.conf");
	builder_end(&t, 3, exited(1));
	builder_end(&t, 1, exited(5));
	builder_expect(&t, "read_only_filesystem", "/etc/app/XXa1b2", NULL);
}

/* The ConfigMap says itself what the script would have set. */
static void edit_of_a_configmap_that_a_server_does_without_is_silent(void **state)
{
	static const struct {
		enum mount_kind kind;
		const char *edit;
		bool serves, told;
	} rows[] = {
		{ MOUNT_CONFIGMAP, "sed -i s/a/b/ /etc/app/x.conf", true, false },
		{ MOUNT_CONFIGMAP, "sed -i s/a/b/ /etc/app/x.conf", false, true },
		{ MOUNT_PVC, "sed -i s/a/b/ /etc/app/x.conf", true, true },
		{ MOUNT_CONFIGMAP, "cp /defaults/x.conf /etc/app/", true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();
		builder_mount(&t, "/etc/app", rows[i].kind, "conf", true);
		builder_exec(&t, 1, "sh -c script");
		builder_run(&t, 1, 2, rows[i].edit);
		builder_fail_create(&t, 2, EROFS, "/etc/app/sedXXa1b2");
		builder_output(&t, 2, "cannot write /etc/app/sedXXa1b2: Read-only file system\n");
		builder_end(&t, 2, exited(4));
		builder_exec(&t, 1, "server");
		if (rows[i].serves)
			builder_listen(&t, 1, "0.0.0.0", 8080);
		t.now += 5000 * MS;
		if (!rows[i].told) {
			builder_expect_nothing(&t);
			continue;
		}
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		assert_memory_equal(d->root_cause, "read_only", strlen("read_only"));
		diagnosis_free(d);
		builder_free(&t);
	}
}

static void redirection_that_a_server_does_without_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "conf", true);
	builder_exec(&t, 1, "sh -c script");
	builder_fail_create(&t, 1, EROFS, "/etc/app/x.conf");
	builder_output(&t, 1, "sh: can't create /etc/app/x.conf: Read-only file system\n");
	builder_exec(&t, 1, "server");
	builder_listen(&t, 1, "0.0.0.0", 8080);
	t.now += 5000 * MS;
	builder_expect_nothing(&t);
}

static void redirection_that_nothing_made_up_for_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "conf", true);
	builder_exec(&t, 1, "sh -c script");
	builder_fail_create(&t, 1, EROFS, "/etc/app/x.conf");
	builder_output(&t, 1, "sh: can't create /etc/app/x.conf: Read-only file system\n");
	builder_exec(&t, 1, "sleep 60");
	t.now += 5000 * MS;
	builder_expect(&t, "read_only_filesystem", "/etc/app/x.conf", NULL);
}

static void crash_that_the_shell_tells_of_is_the_cause(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "fetch --all");
	builder_end(&t, 2, killed(SIGSEGV));
	builder_output(&t, 1, "Segmentation fault\n");
	builder_run(&t, 1, 3, "sleep 1");
	builder_end(&t, 3, exited(0));
	builder_end(&t, 1, exited(7));
	builder_expect(&t, "crashed", NULL, "fetch");
}

static void refusal_by_netlink_is_a_missing_capability(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "ip link set lo mtu 1400");
	builder_output(&t, 1, "RTNETLINK answers: Operation not permitted\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "capability_missing", NULL, "NET_ADMIN");
}

static void tool_with_one_of_two_capabilities_lacks_the_other(void **state)
{
	static const struct {
		uint64_t held;
		const char *wanted;
	} rows[] = { { 0, "NET_ADMIN" }, { 1ULL << CAP_NET_ADMIN, "add: [NET_RAW]" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();
		t.c->described = true;
		t.c->capabilities = rows[i].held;
		builder_exec(&t, 1, "iptables -t nat -L");
		builder_add(&t, (struct event){ .kind = EVENT_NETWORK_ERROR,
					.pid = 1,
					.syscall = "socket",
					.error = EPERM,
					.call_args = { AF_INET, SOCK_RAW, 255 } });
		builder_output(&t, 1,
			"iptables v1.6.0: can't initialize iptables table `nat': Permission denied "
			"(you must be root)\n");
		builder_end(&t, 1, exited(3));
		builder_expect(&t, "capability_missing", NULL, rows[i].wanted);
	}
}

static void bind_that_nothing_but_a_filter_refuses_is_blocked(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "node server.js");
	builder_fail_net(&t, 1, "bind", EPERM, "0.0.0.0", 8080);
	builder_output(&t, 1, "Error: listen EPERM: operation not permitted 0.0.0.0:8080\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "syscall_blocked", NULL, "bind");
}

static void file_that_a_script_tested_for_explains_vague_words(void **state)
{
	struct builder t = ends_with(
		"sh -c script", "newfstatat", ENOENT, CONFIG, "configuration not ready\n");

	(void)state;
	builder_expect(&t, "missing_file", CONFIG, NULL);
}

static void command_that_a_script_looked_for_explains_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/local/bin/date");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/sbin/date");
	builder_run(&t, 1, 2, "date");
	builder_end(&t, 2, exited(0));
	builder_output(&t, 1, "cannot start\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_file_missed_explains_vague_words),
		cmocka_unit_test(reason_of_its_own_outranks_the_last_file),
		cmocka_unit_test(file_missed_long_before_explains_nothing),
		cmocka_unit_test(last_refusal_explains_vague_words),
		cmocka_unit_test(limit_that_is_no_refusal_by_name_explains_vague_words),
		cmocka_unit_test(refusal_that_was_got_over_explains_nothing),
		cmocka_unit_test(name_spaces_take_a_capability),
		cmocka_unit_test(environment_that_is_too_large_is_named),
		cmocka_unit_test(lock_of_another_is_named),
		cmocka_unit_test(lock_of_its_own_is_named),
		cmocka_unit_test(lock_file_that_is_there_is_left_over),
		cmocka_unit_test(only_volume_with_noexec_is_named),
		cmocka_unit_test(end_at_once_accuses_a_write_to_sys),
		cmocka_unit_test(answer_of_grep_is_no_failure),
		cmocka_unit_test(sentence_of_npm_outranks_the_last_refusal),
		cmocka_unit_test(module_looked_for_in_vain_is_named),
		cmocka_unit_test(module_that_is_optional_explains_nothing),
		cmocka_unit_test(package_looked_for_in_vain_is_named),
		cmocka_unit_test(package_that_is_optional_explains_nothing),
		cmocka_unit_test(package_before_a_file_explains_nothing),
		cmocka_unit_test(library_on_a_noexec_volume_is_named),
		cmocka_unit_test(machine_code_taken_for_a_script_is_a_wrong_format),
		cmocka_unit_test(program_that_the_runtime_refused),
		cmocka_unit_test(runtime_of_an_unknown_container),
		cmocka_unit_test(working_directory_that_is_a_file),
		cmocka_unit_test(working_directory_on_a_read_only_volume),
		cmocka_unit_test(directory_name_with_a_carriage_return_is_told),
		cmocka_unit_test(file_told_under_a_longer_path_is_another),
		cmocka_unit_test(directory_in_place_of_a_file_is_known_by_its_mount),
		cmocka_unit_test(name_server_asked_last_in_silence_is_dns),
		cmocka_unit_test(file_missed_before_a_name_was_asked_for_explains_nothing),
		cmocka_unit_test(edit_passed_over_is_better_than_nothing),
		cmocka_unit_test(edit_of_a_configmap_that_a_server_does_without_is_silent),
		cmocka_unit_test(tool_with_one_of_two_capabilities_lacks_the_other),
		cmocka_unit_test(redirection_that_a_server_does_without_is_silent),
		cmocka_unit_test(redirection_that_nothing_made_up_for_fires),
		cmocka_unit_test(crash_that_the_shell_tells_of_is_the_cause),
		cmocka_unit_test(refusal_by_netlink_is_a_missing_capability),
		cmocka_unit_test(bind_that_nothing_but_a_filter_refuses_is_blocked),
		cmocka_unit_test(file_that_a_script_tested_for_explains_vague_words),
		cmocka_unit_test(command_that_a_script_looked_for_explains_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
