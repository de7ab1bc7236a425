// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "publish/otlp_headers.h"
#include "publish/otlp_record.h"
#include "util/cleanup.h"

#include "record_samples.h"

/* The value of an attribute in a list of them: "intValue 4711", or NULL. */
static const char *attribute(const cJSON *list, const char *key)
{
	static char text[2048];
	const cJSON *pair;

	cJSON_ArrayForEach (pair, list) {
		if (strcmp(cJSON_GetObjectItem(pair, "key")->valuestring, key) != 0)
			continue;
		const cJSON *value = cJSON_GetObjectItem(pair, "value")->child;
		snprintf(text, sizeof(text), "%s %s", value->string,
			cJSON_IsString(value) ? value->valuestring : "");
		return text;
	}
	return NULL;
}

static void test_all_kinds_of_records_are_resource_logs(void **state)
{
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);

	(void)state;
	for (int kind = EVENT_NONE; kind < EVENT_KINDS; kind++) {
		_cleanup_strbuf_ struct strbuf one = STRBUF_INIT;
		_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
		struct event *e =
			kind == EVENT_NONE ? NULL : sample_event((enum event_kind)kind, c);
		struct record r = { .type = e ? RECORD_EVENT : RECORD_DIAGNOSIS,
			.run = 0xabc,
			.sequence = 7,
			.time = 1700000000123456789,
			.node = "node-1",
			.event = e,
			.diagnosis = d };
		int err = otlp_record(&one, &r, 1700000001000000000);
		if (err == -EINVAL) {
			assert_int_equal(one.len, 0);
			event_unref(e);
			continue;
		}
		assert_int_equal(err, 0);
		otlp_request(&request, &one);
		_cleanup_json_ cJSON *parsed = cJSON_Parse(request.data);
		assert_non_null(parsed);
		const cJSON *logs = cJSON_GetObjectItem(parsed, "resourceLogs")->child;
		const cJSON *resource =
			cJSON_GetObjectItem(cJSON_GetObjectItem(logs, "resource"), "attributes");
		const cJSON *log = cJSON_GetObjectItem(
			cJSON_GetObjectItem(logs, "scopeLogs")->child, "logRecords")
					   ->child;
		const cJSON *attributes = cJSON_GetObjectItem(log, "attributes");
		assert_string_equal(cJSON_GetObjectItem(log, "timeUnixNano")->valuestring,
			"1700000000123456789");
		assert_string_equal(
			attribute(attributes, "log.record.uid"), "stringValue 0000000000000abc-7");
		assert_string_equal(attribute(resource, "host.name"), "stringValue node-1");
		assert_non_null(attribute(resource, "service.name"));
		assert_non_null(attribute(resource, "k8s.pod.name"));
		assert_null(attribute(attributes, "k8s.pod.name"));
		assert_null(attribute(attributes, "message"));
		if (!e) {
			assert_string_equal(cJSON_GetObjectItem(log, "eventName")->valuestring,
				"ktrace.diagnosis");
			assert_string_equal(attribute(attributes, "process.pid"), "intValue 4711");
			assert_non_null(strstr(attribute(attributes, "ktrace.diagnosis.confidence"),
				"doubleValue"));
		}
		event_unref(e);
	}
	diagnosis_free(d);
	container_unref(c);
}

static void test_several_records_are_one_request(void **state)
{
	_cleanup_strbuf_ struct strbuf records = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	struct record r = { .type = RECORD_AGENT_STARTED, .node = "n", .version = "1" };

	(void)state;
	assert_int_equal(otlp_record(&records, &r, 1), 0);
	assert_int_equal(otlp_record(&records, &r, 1), 0);
	otlp_request(&request, &records);
	_cleanup_json_ cJSON *parsed = cJSON_Parse(request.data);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(parsed, "resourceLogs")), 2);
}

static int headers_of(const char *text, struct otlp_headers *h)
{
	char path[] = "/tmp/ktrace-headers-XXXXXX";
	_cleanup_fd_ int fd = mkstemp(path);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	int err = otlp_headers_read(h, path);
	unlink(path);
	return err;
}

static void test_headers_are_checked_before_they_are_used(void **state)
{
	static const char *const bad[] = { "no colon\n", ": x\n", "A b: c\n", "A: b\033c\n",
		"a:1\na:2\na:3\na:4\na:5\na:6\na:7\na:8\na:9\n" };
	struct otlp_headers h = { .n = 0 };

	(void)state;
	assert_int_equal(
		headers_of("# of the tenant\n\nX-Tenant: a b\r\nAuthorization: Basic YTpi\n", &h),
		0);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.lines[0], "X-Tenant: a b");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(headers_of(bad[i], &h), -EINVAL);
	assert_int_equal(h.n, 2); /* as it was */
	otlp_headers_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds_of_records_are_resource_logs),
		cmocka_unit_test(test_several_records_are_one_request),
		cmocka_unit_test(test_headers_are_checked_before_they_are_used),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
