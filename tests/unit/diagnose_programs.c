// SPDX-License-Identifier: MIT
/* Programs that cannot run, crash, or lack something: for each root cause one that fires, one that must not. */
#include <elf.h>
#include <signal.h>

#include "story_builder.h"

static void command_not_found_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	container_set(&t.c->path_env, "/usr/bin:/bin");
	builder_exec(&t, 1, "sh -c script");
	builder_fork(&t, 1, 2);
	builder_fail(&t, 2, "stat", ENOENT, "/usr/bin/curl");
	builder_fail(&t, 2, "stat", ENOENT, "/bin/curl");
	builder_output(&t, 2, "sh: curl: not found\n");
	builder_end(&t, 2, exited(127));
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "command_not_found", NULL, "/usr/bin:/bin");
}

static void search_along_the_path_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_fork(&t, 1, 2);
	builder_fail_exec(&t, 2, ENOENT, "/usr/local/bin/date");
	builder_exec(&t, 2, "date");
	builder_end(&t, 2, exited(0));
	builder_end(&t, 1, exited(0));
	builder_expect_nothing(&t);
}

static void runtime_finds_no_command(void **state)
{
	struct builder t = builder_new();

	(void)state;
	snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/passwd");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/bin/gunicorn");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/bin/gunicorn");
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "command_not_found");
	assert_int_equal(d->phase, PHASE_RUNTIME);
	assert_int_equal(d->exit_code, 128);
	diagnosis_free(d);
	builder_free(&t);
}

static void interpreter_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR,
			.mode = 0755,
			.script = true,
			.interpreter = "/bin/sh\r" } };
	builder_fail_exec(&t, 1, ENOENT, "/entrypoint.sh");
	builder_output(&t, 1, "sh: 1: exec: /entrypoint.sh: not found\n");
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "missing_interpreter", "/entrypoint.sh", "carriage return");
}

/* `env python` where python3 is in the same directory. */
static void python_where_only_python3_is(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec_as(&t, 1, "/usr/bin/env", "/app/job");
	t.facts = (struct path_facts){
		.known = true, .file = { .type = FILE_MISSING }, .nearby = "/usr/bin/python3"
	};
	builder_fail_exec(&t, 1, ENOENT, "/usr/bin/python");
	builder_fail_exec(&t, 1, ENOENT, "/bin/python");
	builder_output(&t, 1, "env: can't execute 'python': No such file or directory\n");
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "missing_interpreter", "/app/job", "#!/usr/bin/env python3");
}

/* The working directory is not where the script and its files are. */
static void relative_file_beside_the_script(void **state)
{
	static const struct {
		const char *requested, *path, *nearby, *word;
	} rows[] = {
		{ "conf/a.ini", "/conf/a.ini", "/app/conf/a.ini", "workingDir: \"/app\"" },
		{ "./a.ini", "/a.ini", "/app/a.ini", "workingDir: \"/app\"" },
		{ "../a.ini", "/a.ini", "/app/a.ini", "Set workingDir to the directory of" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "python3 /app/main.py");
		t.facts = (struct path_facts){ .known = true, .file = { .type = FILE_MISSING } };
		strcpy(t.facts.nearby, rows[i].nearby);
		builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
					.pid = 1,
					.syscall = "openat",
					.error = ENOENT,
					.path = rows[i].path,
					.requested = rows[i].requested,
					.flags = "O_RDONLY" });
		builder_output(&t, 1, "cannot read the settings\n");
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "missing_file", rows[i].path, rows[i].word);
	}
}

static void file_that_is_missing_has_no_interpreter(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	t.facts = (struct path_facts){ .known = true, .file = { .type = FILE_MISSING } };
	builder_fail_exec(&t, 1, ENOENT, "/entrypoint.sh");
	builder_output(&t, 1, "sh: 1: exec: /entrypoint.sh: not found\n");
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "command_not_found", "/entrypoint.sh", NULL);
}

static void architecture_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR,
			.mode = 0755,
			.elf = true,
			.elf_machine = EM_AARCH64 } };
	builder_fail_exec(&t, 1, ENOEXEC, "/srv/server");
	builder_output(&t, 1, "/srv/server: 1: Syntax error: word unexpected\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "exec_format_error", "/srv/server", "arm64");
}

