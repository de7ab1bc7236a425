// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "publish/event_table.h"
#include "publish/kubernetes_event.h"
#include "util/cleanup.h"

#include "record_samples.h"

static struct container *container;
static struct diagnosis *diagnosis;

static int make_pod(void **state)
{
	(void)state;
	container = sample_container();
	container_set(&container->k8s_namespace, "shop");
	container_set(&container->pod, "orders-7d9c");
	container_set(&container->k8s_container, "app");
	container_set(&container->pod_uid, "c2b1a6b0-0000-4000-8000-000000000001");
	diagnosis = sample_diagnosis(container);
	return 0;
}

static int free_pod(void **state)
{
	(void)state;
	diagnosis_free(diagnosis);
	container_unref(container);
	return 0;
}

static void retitle(const char *title)
{
	free(diagnosis->title);
	diagnosis->title = strdup(title);
}

static cJSON *event(void)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	kubernetes_event_head(&text, diagnosis, "node-1", 1700000000123456789);
	strbuf_putc(&text, ',');
	kubernetes_event_series(&text, 3, 1700000001000000000);
	strbuf_putc(&text, '}');
	return cJSON_Parse(text.data);
}

static const char *member(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void test_reasons_are_the_root_causes_in_camel_case(void **state)
{
	static const char *const rows[][2] = {
		{ "missing_file", "MissingFile" },
		{ "read_only_copy", "ReadOnlyCopy" },
		{ "oom_killed", "OOMKilled" },
		{ "dns_failure", "DNSFailure" },
		{ "exited_zero", "ExitedZero" },
	};
	char reason[EVENT_REASON_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		kubernetes_event_reason(reason, rows[i][0]);
		assert_string_equal(reason, rows[i][1]);
	}
}

static void test_an_event_says_whose_and_what(void **state)
{
	_cleanup_json_ cJSON *e = event();
	const cJSON *regarding = cJSON_GetObjectItem(e, "regarding");

	(void)state;
	assert_non_null(e);
	assert_string_equal(member(e, "eventTime"), "2023-11-14T22:13:20.123456Z");
	assert_string_equal(member(e, "reason"), "ReadOnlyCopy");
	assert_string_equal(member(regarding, "fieldPath"), "spec.containers{app}");
	assert_string_equal(member(regarding, "uid"), "c2b1a6b0-0000-4000-8000-000000000001");
	assert_string_equal(member(e, "note"),
		"app could not copy its settings: /etc/app is read-only. Fix: Mount an emptyDir "
		"where the "
		"copy goes. More: kubectl ktrace explain -n shop orders-7d9c");
	assert_int_equal(
		cJSON_GetObjectItem(cJSON_GetObjectItem(e, "series"), "count")->valueint, 3);
}

static void test_a_note_has_1024_bytes_at_most_and_no_controls(void **state)
{
	char title[4000];

	(void)state;
	memset(title, 'x', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	memcpy(title, "a\033[2J\nb\xe2\x80\xae", 10);
	retitle(title);
	_cleanup_json_ cJSON *e = event();
	const char *note = member(e, "note");
	assert_in_range(strlen(note), 1000, EVENT_NOTE_MAX);
	assert_null(strpbrk(note, "\033\n"));
	assert_null(strstr(note, "\xe2\x80\xae"));
	assert_non_null(
		strstr(note, "\xe2\x80\xa6 More: kubectl ktrace explain -n shop orders-7d9c"));
}

static void test_what_is_no_name_of_a_pod_is_refused(void **state)
{
	static const char *const names[] = { "", "../../secrets", "A", "-a", "a-", "a?b", "a b",
		"a/b", "\xc3\xa4" };

	(void)state;
	assert_true(kubernetes_event_is_possible(diagnosis));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		container_set(&container->pod, names[i]);
		assert_false(kubernetes_event_is_possible(diagnosis));
		container_set(&container->pod, "orders-7d9c");
		container_set(&container->k8s_namespace, names[i]);
		assert_false(kubernetes_event_is_possible(diagnosis));
		container_set(&container->k8s_namespace, "shop");
	}
	container_set(&container->k8s_container, "a}{b");
	_cleanup_json_ cJSON *e = event();
	assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(e, "regarding"), "fieldPath"));
}

