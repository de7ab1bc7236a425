// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "container/bundle_names.h"
#include "container/workload.h"
#include "util/cleanup.h"

static struct container *settled(const char *pod, const char *annotations)
{
	struct container *c = container_new();
	_cleanup_json_ cJSON *json = cJSON_Parse(annotations);

	assert_int_equal(names_from_annotations(c, json), 0);
	container_set(&c->pod, pod);
	assert_int_equal(workload_settle(c), 0);
	return c;
}

static void names_tell(void **state)
{
	static const struct {
		const char *pod, *workload, *kind, *job;
		bool sure;
	} cases[] = {
		{ "web-7d9c5f8b94-x2x4v", "web", "Deployment", "", true },
		{ "my-app-v2-5b8d7f9c6-9zvkq", "my-app-v2", "Deployment", "", true },
		{ "backup-28934567-7klxp", "backup", "CronJob", "backup-28934567", true },
		{ "web-0", "web", "StatefulSet", "", false },
		{ "kafka-broker-12", "kafka-broker", "StatefulSet", "", false },
		{ "node-exporter-x7wlq", "node-exporter", "", "", false },
		/* 'a' is in no generated name, 'x' is in no hash of a template */
		{ "web-7d9c5f8b9x-x2x4v", "web-7d9c5f8b9x", "", "", false },
		{ "web-7d9c5f8b94-apple", "web-7d9c5f8b94-apple", "Pod", "", false },
		{ "agent-007", "agent-007", "Pod", "", false },
		{ "debug", "debug", "Pod", "", false },
		{ "-0", "-0", "Pod", "", false },
		{ "0", "0", "Pod", "", false },
		{ "-bcdfg", "-bcdfg", "Pod", "", false },
		{ "", "", "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container *c = settled(cases[i].pod, "{}");
		assert_string_equal(c->workload, cases[i].workload);
		assert_string_equal(workload_kind_name(c->workload_kind), cases[i].kind);
		assert_string_equal(c->job, cases[i].job);
		assert_int_equal(c->workload_sure, cases[i].sure);
		container_unref(c);
	}
}

static void labels_tell_more(void **state)
{
	static const struct {
		const char *annotations, *pod, *workload, *kind;
	} cases[] = {
		{ "{\"io.kubernetes.cri-o.Labels\":\"{\\\"pod-template-hash\\\":\\\"59f\\\"}\"}",
			"web-59f-x2x4v", "web", "Deployment" },
		{ "{\"controller-revision-hash\":\"7d9c5f8b94\"}", "node-exporter-x7wlq",
			"node-exporter", "DaemonSet" },
		{ "{\"controller-revision-hash\":\"web-7d9c5f8b94\"}", "web-0", "web",
			"StatefulSet" },
		{ "{\"statefulset.kubernetes.io/pod-name\":\"web-3\",\"controller-revision-hash\":"
		  "\"x\"}",
			"web-3", "web", "StatefulSet" },
		{ "{\"job-name\":\"migrate\"}", "migrate-4-x7wlq", "migrate", "Job" },
		{ "{\"batch.kubernetes.io/job-name\":\"backup-28934567\"}", "backup-28934567-7klxp",
			"backup", "CronJob" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container *c = settled(cases[i].pod, cases[i].annotations);
		assert_string_equal(c->workload, cases[i].workload);
		assert_string_equal(workload_kind_name(c->workload_kind), cases[i].kind);
		assert_true(c->workload_sure);
		container_unref(c);
	}
}

static void strange_labels_are_passed_over(void **state)
{
	(void)state;
	struct container *c = settled("web-0", "{\"io.kubernetes.cri-o.Labels\":\"[1,{}\",\"job-"
					       "name\":7,\"pod-template-hash\":\"\"}");
	assert_string_equal(c->workload, "web");
	assert_false(c->workload_sure);
	container_unref(c);
}

/* The sandbox's labels count for the pod's containers, and for no other pod's. */
static void a_sandbox_tells_its_pod(void **state)
{
	(void)state;
	struct container *sandbox =
		settled("agent-x7wlq", "{\"controller-revision-hash\":\"7d9\"}");
	struct container *c = container_new(), *other = container_new();

	container_set(&c->pod, "agent-x7wlq");
	container_set(&other->pod, "agent-bbbbb");
	workload_copy(c, sandbox);
	workload_copy(other, sandbox);
	assert_int_equal(workload_settle(c), 0);
	assert_string_equal(c->workload, "agent");
	assert_int_equal(c->workload_kind, WORKLOAD_DAEMONSET);
	assert_false(other->workload_sure);
	container_unref(other);
	container_unref(c);
	container_unref(sandbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tell),
		cmocka_unit_test(labels_tell_more),
		cmocka_unit_test(strange_labels_are_passed_over),
		cmocka_unit_test(a_sandbox_tells_its_pod),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
