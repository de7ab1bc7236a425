// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "record/message.h"
#include "util/cleanup.h"

#include "record_samples.h"

static void assert_message(const struct record *r, const char *level, const char *text)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	message_append(&out, r);
	assert_string_equal(out.data, text);
	assert_string_equal(message_level(r), level);
}

static void assert_event_message(struct event draft, const char *level, const char *text)
{
	struct event *e = event_new(&draft);
	struct record r = { .type = RECORD_EVENT, .event = e };

	assert_message(&r, level, text);
	event_unref(e);
}

static void events_in_a_line(void **state)
{
	(void)state;
	struct container *c = sample_container();
	const char *const args[] = { "cp", "-r", "/config/\033[31m" };

	assert_event_message((struct event){ .kind = EVENT_FILE_ERROR,
				     .container = c,
				     .comm = "cp",
				     .syscall = "openat",
				     .error = EROFS,
				     .path = "/config/a",
				     .mount = &c->mounts[0] },
		"warn",
		"shop/web-7d9f5c-x2x4v/app: cp: openat /config/a: Read-only file system [ConfigMap "
		"settings, read-only]");
	assert_event_message(
		(struct event){
			.kind = EVENT_EXEC, .container = c, .comm = "cp", .args = args, .argc = 3 },
		"info", "shop/web-7d9f5c-x2x4v/app: exec cp -r /config/\\x1b[31m");
	assert_event_message((struct event){ .kind = EVENT_CONTAINER_EXITED,
				     .container = c,
				     .comm = "sh",
				     .status = 1 << 8 },
		"warn", "shop/web-7d9f5c-x2x4v/app: sh: exited with 1");
	assert_event_message(
		(struct event){ .kind = EVENT_PROCESS_EXITED, .container = c, .comm = "sh" },
		"info", "shop/web-7d9f5c-x2x4v/app: sh: exited with 0 (success)");
	assert_event_message((struct event){ .kind = EVENT_OOM_KILL,
				     .container = c,
				     .comm = "java",
				     .oom_limit = 64 << 20,
				     .oom_anon = 63 << 20 },
		"fatal",
		"shop/web-7d9f5c-x2x4v/app: java: oom_kill the container's memory limit of 64 MiB "
		"was reached; it held 63 MiB");
	assert_event_message((struct event){ .kind = EVENT_CONTAINER_REMOVED, .container = c },
		"info", "shop/web-7d9f5c-x2x4v/app: removed");
	container_unref(c);
}

static void a_long_path_keeps_its_end(void **state)
{
	(void)state;
	char path[4000] = "/data/";
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	memset(path + 6, 'x', sizeof(path) - 7);
	strcpy(path + sizeof(path) - 10, "/app.conf");
	struct event draft = {
		.kind = EVENT_FILE_ERROR, .syscall = "openat", .error = ENOENT, .path = path
	};
	struct event *e = event_new(&draft);
	struct record r = { .type = RECORD_EVENT, .event = e };
	message_append(&out, &r);
	assert_in_range(out.len, 100, 300);
	assert_non_null(strstr(out.data, "/app.conf: No such file or directory"));
	event_unref(e);
}

static void a_diagnosis_is_its_title(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	struct record r = { .type = RECORD_DIAGNOSIS, .diagnosis = d };

	assert_message(&r, "error",
		"shop/web-7d9f5c-x2x4v/app: app could not copy its settings: /etc/app is "
		"read-only");
	diagnosis_free(d);
	container_unref(c);
}

static void the_agent_tells_of_itself(void **state)
{
	(void)state;
	struct record r = { .type = RECORD_AGENT_STARTED, .version = "1.2", .containers = 3 };

	assert_message(&r, "info", "ktrace agent 1.2 started, 3 containers running");
}

static void ids_have_one_spelling(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "-", "1-2", "000000000000000a-01",
		"000000000000000A-1", "000000000000000a-1 ", "000000000000000a-",
		"000000000000000a--1", "000000000000000a-18446744073709551616",
		"0x0000000000000a-1", " 00000000000000a-1" };
	char id[RECORD_ID_SIZE];
	uint64_t run = 7, sequence = 8;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(record_id_parse(bad[i], &run, &sequence), -EINVAL);
	assert_int_equal(run, 7);
	record_id_format(id, UINT64_MAX, UINT64_MAX);
	assert_string_equal(id, "ffffffffffffffff-18446744073709551615");
	assert_int_equal(record_id_parse(id, &run, &sequence), 0);
	assert_true(run == UINT64_MAX && sequence == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_in_a_line),
		cmocka_unit_test(a_long_path_keeps_its_end),
		cmocka_unit_test(a_diagnosis_is_its_title),
		cmocka_unit_test(the_agent_tells_of_itself),
		cmocka_unit_test(ids_have_one_spelling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
