// SPDX-License-Identifier: MIT
/* Commands that are looked for along PATH, and scripts that another one leaves out. */
#include "story_builder.h"

#define HOOK "/docker-entrypoint.d/20-render.sh"

static struct path_facts file_there(uint32_t mode)
{
	return (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR, .mode = mode, .elf = true } };
}

/* busybox tries each directory by exec: where the program is, its loader is what is missing. */
static void program_that_the_search_met_is_there(void **state)
{
	struct builder t = builder_new();

	(void)state;
	container_set(&t.c->path_env, "/usr/bin:/bin");
	builder_exec(&t, 1, "sh /start.sh");
	builder_fork(&t, 1, 2);
	t.facts = file_there(0755);
	builder_fail_exec(&t, 2, ENOENT, "/usr/bin/jq");
	builder_fail_exec(&t, 2, ENOENT, "/bin/jq");
	builder_output(&t, 2, "/start.sh: line 1: jq: not found\n");
	builder_end(&t, 2, exited(127));
	builder_end(&t, 1, exited(4));
	builder_expect(&t, "missing_interpreter", "/usr/bin/jq", NULL);
}

static void command_is_missed(const char *path_env, const char *advice)
{
	struct builder t = builder_new();

	container_set(&t.c->path_env, path_env);
	snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/app/bin/redis-server");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/srv/bin/redis-server");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "command_not_found", NULL, advice);
}

static void path_without_any_standard_directory_is_named(void **state)
{
	(void)state;
	command_is_missed("/app/bin:/srv/bin", "Keep the standard directories in PATH");
	command_is_missed("/app/bin:/srv/bin:/bin", "Install redis-server");
	command_is_missed("/app/bin:/srv/bin:/usr/local/bin", "Install redis-server");
}

/* `sh -c LINE` takes what follows for no part of the line. */
static void command_with_arguments_is_not_handed_to_a_shell(void **state)
{
	static const char *const args[] = { "/app/x; y", "start" };

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		struct builder t = builder_new();
		t.c->args = calloc(n, sizeof(*t.c->args));
		for (; t.c->n_args < n; t.c->n_args++)
			t.c->args[t.c->n_args] = strdup(args[t.c->n_args]);
		snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
		builder_fail(&t, 1, "newfstatat", ENOENT, args[0]);
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "command_not_found", NULL,
			n == 1 ? "Let a shell read it" : "into the image, or correct the path");
	}
}

static struct builder asks_for_hook(uint32_t mode, const char *missed)
{
	struct builder t = builder_new();

	builder_mount(&t, "/docker-entrypoint.d", MOUNT_CONFIGMAP, "hooks", true);
	builder_exec(&t, 1, "sh /docker-entrypoint.sh");
	t.facts = file_there(mode);
	builder_fail_flags(&t, 1, "faccessat2", "X_OK", EACCES, HOOK);
	builder_exec(&t, 1, "haproxy -f /run/haproxy.cfg");
	builder_fail(&t, 1, "openat", ENOENT, missed);
	builder_output(&t, 1, "Cannot open configuration file: No such file or directory\n");
	builder_end(&t, 1, exited(1));
	return t;
}

/* What is in /run some step of the start makes: most likely the one that was left out. */
static void script_that_was_left_out_is_the_cause(void **state)
{
	struct builder t = asks_for_hook(0644, "/run/haproxy.cfg");

	(void)state;
	builder_expect(&t, "command_not_executable", HOOK, "defaultMode");
	t = asks_for_hook(0644, "/etc/haproxy/haproxy.cfg");
	builder_expect(&t, "missing_file", "/etc/haproxy/haproxy.cfg", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_that_the_search_met_is_there),
		cmocka_unit_test(path_without_any_standard_directory_is_named),
		cmocka_unit_test(command_with_arguments_is_not_handed_to_a_shell),
		cmocka_unit_test(script_that_was_left_out_is_the_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
