// SPDX-License-Identifier: MIT
/* Tools and scripts that end without a word, or whose words are another one's: the kinds that public reports are full of. */
#include <errno.h>
#include <signal.h>

#include "story_builder.h"

#define SHM "/dev/shm/PostgreSQL.99"

static void test_of_a_script_is_no_file_to_add(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec_as(&t, 1, "/bin/bash", "/bin/bash /entrypoint.sh");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/srv/app.lock");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/srv/app.lock", "do not let the test end it");
}

static void grep_that_finds_nothing_has_its_advice(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "bash -e /entrypoint.sh");
	builder_run(&t, 1, 2, "grep ^APP_");
	builder_end(&t, 2, exited(1));
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "Let the script expect that answer");
}

static void curl_that_may_not_speak_tells_by_its_status(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "curl -s https://api/");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/ssl/certs/ca-certificates.crt");
	builder_end(&t, 1, exited(77));
	builder_expect(&t, "missing_file", "/etc/ssl/certs/ca-certificates.crt",
		"install -y ca-certificates");
	t = builder_new();
	builder_exec(&t, 1, "curl -s https://api/");
	builder_end(&t, 1, exited(77));
	builder_expect(&t, "application_error", NULL, "Install ca-certificates");
}

/* git asks first whether what it is to clone is a directory, and sums up what ssh said. */
static void address_of_a_repository_is_no_path(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "git clone git@host:a/b.git /srv/b");
	builder_fail(&t, 1, "newfstatat", ENOENT, "git@host:a/b.git.git");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/srv/b/.git/refs/heads/master");
	builder_run(&t, 1, 2, "ssh git@host git-upload-pack a/b.git");
	builder_output(&t, 2, "No user exists for uid 65532\n");
	builder_output(&t, 1, "fatal: Could not read from remote repository.\n");
	builder_end(&t, 1, exited(128));
	builder_expect(&t, "application_error", NULL, "add an entry for uid 65532");
}

static void shared_memory_goes_by_another_name(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "postgres -D /data");
	builder_fail(&t, 1, "openat", ENOENT, "/data/backup_label");
	builder_fail_flags(&t, 1, "fallocate", "", ENOSPC, SHM);
	builder_output(&t, 1,
		"FATAL:  could not resize shared memory segment \"/PostgreSQL.99\" to 1048576 "
		"bytes: No space left on device\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "disk_full", SHM, "/dev/shm");
}

static void watchers_of_files_are_the_nodes(void **state)
{
	static const char *const lines[] = {
		"Couldn't initialize inotify: Too many open files\n",
		"panic: failed to new ca-cert watcher: too many open files\n",
		"Failed to allocate directory watch: Too many open files\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "watcher /etc");
		builder_output(&t, 1, lines[i]);
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "node_limit", NULL, "fs.inotify.max_user_instances");
	}
}

static struct builder ends_well_again(const char *command, const char *says)
{
	struct builder t = builder_new();

	t.input.restarts_same_cause = 2;
	builder_exec(&t, 1, "tini -- server");
	builder_run(&t, 1, 2, command);
	builder_output(&t, 2, says);
	builder_end(&t, 2, exited(0));
	builder_end(&t, 1, exited(0));
	return t;
}

static void what_ends_with_0_may_say_why(void **state)
{
	struct builder t =
		ends_well_again("apache2 -D FOREGROUND", "httpd (pid 1) already running\n");

	(void)state;
	builder_expect(&t, "stale_state", NULL, "remove the file that PidFile names");
	/* Who was told to stay in the foreground did not leave it. */
	t = ends_well_again("apache2 -D FOREGROUND", "done\n");
	builder_expect(&t, "exited_zero", NULL, "Give the container the command that serves");
	t = ends_well_again("apache2 -k start", "done\n");
	builder_expect(&t, "exited_zero", NULL, "Keep apache2 in the foreground");
	t = ends_well_again("nginx -g daemonoff;", "done\n");
	builder_expect(&t, "exited_zero", NULL, "Give the container the command that serves");
}

/* The error of a script whose interpreter is missing is the same: only a look at the file could tell. */
static void nobody_looked_at_the_program(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "tini -- /run.sh");
	builder_fail_exec(&t, 1, ENOENT, "/run.sh");
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "command_not_found", "/run.sh", "dos2unix");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_a_script_is_no_file_to_add),
		cmocka_unit_test(grep_that_finds_nothing_has_its_advice),
		cmocka_unit_test(curl_that_may_not_speak_tells_by_its_status),
		cmocka_unit_test(address_of_a_repository_is_no_path),
		cmocka_unit_test(shared_memory_goes_by_another_name),
		cmocka_unit_test(watchers_of_files_are_the_nodes),
		cmocka_unit_test(what_ends_with_0_may_say_why),
		cmocka_unit_test(nobody_looked_at_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
