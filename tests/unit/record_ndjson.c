// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "record/ndjson.h"
#include "util/cleanup.h"

#include "record_samples.h"

static const cJSON *at(const cJSON *o, const char *path)
{
	while (o && *path) {
		char key[64] = { 0 };
		size_t len = strcspn(path, ".");
		memcpy(key, path, len);
		o = cJSON_GetObjectItemCaseSensitive(o, key);
		path += len + (path[len] == '.');
	}
	return o;
}

static cJSON *parse(const struct strbuf *line)
{
	assert_in_range(line->len, 2, RECORD_MAX);
	assert_int_equal(line->data[line->len - 1], '\n');
	assert_ptr_equal(memchr(line->data, '\n', line->len), line->data + line->len - 1);
	for (size_t i = 0; i + 1 < line->len; i++)
		assert_true((unsigned char)line->data[i] >= 0x20 && line->data[i] != 0x7f);
	cJSON *root = cJSON_Parse(line->data);
	assert_non_null(root);
	return root;
}

static void append(struct strbuf *out, const struct event *e)
{
	struct record r = { .type = RECORD_EVENT,
		.run = 0xabc,
		.sequence = 7,
		.time = e->time,
		.node = "node-1",
		.event = e };
	assert_int_equal(ndjson_append(out, &r), 0);
}

#define assert_member(root, path, value) \
	do { \
		const cJSON *member_ = at(root, path); \
		assert_non_null(member_); \
		assert_true(cJSON_IsString(member_)); \
		assert_string_equal(member_->valuestring, value); \
	} while (0)

static void a_file_error_as_promised(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct event draft = { .kind = EVENT_FILE_ERROR,
		.time = SAMPLE_TIME,
		.container = c,
		.cgroup = c->cgroup,
		.pid = 4711,
		.tid = 4711,
		.comm = "cp",
		.syscall = "openat",
		.error = EROFS,
		.flags = "O_WRONLY|O_CREAT",
		.path = "/config/a",
		.requested = "a",
		.repeats = 1,
		.mount = &c->mounts[0] };
	struct event *e = event_new(&draft);
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	append(&line, e);
	_cleanup_json_ cJSON *root = parse(&line);
	assert_member(root, "@timestamp", "2026-11-20T12:23:17.123456789Z");
	assert_member(root, "ecs.version", RECORD_ECS_VERSION);
	assert_member(root, "event.kind", "event");
	assert_member(root, "event.action", "file_error");
	assert_member(root, "event.outcome", "failure");
	assert_string_equal(at(root, "event.category")->child->valuestring, "file");
	assert_int_equal(at(root, "event.sequence")->valueint, 7);
	assert_member(root, "event.id", "0000000000000abc-7");
	assert_member(root, "log.level", "warn");
	assert_non_null(at(root, "message"));
	assert_member(root, "host.name", "node-1");
	assert_member(root, "container.id", c->id);
	assert_member(root, "container.image.name", c->image);
	assert_member(root, "k8s.namespace.name", "shop");
	assert_member(root, "k8s.container.type", "container");
	assert_int_equal(at(root, "k8s.container.restart_count")->valueint, 3);
	assert_member(root, "k8s.node.name", "node-1");
	assert_int_equal(at(root, "process.pid")->valueint, 4711);
	assert_int_equal(at(root, "process.thread.id")->valueint, 4711);
	assert_member(root, "process.user.id", "0");
	assert_member(root, "file.path", "/config/a");
	assert_member(root, "error.code", "EROFS");
	assert_member(root, "error.message", "Read-only file system");
	assert_int_equal(at(root, "error.number")->valueint, EROFS);
	assert_int_equal(at(root, "ktrace.schema")->valueint, RECORD_SCHEMA);
	assert_int_equal(at(root, "ktrace.repeats")->valueint, 1);
	assert_member(root, "ktrace.syscall", "openat");
	assert_member(root, "ktrace.requested_path", "a");
	assert_member(root, "ktrace.mount.destination", "/config");
	assert_member(root, "ktrace.mount.kind", "configmap");
	assert_true(cJSON_IsTrue(at(root, "ktrace.mount.read_only")));
	assert_null(at(root, "kubernetes"));
	event_unref(e);
	container_unref(c);
}

static void what_is_promised_for_each_kind(void **state)
{
	(void)state;
	static const struct {
		enum event_kind kind;
		const char *path;
	} promised[] = {
		{ EVENT_CONTAINER_EXITED, "process.exit_code" },
		{ EVENT_PROCESS_EXITED, "event.outcome" },
		{ EVENT_EXEC, "process.args" },
		{ EVENT_EXEC, "process.working_directory" },
		{ EVENT_EXEC_FAILED, "error.code" },
		{ EVENT_NETWORK_ERROR, "server.port" },
		{ EVENT_LISTEN, "server.address" },
		{ EVENT_DNS_QUERY, "destination.port" },
		{ EVENT_OOM_KILL, "ktrace.oom.limit_bytes" },
		{ EVENT_OOM_KILL, "ktrace.oom.scope" },
		{ EVENT_OOM_KILL, "ktrace.oom.shmem_rss_bytes" },
		{ EVENT_SIGNAL, "ktrace.signal.name" },
		{ EVENT_SIGNAL, "ktrace.signal.from_outside" },
		{ EVENT_OUTPUT, "ktrace.output.text" },
		{ EVENT_CONTAINER_CREATED, "ktrace.container.mounts" },
		{ EVENT_FILE_ERROR, "ktrace.facts.folder.type" },
	};
	struct container *c = sample_container();

	for (size_t i = 0; i < ARRAY_SIZE(promised); i++) {
		_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
		struct event *e = sample_event(promised[i].kind, c);
		append(&line, e);
		_cleanup_json_ cJSON *root = parse(&line);
		if (!at(root, promised[i].path))
			fail_msg("no %s in %s", promised[i].path, line.data);
		event_unref(e);
	}
	container_unref(c);
}

