// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "record/ndjson.h"
#include "record/reader.h"
#include "util/cleanup.h"

#include "record_samples.h"

static void write_event(struct strbuf *out, const struct event *e)
{
	struct record r = { .type = RECORD_EVENT,
		.run = 0x1a2b,
		.sequence = 42,
		.time = e->time,
		.node = "node-1",
		.event = e };
	assert_int_equal(ndjson_append(out, &r), 0);
}

/* Reads the line and writes it again; the reader's own event stays readable. */
static void assert_same_again(struct record_reader *reader, const struct strbuf *line)
{
	_cleanup_strbuf_ struct strbuf again = STRBUF_INIT;
	struct record r;

	if (record_reader_line(reader, line->data, line->len, &r) != 1)
		fail_msg("%s\n%s", record_reader_error(reader), line->data);
	assert_int_equal(ndjson_append(&again, &r), 0);
	assert_string_equal(again.data, line->data);
}

static bool is_record(int kind)
{
	return kind != EVENT_NONE && kind != EVENT_RUNTIME;
}

static void every_kind_comes_back(void **state)
{
	(void)state;
	struct container *c = sample_container();

	for (int with = 0; with < 3; with++) {
		struct record_reader *reader = record_reader_new();
		/* In the third round the log begins with the container's description. */
		for (int kind = with == 2 ? EVENT_CONTAINER_CREATED : EVENT_CONTAINER_STARTED;
			kind < EVENT_KINDS; kind++) {
			_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
			if (!is_record(kind))
				continue;
			struct event *e = sample_event((enum event_kind)kind, with ? c : NULL);
			write_event(&line, e);
			assert_same_again(reader, &line);
			struct event *back = record_reader_event(reader);
			assert_int_equal(back->kind, kind);
			assert_string_equal(back->path, e->path);
			assert_string_equal(back->text, e->text);
			assert_int_equal(back->status, e->status);
			assert_int_equal(back->pid, e->pid);
			assert_int_equal(back->argc, e->argc);
			assert_int_equal(back->run, 0x1a2b);
			assert_int_equal(back->sequence, 42);
			assert_int_equal(back->mount != NULL, e->mount != NULL);
			assert_memory_equal(back->call_args, e->call_args, sizeof(e->call_args));
			event_unref(e);
		}
		record_reader_free(reader);
	}
	container_unref(c);
}

static void containers_come_back(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct record_reader *reader = record_reader_new();
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	struct event *created = sample_event(EVENT_CONTAINER_CREATED, c);
	struct event *error = sample_event(EVENT_FILE_ERROR, c);

	write_event(&line, created);
	assert_same_again(reader, &line);
	struct event *e = event_ref(record_reader_event(reader));
	const struct container *b = e->container;
	assert_true(b->cgroup == c->cgroup && b->capabilities == c->capabilities);
	assert_int_equal(b->memory_limit, c->memory_limit);
	assert_int_equal(b->restart_count, 3);
	assert_int_equal(b->type, CONTAINER_MAIN);
	assert_true(b->described && b->seccomp && b->no_new_privileges && !b->host_network);
	assert_int_equal(b->n_args, 3);
	assert_string_equal(b->path_env, c->path_env);
	assert_int_equal(b->groups[0], 4294967295u);
	assert_int_equal(b->n_mounts, 3);
	assert_true(b->mounts[2].noexec && b->mounts[2].subpath && b->root.read_only);
	assert_string_equal(container_mount_of(b, "/data/deep/x")->name, "scratch");

	strbuf_reset(&line);
	write_event(&line, error);
	assert_same_again(reader, &line);
	assert_ptr_equal(record_reader_event(reader)->container, b);
	assert_ptr_equal(record_reader_event(reader)->mount, &b->mounts[1]);
	/* Events outlive the reader. */
	record_reader_free(reader);
	assert_string_equal(e->container->pod, c->pod);
	event_unref(e);
	event_unref(created);
	event_unref(error);
	container_unref(c);
}