static void test_a_name_is_of_pod_and_fingerprint(void **state)
{
	_cleanup_strbuf_ struct strbuf one = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf other = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf longest = STRBUF_INIT;
	char pod[254];

	(void)state;
	kubernetes_event_name(&one, diagnosis);
	strcpy(diagnosis->fingerprint, "v1:0000000000000001");
	kubernetes_event_name(&other, diagnosis);
	assert_int_equal(strncmp(one.data, "orders-7d9c.", 12), 0);
	assert_string_not_equal(one.data, other.data);
	memset(pod, 'p', sizeof(pod) - 1);
	pod[sizeof(pod) - 1] = '\0';
	memset(pod + 230, '-', 10);
	container_set(&container->pod, pod);
	kubernetes_event_name(&longest, diagnosis);
	assert_int_equal(longest.len, 230 + 17);
}

/* What is told makes room, the longest unseen first; what still waits stays. */
static void test_a_full_table_forgets_what_was_told(void **state)
{
	struct event_table table = { .most = 3 };
	struct event_entry *first = NULL;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(diagnosis->fingerprint, FINGERPRINT_SIZE, "v1:%016x", i);
		struct event_entry *e = event_table_add(&table, diagnosis, "n", 1, NULL);
		assert_non_null(e);
		e->count = 1;
		e->last = 10 - i;
		first = first ? first : e;
	}
	strcpy(diagnosis->fingerprint, "v1:more");
	assert_null(event_table_add(&table, diagnosis, "n", 1, NULL));
	assert_int_equal(event_table_waiting(&table), 3);
	first->told = 1;
	assert_null(event_table_add(&table, diagnosis, "n", 1, first));
	assert_non_null(event_table_add(&table, diagnosis, "n", 1, NULL));
	assert_int_equal(event_table_waiting(&table), 2);
	event_table_free(&table);
}

/* A pod with many Events waits for its budget; another one does not. */
static void test_each_pod_has_a_budget(void **state)
{
	struct event_table table = { .most = 9, .object_rate = { 2, 100 } };
	struct event_entry *e[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(diagnosis->fingerprint, FINGERPRINT_SIZE, "v1:%016x", i);
		container_set(&container->pod_uid, i < 2 ? "crowded" : "quiet");
		e[i] = event_table_add(&table, diagnosis, "n", 1, NULL);
		assert_non_null(e[i]);
		e[i]->count = 1;
		e[i]->due = 10 * (i + 1);
	}
	assert_ptr_equal(e[0]->object, e[1]->object);
	assert_ptr_equal(event_table_next(&table), e[0]);
	request_budget_spend(&e[0]->object->budget, &table.object_rate, 1000);
	assert_ptr_equal(event_table_next(&table), e[2]);
	assert_int_equal(event_table_due(&table, e[0]), 1000);
	request_budget_spend(&e[0]->object->budget, &table.object_rate, 1000);
	assert_int_equal(event_table_due(&table, e[1]), 1100);
	assert_int_equal(event_table_due(&table, e[2]), 30);
	event_table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons_are_the_root_causes_in_camel_case),
		cmocka_unit_test_setup_teardown(
			test_an_event_says_whose_and_what, make_pod, free_pod),
		cmocka_unit_test_setup_teardown(
			test_a_note_has_1024_bytes_at_most_and_no_controls, make_pod, free_pod),
		cmocka_unit_test_setup_teardown(
			test_what_is_no_name_of_a_pod_is_refused, make_pod, free_pod),
		cmocka_unit_test_setup_teardown(
			test_a_name_is_of_pod_and_fingerprint, make_pod, free_pod),
		cmocka_unit_test_setup_teardown(test_each_pod_has_a_budget, make_pod, free_pod),
		cmocka_unit_test_setup_teardown(
			test_a_full_table_forgets_what_was_told, make_pod, free_pod),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
