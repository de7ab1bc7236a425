// SPDX-License-Identifier: MIT
/* For whom it is written: the maker of a pod, of a container without one, or whoever runs a command. */
#include "story_builder.h"

#include <errno.h>

#include "diagnose/text/plain_words.h"

static const char *const runtimes[] = { "docker", "podman", "runc", "crun" };

static struct builder refused_in_a_volume(const char *runtime, const char *pod)
{
	struct builder t = builder_new();

	container_set(&t.c->pod, pod);
	container_set(&t.c->runtime, runtime);
	builder_mount(&t, "/data", MOUNT_PVC, "data", false);
	builder_exec(&t, 1, "server --data /data");
	builder_fail_create(&t, 1, EACCES, "/data/db");
	builder_output(&t, 1, "open /data/db: permission denied\n");
	builder_end(&t, 1, exited(1));
	return t;
}

static void only_pods_have_what_a_pod_spec_sets(void **state)
{
	struct builder t = refused_in_a_volume("containerd", "web-0");

	(void)state;
	builder_expect(&t, "permission_denied", "/data/db", "fsGroup");
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		t = refused_in_a_volume(runtimes[i], "");
		struct diagnosis *d = builder_diagnose(&t);
		assert_int_equal(d->n_recommendations, 1);
		assert_non_null(strstr(d->recommendations[0].text, "--user"));
		assert_null(d->recommendations[0].manifest);
		assert_null(strstr(d->recommendations[0].text, "fsGroup"));
		diagnosis_free(d);
		builder_free(&t);
	}
}

static void times_are_counted_from_the_start(void **state)
{
	struct builder t = refused_in_a_volume("docker", "");
	struct diagnosis *d = builder_diagnose(&t);

	(void)state;
	assert_true(d->began > 0 && d->began < d->evidence[0].time);
	diagnosis_free(d);
	builder_free(&t);
}

static void words_change_with_the_reader(void **state)
{
	static const struct {
		const char *text, *runtime, *wanted; /* NULL: it says nothing to this reader */
	} cases[] = {
		{ "Set A, from a Secret.", "docker", "Set A." },
		{ "Set A, from a Secret.", "ktrace", "Set A." },
		{ "Mount an emptyDir at /tmp.", "podman",
			"Give it a writable /tmp (`--tmpfs /tmp`)." },
		{ "Set fsGroup for the pod.", "runc", NULL },
		{ "Use a smaller image.", "docker", "Use a smaller image." },
		{ "Use a smaller image.", "ktrace", NULL },
		/* an option's own words */
		{ "Start it with --initial-cluster-state=existing.", "ktrace",
			"Start it with --initial-cluster-state=existing." },
		{ "Set node.store.allow_mmap to false.", "ktrace",
			"Set node.store.allow_mmap to false." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct container c = { .runtime = (char *)cases[i].runtime, .pod = "" };
		struct context q = { .container = &c };
		const char *text = plain_words(&q, cases[i].text, &out);
		assert_int_equal(needs_cluster(&q, text), !cases[i].wanted);
		if (cases[i].wanted)
			assert_string_equal(text, cases[i].wanted);
	}
}

static void sizes_of_a_pod_spec_are_for_pod_specs(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "cache --size 1Gi");
	builder_output(&t, 1, "invalid value \"1Gi\" for flag -size: parse error\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "bad_configuration", NULL, "1073741824 bytes, which is 1024 megabytes");
	t = builder_new();
	builder_exec(&t, 1, "cache --size 1x");
	builder_output(&t, 1, "invalid value \"1x\" for flag -size: parse error\n");
	builder_end(&t, 1, exited(2));
	builder_expect(&t, "bad_configuration", NULL, "-size");
}

static void packages_belong_to_the_python_that_runs(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "/srv/venv/bin/python3 app.py");
	builder_output(&t, 1, "ModuleNotFoundError: No module named 'requests'\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_module", NULL, "/srv/venv/bin/python3 -m pip install requests");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_pods_have_what_a_pod_spec_sets),
		cmocka_unit_test(times_are_counted_from_the_start),
		cmocka_unit_test(words_change_with_the_reader),
		cmocka_unit_test(sizes_of_a_pod_spec_are_for_pod_specs),
		cmocka_unit_test(packages_belong_to_the_python_that_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
