// SPDX-License-Identifier: MIT
#include "story_builder.h"

#include "diagnose/excerpt.h"

/* A script that is searched for, looks into many places, and ends for want of one of them. */
static struct builder failing(void)
{
	struct builder t = builder_new();
	char path[64];

	builder_exec(&t, 1, "sh /start.sh");
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "/usr/lib/cache/%d.so", i);
		builder_fail(&t, 1, "newfstatat", ENOENT, path);
	}
	builder_run(&t, 1, 2, "cat /etc/app.conf");
	builder_fail(&t, 2, "openat", ENOENT, "/etc/app.conf");
	builder_add(&t, (struct event){ .kind = EVENT_OUTPUT,
				.pid = 2,
				.fd = 2,
				.text = "cat: /etc/app.conf: No such file or directory\n",
				.text_total = 46 });
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_EXITED, .pid = 2, .status = 1 << 8 });
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_EXITED, .pid = 1, .status = 1 << 8 });
	builder_add(
		&t, (struct event){ .kind = EVENT_CONTAINER_EXITED, .pid = 1, .status = 1 << 8 });
	return t;
}

static void hold_back_failures(const struct builder *t)
{
	const struct story_entry *entries;
	size_t n = story_entries(t->story, &entries);

	for (size_t i = 0; i < n; i++)
		entries[i].event->is_held_back = entries[i].event->error != 0;
}

static bool holds(const struct excerpt *x, enum event_kind kind, uint32_t pid, const char *path)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->events[i]->kind == kind && x->events[i]->pid == pid &&
			(!path || !strcmp(x->events[i]->path, path)))
			return true;
	return false;
}

static void what_the_diagnosis_rests_on(void **state)
{
	struct builder t = failing();
	struct diagnosis *d = NULL;
	struct excerpt x;

	(void)state;
	hold_back_failures(&t);
	assert_int_equal(diagnose(t.story, &t.input, &d), 0);
	assert_string_equal(d->root_cause, "missing_file");
	assert_int_equal(excerpt_make(t.story, &t.input, d, &x), 0);
	assert_true(holds(&x, EVENT_FILE_ERROR, 2, "/etc/app.conf"));
	assert_true(holds(&x, EVENT_EXEC, 2, NULL));
	assert_true(holds(&x, EVENT_EXEC, 1, NULL));
	assert_true(holds(&x, EVENT_OUTPUT, 2, NULL));
	assert_true(holds(&x, EVENT_PROCESS_EXITED, 2, NULL));
	assert_false(holds(&x, EVENT_CONTAINER_EXITED, 1, NULL));
	assert_in_range(x.n, 5, 20);
	for (size_t i = 1; i < x.n; i++)
		assert_true(x.events[i - 1]->time <= x.events[i]->time);
	excerpt_clear(&x);
	assert_int_equal(x.n, 0);
	diagnosis_free(d);
	builder_free(&t);
}

static void what_is_in_the_log_is_left_out(void **state)
{
	struct builder t = failing();
	struct diagnosis *d = NULL;
	struct excerpt x;

	(void)state;
	assert_int_equal(diagnose(t.story, &t.input, &d), 0);
	assert_int_equal(excerpt_make(t.story, &t.input, d, &x), 0);
	assert_false(holds(&x, EVENT_FILE_ERROR, 2, NULL));
	assert_true(holds(&x, EVENT_EXEC, 2, NULL));
	excerpt_clear(&x);
	diagnosis_free(d);
	builder_free(&t);
}

/* However much it wrote and failed, it is bounded. */
static void it_is_bounded(void **state)
{
	struct builder t = builder_new();
	struct diagnosis *d = NULL;
	struct excerpt x;
	char line[1024];

	(void)state;
	builder_exec(&t, 1, "python3 /app.py");
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	for (uint32_t pid = 2; pid < 60; pid++) {
		builder_run(&t, 1, pid, "worker");
		builder_add(&t, (struct event){ .kind = EVENT_OUTPUT,
					.pid = pid,
					.fd = 1,
					.text = line,
					.text_total = sizeof(line) });
		builder_fail_create(&t, pid, ENOSPC, "/data/file");
		builder_add(
			&t, (struct event){
				    .kind = EVENT_PROCESS_EXITED, .pid = pid, .status = 1 << 8 });
	}
	builder_add(&t, (struct event){ .kind = EVENT_PROCESS_EXITED, .pid = 1, .status = 1 << 8 });
	builder_add(
		&t, (struct event){ .kind = EVENT_CONTAINER_EXITED, .pid = 1, .status = 1 << 8 });
	hold_back_failures(&t);
	assert_int_equal(diagnose(t.story, &t.input, &d), 0);
	assert_non_null(d);
	assert_int_equal(excerpt_make(t.story, &t.input, d, &x), 0);
	size_t bytes = 0;
	for (size_t i = 0; i < x.n; i++)
		bytes += strlen(x.events[i]->text) + strlen(x.events[i]->path) + 200;
	assert_in_range(bytes, 400, EXCERPT_BYTES_MAX);
	excerpt_clear(&x);
	diagnosis_free(d);
	builder_free(&t);
}

static bool ordinary(struct builder *t, struct event draft)
{
	draft.container = t->c;
	struct event *e = event_new(&draft);
	bool answer = excerpt_is_ordinary(e);

	event_unref(e);
	return answer;
}

static void a_search_is_ordinary(void **state)
{
	struct builder t = builder_new();
	const struct event failed = { .kind = EVENT_EXEC_FAILED,
		.syscall = "execve",
		.error = ENOENT,
		.path = "/usr/local/bin/python3" };
	struct event e = failed;

	(void)state;
	assert_true(ordinary(&t, e));
	e.path = "/app/run.sh";
	assert_false(ordinary(&t, e));
	e.path = "/usr/bin/deep/python3";
	assert_false(ordinary(&t, e));
	e.path = "/usr/bin/python3";
	e.error = EACCES;
	assert_false(ordinary(&t, e));
	container_set(&t.c->path_env, "/opt/bin::/app");
	e = failed;
	assert_false(ordinary(&t, e));
	e.path = "/app/run.sh";
	assert_true(ordinary(&t, e));
	builder_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_diagnosis_rests_on),
		cmocka_unit_test(what_is_in_the_log_is_left_out),
		cmocka_unit_test(it_is_bounded),
		cmocka_unit_test(a_search_is_ordinary),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