static void outside_of_containers(void **state)
{
	(void)state;
	struct event *e = sample_event(EVENT_FILE_ERROR, NULL);
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	append(&line, e);
	_cleanup_json_ cJSON *root = parse(&line);
	assert_null(at(root, "container"));
	assert_null(at(root, "k8s"));
	event_unref(e);
}

static void some_are_never_written(void **state)
{
	(void)state;
	static const enum event_kind never[] = { EVENT_NONE, EVENT_RUNTIME };
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	strbuf_puts(&line, "before");
	for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
		struct event e = { .kind = never[i] };
		struct record r = { .type = RECORD_EVENT, .event = &e };
		assert_int_equal(ndjson_append(&line, &r), -EINVAL);
	}
	assert_string_equal(line.data, "before");
}

static char *repeated(const char *unit, size_t times)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < times; i++)
		strbuf_puts(&b, unit);
	return strbuf_take(&b);
}

/* The longest that each string may be, in the bytes that grow most when they are escaped. */
static void no_line_is_too_long(void **state)
{
	(void)state;
	static const char *const units[] = { "x", "\001", "\"", "\xff", "\xc2\x9b",
		"\xf3\xa0\x81\x81" };
	struct container *c = sample_container();

	for (size_t u = 0; u < ARRAY_SIZE(units); u++) {
		_cleanup_free_ char *text = repeated(units[u], 4096);
		const char *args[2048];
		for (size_t i = 0; i < ARRAY_SIZE(args); i++)
			args[i] = i % 64 ? units[u] : text;
		char **strings[] = { &c->id, &c->name, &c->image, &c->pod, &c->k8s_namespace,
			&c->bundle, &c->mounts[0].destination, &c->root.source };
		for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
			container_set(strings[i], text);
		for (int kind = EVENT_CONTAINER_CREATED; kind < EVENT_KINDS; kind++) {
			_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
			struct event draft = { .kind = (enum event_kind)kind,
				.comm = text,
				.parent_comm = text,
				.executable = text,
				.interpreter = text,
				.cwd = text,
				.args = args,
				.argc = ARRAY_SIZE(args),
				.syscall = text,
				.error = 2,
				.flags = text,
				.path = text,
				.requested = text,
				.path2 = text,
				.address = text,
				.holder_comm = text,
				.sender_comm = text,
				.text = text,
				.container = c,
				.mount = &c->mounts[0],
				.facts = sample_facts() };
			struct event *e = event_new(&draft);
			if (kind != EVENT_RUNTIME) {
				append(&line, e);
				_cleanup_json_ cJSON *root = parse(&line);
				assert_true(cJSON_IsTrue(at(root, "ktrace.cut")));
			}
			event_unref(e);
		}
	}
	container_unref(c);
}

static void no_diagnosis_is_too_long(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	struct record r = {
		.type = RECORD_DIAGNOSIS, .time = d->time, .node = "n", .diagnosis = d
	};
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	free(d->summary);
	d->summary = repeated("\033", 20000);
	d->evidence = realloc(d->evidence, 1000 * sizeof(*d->evidence));
	for (; d->n_evidence < 1000; d->n_evidence++)
		d->evidence[d->n_evidence] =
			(struct evidence){ .action = "exec", .text = strdup(HOSTILE) };
	assert_int_equal(ndjson_append(&line, &r), 0);
	_cleanup_json_ cJSON *root = parse(&line);
	assert_member(root, "container.id", c->id);
	assert_member(root, "event.kind", "alert");
	diagnosis_free(d);
	container_unref(c);
}

/* A second reader of JSON must agree with cJSON: python's is strict about all that matters here. */
static void python_reads_it_too(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	struct record r = {
		.type = RECORD_DIAGNOSIS, .time = d->time, .node = HOSTILE, .diagnosis = d
	};
	_cleanup_strbuf_ struct strbuf lines = STRBUF_INIT;

	if (system("python3 -c 'import json' 2>/dev/null") != 0)
		skip();
	for (int kind = EVENT_CONTAINER_CREATED; kind < EVENT_KINDS; kind++) {
		struct event *e = sample_event((enum event_kind)kind, c);
		if (kind != EVENT_RUNTIME)
			append(&lines, e);
		event_unref(e);
	}
	assert_int_equal(ndjson_append(&lines, &r), 0);
	FILE *python = popen("python3 -c 'import json, sys\n"
			     "lines = sys.stdin.buffer.read().decode(\"utf-8\").splitlines()\n"
			     "assert len(lines) == 22, len(lines)\n"
			     "for line in lines:\n"
			     "    record = json.loads(line)\n"
			     "    assert type(record[\"ktrace\"][\"schema\"]) is int\n"
			     "    assert all(ord(c) >= 32 for c in line)\n'",
		"w");
	assert_non_null(python);
	assert_int_equal(fwrite(lines.data, 1, lines.len, python), lines.len);
	assert_int_equal(pclose(python), 0);
	diagnosis_free(d);
	container_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_error_as_promised),
		cmocka_unit_test(what_is_promised_for_each_kind),
		cmocka_unit_test(outside_of_containers),
		cmocka_unit_test(some_are_never_written),
		cmocka_unit_test(no_line_is_too_long),
		cmocka_unit_test(no_diagnosis_is_too_long),
		cmocka_unit_test(python_reads_it_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
