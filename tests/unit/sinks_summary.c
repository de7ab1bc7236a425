// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sinks/summary.h"
#include "util/cleanup.h"

#include "record_samples.h"

static void set(char **text, const char *value)
{
	free(*text);
	*text = strdup(value);
}

static void test_names_pod_container_cause_and_title(void **state)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);

	(void)state;
	set(&c->k8s_namespace, "shop");
	set(&c->pod, "orders-7d9c");
	set(&c->k8s_container, "app");
	set(&d->title, "Copy failed");
	d->root_cause = "read_only_copy";
	summary_line(&line, d);
	assert_string_equal(line.data, "shop/orders-7d9c/app: read_only_copy: Copy failed\n");
	diagnosis_free(d);
	container_unref(c);
}

static void test_hostile_text_is_neutralised_and_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf long_title = STRBUF_INIT;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);

	(void)state;
	/* Marks that combine: thousands of bytes in one column. */
	strbuf_puts(&long_title, "a\033[2Jb\nshop/other/app: oom_killed: not so");
	for (int i = 0; i < 5000; i++)
		strbuf_puts(&long_title, "\xcc\x81");
	set(&d->title, long_title.data);
	summary_line(&line, d);
	assert_null(strchr(line.data, '\033'));
	assert_ptr_equal(strchr(line.data, '\n'), line.data + line.len - 1);
	assert_in_range(line.len, 1000, 2047);
	diagnosis_free(d);
	container_unref(c);
}

static void test_a_reader_that_does_not_read_costs_lines_and_no_wait(void **state)
{
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	struct record r = { .type = RECORD_DIAGNOSIS, .diagnosis = d };
	struct output *o = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(summary_new(ends[1], &o), 0);
	for (int i = 0; i < 20000; i++)
		o->ops->write(o, &r);
	assert_int_equal(o->written + o->lost, 20000);
	assert_true(o->written > 0 && o->lost > 0);
	o->ops->free(o);
	close(ends[0]);
	close(ends[1]);
	diagnosis_free(d);
	container_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_pod_container_cause_and_title),
		cmocka_unit_test(test_hostile_text_is_neutralised_and_bounded),
		cmocka_unit_test(test_a_reader_that_does_not_read_costs_lines_and_no_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