static void diagnoses_come_back(void **state)
{
	(void)state;
	struct container *c = sample_container();

	for (int kind = EVENT_CONTAINER_STARTED; kind < EVENT_KINDS; kind++) {
		struct record_reader *reader = record_reader_new();
		_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
		struct diagnosis *d = sample_diagnosis(c);
		event_unref(d->culprit);
		d->culprit = kind == EVENT_RUNTIME ? NULL : sample_event((enum event_kind)kind, c);
		struct record r = {
			.type = RECORD_DIAGNOSIS, .time = d->time, .node = "n", .diagnosis = d
		};
		assert_int_equal(ndjson_append(&line, &r), 0);
		assert_same_again(reader, &line);
		struct diagnosis *back = record_reader_take_diagnosis(reader);
		assert_null(record_reader_take_diagnosis(reader));
		assert_string_equal(back->title, d->title);
		assert_string_equal(back->path, d->path);
		assert_string_equal(
			back->recommendations[0].manifest, d->recommendations[0].manifest);
		assert_null(back->recommendations[1].manifest);
		assert_null(back->evidence[1].error);
		assert_true(back->confidence > 0.949 && back->confidence < 0.951);
		assert_int_equal(back->time, d->time);
		assert_int_equal(back->lost, 3);
		assert_string_equal(back->fingerprint, d->fingerprint);
		assert_string_equal(back->cause_fingerprint, d->cause_fingerprint);
		assert_int_equal(back->n_alternatives, 2);
		assert_string_equal(back->alternatives[1].title, d->alternatives[1].title);
		diagnosis_free(back);
		diagnosis_free(d);
		record_reader_free(reader);
	}
	container_unref(c);
}

/* What a diagnosis rests on comes back as events of its container. */
static void context_comes_back(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct record_reader *reader = record_reader_new();
	struct diagnosis *d = sample_diagnosis(c);
	struct event *events[EVENT_KINDS];
	size_t n = 0;
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	static const int kinds[] = { EVENT_EXEC, EVENT_FILE_ERROR, EVENT_OUTPUT,
		EVENT_PROCESS_EXITED };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		events[n] = sample_event((enum event_kind)kinds[i], c);
		events[n]->run = 7;
		events[n++]->sequence = 100 + i;
	}
	struct record r = { .type = RECORD_DIAGNOSIS,
		.run = 7,
		.time = d->time,
		.node = "n",
		.diagnosis = d,
		.context = events,
		.n_context = n };
	assert_int_equal(ndjson_append(&line, &r), 0);
	assert_in_range(line.len, 1000, 10000);
	assert_same_again(reader, &line);
	assert_int_equal(record_reader_line(reader, line.data, line.len, &r), 1);
	assert_int_equal(r.n_context, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(r.context[i]->kind, events[i]->kind);
		assert_int_equal(r.context[i]->time, events[i]->time);
		assert_int_equal(r.context[i]->run, 7);
		assert_int_equal(r.context[i]->sequence, 100 + i);
		assert_int_equal(r.context[i]->tid, events[i]->tid);
		assert_string_equal(r.context[i]->container->id, c->id);
		assert_string_equal(r.context[i]->path, events[i]->path);
		assert_string_equal(r.context[i]->text, events[i]->text);
		event_unref(events[i]);
	}
	diagnosis_free(d);
	record_reader_free(reader);
	container_unref(c);
}

/* What it is to blame for is kept when a newer ktrace blames what this one does not know. */
static void a_strange_culprit_is_left_out(void **state)
{
	(void)state;
	static const char line[] =
		"{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"diagnosis\"},"
		"\"file\":{\"path\":\"/x\"},\"ktrace\":{\"diagnosis\":{\"phase\":\"startup\","
		"\"confidence\":0.9,\"culprit\":\"of_tomorrow\"}}}";
	_cleanup_strbuf_ struct strbuf once = STRBUF_INIT;
	struct record_reader *reader = record_reader_new();
	struct record r;

	assert_int_equal(record_reader_line(reader, line, strlen(line), &r), 1);
	assert_null(r.diagnosis->culprit);
	assert_int_equal(ndjson_append(&once, &r), 0);
	assert_non_null(strstr(once.data, "\"file\":{\"path\":\"/x\"}"));
	assert_same_again(reader, &once);
	record_reader_free(reader);
}

static void agents_come_back(void **state)
{
	(void)state;
	const struct record_count counts[] = { { "exec", 1 }, { "syscall", UINT64_MAX } };
	const struct record_count lost[] = { { "full", 3 }, { "busy", 4 } };
	const struct record_count left_out[] = { { "folded", 5 } };

	for (int type = RECORD_AGENT_STARTED; type <= RECORD_AGENT_STOPPED; type++) {
		struct record_reader *reader = record_reader_new();
		_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
		struct record r = { .type = (enum record_type)type,
			.sequence = UINT64_MAX,
			.time = SAMPLE_TIME,
			.node = "node-1",
			.version = "0.1.0",
			.produced = counts,
			.n_produced = 2,
			.delivered = counts,
			.n_delivered = 1,
			.lost = lost,
			.n_lost = 2,
			.left_out = left_out,
			.n_left_out = 1,
			.containers = 7,
			.resident_bytes = 1 << 24 };
		assert_int_equal(ndjson_append(&line, &r), 0);
		assert_non_null(strstr(line.data, "\"lost_total\":7,\"left_out\":{\"folded\":5}"));
		assert_same_again(reader, &line);
		record_reader_free(reader);
	}
}

