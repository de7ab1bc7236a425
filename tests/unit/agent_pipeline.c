// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/answers.h"
#include "agent/heap.h"
#include "agent/pipeline.h"
#include "util/cleanup.h"

#define SECOND 1000000000ULL
#define RUN 0x1234
#define START (1700000000 * SECOND)

/* An output that remembers what it got. */
struct witness {
	struct output base;
	uint64_t last_sequence;
	size_t events, diagnoses, recovered;
	uint64_t missed; /* numbers that went to other levels only */
	bool repeated;
	char root_cause[64];
	int restarts;
};

static int witness_write(struct output *o, const struct record *r)
{
	struct witness *w = (struct witness *)o;

	w->repeated |= r->sequence <= w->last_sequence || r->run != RUN;
	w->missed += r->sequence - w->last_sequence - 1;
	w->last_sequence = r->sequence;
	if (r->type == RECORD_EVENT)
		w->events++;
	if (r->type == RECORD_EVENT && r->event->kind == EVENT_RECOVERED) {
		w->recovered++;
		strncpy(w->root_cause, r->event->root_cause, sizeof(w->root_cause) - 1);
	}
	if (r->type == RECORD_DIAGNOSIS) {
		w->diagnoses++;
		w->restarts = r->diagnosis->restarts;
		strncpy(w->root_cause, r->diagnosis->root_cause, sizeof(w->root_cause) - 1);
	}
	return 0;
}

static int witness_flush(struct output *o)
{
	(void)o;
	return 0;
}

static void witness_free(struct output *o)
{
	(void)o; /* on the test's stack */
}

static const struct output_ops witness_ops = {
	.name = "witness",
	.write = witness_write,
	.flush = witness_flush,
	.free = witness_free,
};

static struct pipeline *make_pipeline(void)
{
	struct pipeline_options options = { .node = "n1", .machine = 62, .run = RUN };
	struct pipeline *p;

	assert_int_equal(pipeline_new(&options, &p), 0);
	return p;
}

static struct container *make_container(const char *id)
{
	struct container *c = container_new();

	container_set(&c->id, id);
	container_set(&c->name, "app");
	container_set(&c->pod, "web-0");
	container_set(&c->pod_uid, "uid");
	container_set(&c->k8s_container, "app");
	c->cgroup = 42;
	return c;
}

/* One thing that a process of the container did, `ms` after the start. */
static void happen(struct pipeline *p, struct container *c, unsigned ms, struct event draft)
{
	draft.time = START + ms * 1000000ULL;
	draft.cgroup = c->cgroup;
	draft.container = c;
	draft.pid = draft.tid = 100;
	draft.vpid = 1;
	draft.comm = "cat";
	draft.repeats = 1;
	struct event *e = event_new(&draft);
	assert_non_null(e);
	pipeline_event(p, e);
}

/* Two containers of a pod and its sandbox: the first ends twice by a signal, the other was told as well, or not. */
static void stop_again(struct pipeline *p, bool whole_pod)
{
	struct container *other = make_container("other"), *sandbox = make_container("sandbox");
	const struct event term = { .kind = EVENT_SIGNAL,
		.signo = SIGTERM,
		.sender_pid = 1,
		.sender_comm = "containerd-shim",
		.from_outside = true };

	other->cgroup = 1;
	sandbox->cgroup = 2;
	container_set(&other->k8s_container, "other");
	container_set(&sandbox->k8s_container, "");
	sandbox->type = CONTAINER_SANDBOX;
	happen(p, sandbox, 0, (struct event){ .kind = EVENT_CONTAINER_CREATED });
	happen(p, other, 1, (struct event){ .kind = EVENT_CONTAINER_CREATED });
	for (unsigned i = 0; i < 2; i++) {
		struct container *c = make_container(i ? "second" : "first");
		unsigned at = 10000 * (i + 1);
		c->cgroup = 10 + i;
		happen(p, c, at, (struct event){ .kind = EVENT_CONTAINER_CREATED });
		happen(p, c, at + 1,
			(struct event){ .kind = EVENT_EXEC, .executable = "/bin/cat" });
		happen(p, c, at + 1, (struct event){ .kind = EVENT_CONTAINER_STARTED });
		if (i && whole_pod)
			happen(p, other, at + 8999, term);
		happen(p, c, at + 9000, term);
		happen(p, c, at + 9001,
			(struct event){ .kind = EVENT_PROCESS_EXITED, .status = SIGTERM });
		happen(p, c, at + 9001,
			(struct event){ .kind = EVENT_CONTAINER_EXITED, .status = SIGTERM });
		container_unref(c);
	}
	container_unref(other);
	container_unref(sandbox);
}

