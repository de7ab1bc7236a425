// SPDX-License-Identifier: MIT
/* A step that a script's loop makes again and again: needed, or a question? */
#include "story_builder.h"

#include "util/cleanup.h"

#define SECOND (1000 * MS)

/* A shell with this script, in which `cat /etc/app.yaml` fails each time. */
static struct builder loop_over(const char *script)
{
	const char *args[] = { "sh", "-c", script };
	struct builder t = builder_new();

	builder_exec(&t, 1, "sh");
	builder_add(&t, (struct event){ .kind = EVENT_EXEC,
				.pid = 1,
				.executable = "/bin/sh",
				.interpreter = "",
				.cwd = "/",
				.args = args,
				.argc = ARRAY_SIZE(args) });
	for (uint32_t pid = 10; pid < 22; pid++) {
		builder_run(&t, 1, pid, "cat /etc/app.yaml");
		builder_output(&t, pid, "cat: /etc/app.yaml: No such file or directory\n");
		builder_end(&t, pid, exited(1));
		t.now += 2 * SECOND;
	}
	return t;
}

/* Scripts ask with `cat` too: whether its message is seen, and its status passed over, tells a question from a step. */
static void step_of_a_loop_that_fails_openly_is_named(void **state)
{
	static const char *const asks[] = {
		"while :; do cat /etc/app.yaml 2>/dev/null; sleep 2; done",
		"while :; do if cat /etc/app.yaml; then load; fi; sleep 2; done",
		"while :; do cat /etc/app.yaml || true; sleep 2; done",
		"while :; do cat /etc/app.yaml | load; sleep 2; done",
		"while :; do cat /etc/other.yaml; concat /etc/app.yaml; done",
	};
	struct builder t = loop_over("while :; do cat /etc/app.yaml; sleep 2; done");

	(void)state;
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "missing_file");
	assert_string_equal(d->waiting.kind, "command");
	assert_int_equal(d->waiting.attempts, 12);
	diagnosis_free(d);
	builder_free(&t);
	for (size_t i = 0; i < ARRAY_SIZE(asks); i++) {
		t = loop_over(asks[i]);
		builder_expect_nothing(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(step_of_a_loop_that_fails_openly_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