/* A record that had to be shortened is written again as it is. */
static void cut_records_come_back(void **state)
{
	(void)state;
	char *text = calloc(1, 4001);
	memset(text, '\001', 4000);
	struct container *c = sample_container();
	struct event draft = { .kind = EVENT_OUTPUT,
		.time = SAMPLE_TIME,
		.text = text,
		.path = text,
		.comm = text,
		.container = c };
	struct event *e = event_new(&draft);
	struct record_reader *reader = record_reader_new();
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	write_event(&line, e);
	assert_in_range(line.len, 4000, RECORD_MAX);
	assert_same_again(reader, &line);
	assert_true(record_reader_event(reader)->cut);
	record_reader_free(reader);
	event_unref(e);
	container_unref(c);
	free(text);
}

static void damage_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *line, *error; /* NULL: nothing to see */
	} cases[] = {
		{ "", NULL },
		{ " \r\n", NULL },
		{ "{\"ktrace\":{\"recording\":1,\"version\":\"9\"}}", NULL },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"of_tomorrow\"}"
		  "}",
			NULL },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"proof\"}}",
			NULL },
		{ "[1]", "line 6: not a JSON object" },
		{ "{\"a\":", "line 7: not JSON at byte " },
		{ "{} x", "line 8: not JSON at byte 3" },
		{ "{}", "line 9: @timestamp is not a time" },
		{ "{\"@timestamp\":\"2026-13-20T00:00:00Z\"}",
			"line 10: @timestamp is not a time" },
		{ "{\"@timestamp\":1}", "line 11: @timestamp is not a string" },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\"}", "line 12: no event.action" },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"exec\"},"
		  "\"process\":{\"pid\":-1}}",
			"line 13: process.pid is out of range" },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"exec\"},"
		  "\"process\":{\"args\":[1]}}",
			"line 14: process.args must contain only strings" },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"diagnosis\"}}",
			"line 15: a diagnosis without ktrace.diagnosis" },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"diagnosis\"},"
		  "\"ktrace\":{\"diagnosis\":{\"phase\":\"startup\",\"confidence\":1e300}}}",
			"line 16: ktrace.diagnosis.confidence is not from 0 to 1" },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"agent_stats\"},"
		  "\"ktrace\":{\"agent\":{\"lost\":{\"\\\"\\u001b[2J\":1}}}}",
			"line 17: ktrace.agent.lost has an invalid name" },
		{ "{\"@timestamp\":\"2026-11-20T00:00:00Z\",\"event\":{\"action\":\"exec\","
		  "\"id\":\"7\"}}",
			"line 18: event.id is not an id of ktrace" },
	};
	struct record_reader *reader = record_reader_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct record r;
		int rc = record_reader_line(reader, cases[i].line, strlen(cases[i].line), &r);
		assert_int_equal(rc, cases[i].error ? -EBADMSG : 0);
		if (cases[i].error && strncmp(record_reader_error(reader), cases[i].error,
					      strlen(cases[i].error)))
			fail_msg("%s, not %s", record_reader_error(reader), cases[i].error);
		assert_null(record_reader_event(reader));
	}
	record_reader_free(reader);
}

/* Each way to end a line early, and each byte of it changed, is survived. */
static void broken_lines_are_survived(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	struct event *e = sample_event(EVENT_CONTAINER_CREATED, c);
	struct record records[] = { { .type = RECORD_EVENT, .time = SAMPLE_TIME, .event = e },
		{ .type = RECORD_DIAGNOSIS, .time = SAMPLE_TIME, .diagnosis = d } };
	struct record_reader *reader = record_reader_new();

	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
		struct record r;
		assert_int_equal(ndjson_append(&line, &records[i]), 0);
		for (size_t len = 0; len + 2 < line.len; len++)
			assert_true(record_reader_line(reader, line.data, len, &r) <= 0);
		for (size_t at = 0; at < line.len; at++) {
			char was = line.data[at];
			for (const char *p = "\"{}[],:0x\\ \xff"; *p; p++) {
				line.data[at] = *p;
				record_reader_line(reader, line.data, line.len, &r);
			}
			line.data[at] = was;
		}
	}
	record_reader_free(reader);
	event_unref(e);
	diagnosis_free(d);
	container_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_back),
		cmocka_unit_test(containers_come_back),
		cmocka_unit_test(diagnoses_come_back),
		cmocka_unit_test(context_comes_back),
		cmocka_unit_test(a_strange_culprit_is_left_out),
		cmocka_unit_test(agents_come_back),
		cmocka_unit_test(cut_records_come_back),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(broken_lines_are_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