static void a_stop_of_the_whole_pod_is_no_failure(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct witness w = { .base.ops = &witness_ops };
		struct pipeline *p = make_pipeline();
		pipeline_add_output(p, &w.base, LEVEL_ALL);
		stop_again(p, i);
		assert_int_equal(w.diagnoses, i ? 0 : 1);
		pipeline_free(p);
	}
}

static void fail_once(struct pipeline *p, struct container *c, unsigned at)
{
	static const char *const args[] = { "cat", "/etc/app.conf", NULL };
	static const char words[] = "cat: /etc/app.conf: No such file or directory\n";

	happen(p, c, at, (struct event){ .kind = EVENT_CONTAINER_CREATED });
	happen(p, c, at + 10,
		(struct event){ .kind = EVENT_EXEC,
			.executable = "/bin/cat",
			.args = args,
			.argc = 2,
			.cwd = "/" });
	happen(p, c, at + 10, (struct event){ .kind = EVENT_CONTAINER_STARTED });
	happen(p, c, at + 20,
		(struct event){
			.kind = EVENT_FILE_ERROR,
			.syscall = "openat",
			.error = ENOENT,
			.path = "/etc/app.conf",
			.requested = "/etc/app.conf",
		});
	happen(p, c, at + 25,
		(struct event){
			.kind = EVENT_OUTPUT,
			.fd = 2,
			.text = words,
			.text_total = sizeof(words) - 1,
		});
	happen(p, c, at + 30, (struct event){ .kind = EVENT_PROCESS_EXITED, .status = 1 << 8 });
	happen(p, c, at + 30, (struct event){ .kind = EVENT_CONTAINER_EXITED, .status = 1 << 8 });
}

static void one_failure_is_explained_once_and_at_once(void **state)
{
	struct pipeline *p = make_pipeline();
	struct witness all = { .base.ops = &witness_ops }, errors = all, diagnoses = all;
	struct container *c = make_container("aaaa");

	(void)state;
	pipeline_add_output(p, &all.base, LEVEL_ALL);
	pipeline_add_output(p, &errors.base, LEVEL_ERRORS);
	pipeline_add_output(p, &diagnoses.base, LEVEL_DIAGNOSES);
	fail_once(p, c, 0);
	assert_int_equal(all.events, 7);
	assert_int_equal(errors.events, 4);
	assert_int_equal(diagnoses.events, 0);
	assert_int_equal(all.diagnoses, 1);
	assert_string_equal(all.root_cause, "missing_file");
	pipeline_tick(p, START + 30 * SECOND);
	happen(p, c, 31000, (struct event){ .kind = EVENT_CONTAINER_REMOVED });
	assert_int_equal(diagnoses.diagnoses, 1);
	/* each output's own numbers have no gap */
	assert_false(all.repeated || errors.repeated || diagnoses.repeated);
	assert_int_equal(all.missed, 0);
	assert_int_equal(all.last_sequence, 9);
	assert_int_equal(errors.last_sequence, 9);
	assert_int_equal(errors.missed, 3);
	pipeline_free(p);
	container_unref(c);
}