/* "No such file" is said of a script without its interpreter too, so that without a look at it neither is certain. */
static void program_that_nobody_looked_at_has_a_rival(void **state)
{
	static const char *const args[] = { "/srv/start", NULL };
	static const struct path_facts missing = { .known = true, .file.type = FILE_MISSING };

	(void)state;
	for (int looked = 0; looked < 2; looked++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "sh -c script");
		if (looked)
			t.facts = missing;
		builder_add(&t, (struct event){ .kind = EVENT_EXEC_FAILED,
					.pid = 1,
					.syscall = "execve",
					.error = ENOENT,
					.executable = args[0],
					.args = args,
					.argc = 1,
					.path = args[0],
					.requested = args[0] });
		builder_output(&t, 1, "sh: 1: exec: /srv/start: not found\n");
		builder_end(&t, 1, exited(127));
		struct diagnosis *d = builder_diagnose(&t);
		assert_string_equal(d->root_cause, "command_not_found");
		assert_int_equal(d->confidence > 0.9, looked);
		diagnosis_free(d);
		builder_free(&t);
	}
}

static void script_without_first_line_is_fine_in_a_shell(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR, .mode = 0755 } };
	builder_fail_exec(&t, 1, ENOEXEC, "/srv/run");
	builder_output(&t, 1, "FATAL: no licence\n");
	builder_end(&t, 1, exited(9));
	builder_expect(&t, "application_error", NULL, "no licence");
}

static void not_executable_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	t.facts = (struct path_facts){ .known = true,
		.file = { .type = FILE_REGULAR, .mode = 0644 } };
	builder_fail_exec(&t, 1, EACCES, "/entrypoint.sh");
	builder_output(&t, 1, "sh: 1: exec: /entrypoint.sh: Permission denied\n");
	builder_end(&t, 1, exited(126));
	builder_expect(&t, "command_not_executable", "/entrypoint.sh", "0644");
}

/* runc looks at the mode itself: no call fails. */
static void runtime_refuses_in_silence(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->args = calloc(2, sizeof(*t.c->args));
	t.c->args[0] = strdup("/entry.sh");
	t.c->n_args = 1;
	snprintf(t.comm[1], sizeof(t.comm[1]), "runc:[2:INIT]");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/proc/kcore");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "command_not_executable", "/entry.sh", "needs the execute bit");
}

static void library_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "/opt/server");
	builder_fail(&t, 1, "openat", ENOENT, "/lib/libz.so.1");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/libz.so.1");
	builder_output(&t, 1,
		"/opt/server: error while loading shared libraries: libz.so.1: cannot open shared "
		"object "
		"file: No such file or directory\n");
	builder_end(&t, 1, exited(127));
	builder_expect(&t, "missing_library", "/usr/lib/libz.so.1", "libz.so.1");
}

static void module_fires(void **state)
{
	static const char *const log_lines[][2] = {
		{ "ModuleNotFoundError: No module named 'flask'\n", "flask" },
		{ "Error: Cannot find module 'express'\n", "express" },
		{ "Can't locate Foo/Bar.pm in @INC (you may need ...)\n", "Foo::Bar" },
		{ "<internal>: in `require': cannot load such file -- sinatra (LoadError)\n",
			"sinatra" },
		{ "Error: Could not find or load main class com.acme.Main\n", "com.acme.Main" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(log_lines); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "runtime main");
		builder_output(&t, 1, log_lines[i][0]);
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "missing_module", NULL, log_lines[i][1]);
	}
}

static void script_is_no_module(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "node /srv/server.js");
	builder_fail(&t, 1, "statx", ENOENT, "/srv/server.js");
	builder_output(&t, 1,
		"Error: Cannot find module '/srv/server.js'\n    at Module._resolveFilename\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", "/srv/server.js", NULL);
}

static void gpu_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 train.py");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/libcuda.so.1");
	builder_output(&t, 1,
		"OSError: libcuda.so.1: cannot open shared object file: No such file or "
		"directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "gpu_unavailable", "/usr/lib/libcuda.so.1", "nvidia.com/gpu");
}

static void gpu_driver_looked_for_in_silence_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 serve.py");
	builder_fail(&t, 1, "openat", ENOENT, "/lib/x86_64-linux-gnu/libcuda.so.1");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/x86_64-linux-gnu/libcuda.so.1");
	builder_fail(&t, 1, "openat", ENOENT, "/lib/libcuda.so.1");
	builder_fail(&t, 1, "openat", ENOENT, "/usr/lib/libcuda.so.1");
	builder_output(&t, 1, "backend initialisation failed\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "gpu_unavailable", "/usr/lib/libcuda.so.1", "nvidia.com/gpu");
}

static void oom(struct builder *t, uint32_t pid)
{
	builder_add(t, (struct event){ .kind = EVENT_OOM_KILL,
			       .pid = pid,
			       .oom_limit = 32 << 20,
			       .oom_anon = 30 << 20 });
	builder_end(t, pid, killed(SIGKILL));
}

static void oom_of_a_child_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "worker");
	oom(&t, 2);
	builder_output(&t, 1, "worker failed: no such file or directory\n");
	builder_end(&t, 1, exited(3));
	builder_expect(&t, "oom_killed", NULL, "32 MiB");
}