static void earlier_runs_are_counted(void **state)
{
	struct pipeline *p = make_pipeline();
	struct witness w = { .base.ops = &witness_ops };

	(void)state;
	pipeline_add_output(p, &w.base, LEVEL_DIAGNOSES);
	for (int i = 0; i < 3; i++) {
		struct container *c = make_container("bbbb");

		c->cgroup += (uint64_t)i;
		fail_once(p, c, (unsigned)i * 1000);
		assert_int_equal(w.diagnoses, i + 1);
		assert_int_equal(w.restarts, i);
		container_unref(c);
	}
	pipeline_free(p);
}

static void the_dead_are_forgotten_after_a_minute(void **state)
{
	struct pipeline *p = make_pipeline();
	struct container *c = make_container("cccc");
	struct pipeline_stats stats;

	(void)state;
	fail_once(p, c, 0);
	pipeline_tick(p, START + 50 * SECOND);
	pipeline_stats(p, &stats);
	assert_int_equal(stats.cases, 1);
	assert_int_equal(stats.running, 0);
	pipeline_tick(p, START + 62 * SECOND);
	pipeline_stats(p, &stats);
	assert_int_equal(stats.cases, 0);
	pipeline_free(p);
	container_unref(c);
}

static void memory_is_bounded(void **state)
{
	struct pipeline *p = make_pipeline();
	struct pipeline_stats stats;
	char id[32];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "%08x", i);
		struct container *c = make_container(id);

		happen(p, c, (unsigned)i, (struct event){ .kind = EVENT_CONTAINER_CREATED });
		container_unref(c);
	}
	pipeline_stats(p, &stats);
	assert_int_equal(stats.cases, 4096);
	pipeline_free(p);
}

static void add_bytes(void *ctx, const struct case_view *c)
{
	*(size_t *)ctx += story_bytes(c->story);
}

/* Where all else is larger than it should be, stories keep a part, and give it when that stays so. */
/* An allocator of a sanitizer's own does not tell. */
static bool is_heap_told(void)
{
	size_t before = heap_used();
	void *volatile some = malloc(1 << 20);
	bool told = heap_used() > before;

	free(some);
	return told;
}

static void stories_make_room_for_the_rest(void **state)
{
	struct pipeline_options options = { .node = "n1", .story_bytes = 4 << 20, .heap_bytes = 1 };
	struct pipeline *p;
	char path[64];

	(void)state;
	if (!is_heap_told())
		skip();
	assert_int_equal(pipeline_new(&options, &p), 0);
	for (int i = 0; i < 8; i++) {
		struct container *c = make_container("dddd");

		c->cgroup += (uint64_t)i;
		for (unsigned n = 0; n < 1000; n++) {
			snprintf(path, sizeof(path), "/%u", n);
			happen(p, c, n,
				(struct event){ .kind = EVENT_FILE_ERROR,
					.syscall = "openat",
					.error = EACCES,
					.path = path });
		}
		container_unref(c);
	}
	for (unsigned s = 2; s < 30; s++) {
		size_t bytes = 0;

		pipeline_tick(p, START + s * SECOND);
		pipeline_each(p, add_bytes, &bytes);
		assert_true(bytes > 1 << 19 && (s < 8 ? bytes > 1 << 20 : bytes < 4 << 20));
		assert_true(s < 20 || bytes <= 1 << 20);
	}
	pipeline_free(p);
}

static const char *last_line(const struct strbuf *text)
{
	const char *newline = memrchr(text->data, '\n', text->len - 1);

	return newline ? newline + 1 : text->data;
}

/* Each of the socket's clients may ask for all there is, and not read it. */
static void answers_are_bounded(void **state)
{
	struct pipeline *p = make_pipeline();
	_cleanup_strbuf_ struct strbuf one = STRBUF_INIT, all = STRBUF_INIT, none = STRBUF_INIT;
	char text[800];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "%02x", i);
		struct container *c = make_container(text);

		c->cgroup = 1000 + (uint64_t)i;
		for (unsigned n = 0; n < 1200; n++) {
			snprintf(text, sizeof(text), "/%0*u", 700, n);
			happen(p, c, n,
				(struct event){ .kind = EVENT_FILE_ERROR,
					.syscall = "openat",
					.error = EACCES,
					.path = text,
					.requested = text });
		}
		container_unref(c);
	}
	assert_int_equal(answer(&(struct answer_source){ .pipeline = p, .node = "n1" }, "explain",
				 "1f", &one),
		0);
	assert_true(one.len > 100000 && !strstr(last_line(&one), "error\":\""));
	assert_int_equal(answer(&(struct answer_source){ .pipeline = p, .node = "n1" }, "explain",
				 "web-0", &all),
		0);
	assert_true(all.len > 4 << 20 && all.len < 8 << 20);
	assert_non_null(strstr(last_line(&all), "{\"left_out\":"));
	assert_int_equal(answer(&(struct answer_source){ .pipeline = p, .node = "n1" }, "explain",
				 "", &none),
		0);
	assert_ptr_equal(last_line(&none), none.data);
	assert_non_null(strstr(none.data, "{\"error\":\"explain needs a target"));
	pipeline_free(p);
}

/* RECORDS.md: what is in all records is in those of `ps` too. */
static void states_are_records(void **state)
{
	struct pipeline *p = make_pipeline();
	struct container *c = make_container("eeee");
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	static const char *const wanted[] = { "{\"@timestamp\":\"", "\"ecs\":{\"version\":\"",
		"\"kind\":\"state\",\"action\":\"container_state\"", "\"category\":[\"process\"]",
		"\"type\":[\"info\"]", "\"sequence\":2,\"id\":\"0000000000001234-2\"",
		"\"level\":\"info\"", "\"message\":\"/web-0/app: created\"",
		"\"status\":\"created\",\"stage\":\"starting\"", "\"host\":{\"name\":\"n1\"}",
		"\"node\":{\"name\":\"n1\"}", "\"schema\":1" };

	(void)state;
	happen(p, c, 0, (struct event){ .kind = EVENT_CONTAINER_CREATED });
	assert_int_equal(
		answer(&(struct answer_source){ .pipeline = p, .node = "n1" }, "ps", "", &out), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strstr(out.data, wanted[i]))
			fail_msg("no %s in %s", wanted[i], out.data);
	strbuf_reset(&out);
	struct answer_source about = { .pipeline = p, .node = "n1", .landlock = -ENOSYS };
	assert_int_equal(answer(&about, "agent", "", &out), 0);
	assert_non_null(strstr(out.data, "\"landlock\":false,\"landlock_error\":\"Function not"));
	pipeline_free(p);
	container_unref(c);
}

static void ask(struct pipeline *p, struct container *c, uint16_t port, unsigned from, unsigned to)
{
	for (unsigned s = from; s < to; s += 2)
		happen(p, c, s * 1000,
			(struct event){ .kind = EVENT_NETWORK_ERROR,
				.syscall = "connect",
				.error = ECONNREFUSED,
				.family = 2,
				.address = "10.0.0.7",
				.port = port });
}