static void oom_that_the_exit_code_hides_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "worker");
	oom(&t, 2);
	builder_end(&t, 1, exited(0));
	builder_expect(&t, "oom_killed", NULL, "all the same");
}

static void oom_that_was_made_up_for_is_silent(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "worker --large");
	oom(&t, 2);
	builder_run(&t, 1, 3, "worker --small");
	builder_end(&t, 3, exited(0));
	builder_end(&t, 1, exited(0));
	builder_expect_nothing(&t);
}

static void crash_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh -c script");
	builder_run(&t, 1, 2, "/opt/server");
	builder_end(&t, 2, killed(SIGSEGV));
	builder_end(&t, 1, exited(139));
	builder_expect(&t, "crashed", NULL, "SIGSEGV");
}

static void seccomp_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "/opt/server");
	builder_end(&t, 1, killed(SIGSYS));
	builder_expect(&t, "syscall_blocked", NULL, "seccomp");
}

static void owner_who_may_not_change_the_mode_is_filtered(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->seccomp = true;
	builder_exec(&t, 1, "server");
	t.facts =
		(struct path_facts){ .known = true, .file = { .type = FILE_REGULAR, .uid = 1000 } };
	builder_fail(&t, 1, "fchmodat", EPERM, "/tmp/x");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "syscall_blocked", "/tmp/x", "seccomp");
}

static void capability_fires(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.c->described = true;
	builder_exec(&t, 1, "/opt/server");
	builder_fail_call(&t, 1, "setgroups", EPERM);
	builder_output(&t, 1, "server: setgroups: Operation not permitted\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "capability_missing", NULL, "SETGID");
}

static void limits_fire(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "/opt/server");
	builder_fail_call(&t, 1, "clone3", EAGAIN);
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "process_limit", NULL, "podPidsLimit");
	t = builder_new();
	builder_exec(&t, 1, "/opt/server");
	builder_fail(&t, 1, "openat", EMFILE, "/etc/hosts");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "too_many_open_files", "/etc/hosts", "LimitNOFILE");
}

static void last_words_are_quoted(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "python3 main.py");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/usr/bin/pyvenv.cfg");
	builder_output(&t, 1, "FATAL: licence expired\n");
	builder_end(&t, 1, exited(42));
	builder_expect(&t, "application_error", NULL, "licence expired");
}

static struct builder script_with(const char *option, const char *words)
{
	const char *const args[] = { "/bin/sh", option, "/run.sh" };
	struct builder t = builder_new();

	builder_add(&t, (struct event){ .kind = EVENT_EXEC,
				.pid = 1,
				.comm = "run.sh",
				.executable = "/run.sh",
				.interpreter = "/bin/sh",
				.args = args,
				.argc = 3 });
	builder_add(&t, (struct event){ .kind = EVENT_CONTAINER_STARTED, .pid = 1 });
	builder_output(&t, 1, words);
	builder_end(&t, 1, exited(2));
	return t;
}

static void an_option_with_a_return_is_the_first_line_s(void **state)
{
	struct builder t = script_with("-e\r", "/bin/sh: 0: Illegal option -\r\n");

	(void)state;
	builder_expect(&t, "bad_configuration", "/run.sh", "Unix line ends");
	t = script_with("-e\r", "the queue is closed\n");
	builder_expect(&t, "application_error", NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_with_a_return_is_the_first_line_s),
		cmocka_unit_test(command_not_found_fires),
		cmocka_unit_test(search_along_the_path_is_silent),
		cmocka_unit_test(runtime_finds_no_command),
		cmocka_unit_test(interpreter_fires),
		cmocka_unit_test(file_that_is_missing_has_no_interpreter),
		cmocka_unit_test(python_where_only_python3_is),
		cmocka_unit_test(relative_file_beside_the_script),
		cmocka_unit_test(architecture_fires),
		cmocka_unit_test(program_that_nobody_looked_at_has_a_rival),
		cmocka_unit_test(script_without_first_line_is_fine_in_a_shell),
		cmocka_unit_test(not_executable_fires),
		cmocka_unit_test(runtime_refuses_in_silence),
		cmocka_unit_test(library_fires),
		cmocka_unit_test(module_fires),
		cmocka_unit_test(script_is_no_module),
		cmocka_unit_test(gpu_fires),
		cmocka_unit_test(gpu_driver_looked_for_in_silence_fires),
		cmocka_unit_test(oom_of_a_child_fires),
		cmocka_unit_test(oom_that_the_exit_code_hides_fires),
		cmocka_unit_test(oom_that_was_made_up_for_is_silent),
		cmocka_unit_test(crash_fires),
		cmocka_unit_test(seccomp_fires),
		cmocka_unit_test(owner_who_may_not_change_the_mode_is_filtered),
		cmocka_unit_test(capability_fires),
		cmocka_unit_test(limits_fire),
		cmocka_unit_test(last_words_are_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