/* Told once while it lasts, told anew when it is another one, withdrawn when it is over; and where it began again, again. */
static void what_it_is_stuck_on_is_told_and_withdrawn(void **state)
{
	static const char *const args[] = { "server", NULL };
	struct pipeline *p = make_pipeline();
	struct witness all = { .base.ops = &witness_ops }, diagnoses = all;
	struct container *c = make_container("aaaa");

	(void)state;
	pipeline_add_output(p, &all.base, LEVEL_ALL);
	pipeline_add_output(p, &diagnoses.base, LEVEL_DIAGNOSES);
	happen(p, c, 0, (struct event){ .kind = EVENT_CONTAINER_CREATED });
	happen(p, c, 10,
		(struct event){ .kind = EVENT_EXEC,
			.executable = "/bin/server",
			.args = args,
			.argc = 1,
			.cwd = "/" });
	happen(p, c, 10, (struct event){ .kind = EVENT_CONTAINER_STARTED });
	ask(p, c, 5432, 1, 20);
	assert_int_equal(all.diagnoses, 0);
	ask(p, c, 5432, 20, 60);
	assert_int_equal(all.diagnoses, 1);
	assert_string_equal(all.root_cause, "dependency_unreachable");
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	assert_int_equal(
		answer(&(struct answer_source){ .pipeline = p, .node = "n1" }, "ps", "", &out), 0);
	assert_non_null(strstr(out.data, "\"stage\":\"stuck\""));
	assert_non_null(strstr(out.data, "\"waiting_for\":{\"kind\":\"connection\",\"address\":"
					 "\"10.0.0.7\",\"port\":5432,"));
	ask(p, c, 6379, 60, 110);
	assert_int_equal(all.diagnoses, 2);
	assert_int_equal(all.recovered, 1);
	pipeline_tick(p, START + 240 * SECOND);
	assert_int_equal(all.diagnoses, 2);
	assert_int_equal(all.recovered, 2);
	assert_int_equal(diagnoses.recovered, 2);
	assert_string_equal(all.root_cause, "dependency_unreachable");
	ask(p, c, 6379, 250, 290);
	assert_int_equal(all.diagnoses, 3);
	assert_false(all.repeated);
	pipeline_free(p);
	container_unref(c);
}

static void a_jump_of_the_clock_is_survived(void **state)
{
	struct pipeline *p = make_pipeline();
	struct container *c = make_container("dddd");
	struct pipeline_stats stats;

	(void)state;
	happen(p, c, 0, (struct event){ .kind = EVENT_CONTAINER_CREATED });
	pipeline_tick(p, START + 1000000 * SECOND);
	pipeline_tick(p, START - 1000000 * SECOND);
	happen(p, c, 1, (struct event){ .kind = EVENT_CONTAINER_EXITED });
	pipeline_stats(p, &stats);
	assert_int_equal(stats.events, 2);
	pipeline_free(p);
	container_unref(c);
}

/* The dead are kept for a minute of life, not of the clock that is set meanwhile. */
static void a_step_of_the_clock_is_no_time(void **state)
{
	const int64_t hour = 3600 * (int64_t)SECOND;
	struct pipeline *p = make_pipeline();
	struct container *c = make_container("c0ffee");
	struct pipeline_stats stats;

	(void)state;
	fail_once(p, c, 0);
	pipeline_clock_step(p, hour);
	pipeline_tick(p, START + (uint64_t)hour + 30 * SECOND);
	pipeline_stats(p, &stats);
	assert_int_equal(stats.cases, 1);
	pipeline_clock_step(p, -2 * hour);
	pipeline_tick(p, START - (uint64_t)hour + 50 * SECOND);
	pipeline_stats(p, &stats);
	assert_int_equal(stats.cases, 1);
	pipeline_tick(p, START - (uint64_t)hour + 63 * SECOND);
	pipeline_stats(p, &stats);
	assert_int_equal(stats.cases, 0);
	pipeline_free(p);
	container_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_failure_is_explained_once_and_at_once),
		cmocka_unit_test(earlier_runs_are_counted),
		cmocka_unit_test(the_dead_are_forgotten_after_a_minute),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(stories_make_room_for_the_rest),
		cmocka_unit_test(answers_are_bounded),
		cmocka_unit_test(states_are_records),
		cmocka_unit_test(what_it_is_stuck_on_is_told_and_withdrawn),
		cmocka_unit_test(a_jump_of_the_clock_is_survived),
		cmocka_unit_test(a_stop_of_the_whole_pod_is_no_failure),
		cmocka_unit_test(a_step_of_the_clock_is_no_time),
	};

	return cmocka_run_group_tests_name("agent_pipeline", tests, NULL, NULL);
}
