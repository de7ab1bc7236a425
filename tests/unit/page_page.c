// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "page/axis.h"
#include "page/markup.h"
#include "page/picture.h"
#include "util/cleanup.h"
#include "util/utf8.h"

#include "record_samples.h"

#define MARKUP "</code></pre><script>alert(1)</script><img src=x onerror=\"1\">'&"

static void text_is_never_markup(void **state)
{
	(void)state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	markup_text(&out, "<a href=\"'x'\">&\033\n");
	assert_string_equal(out.data, "&lt;a href=&quot;&#39;x&#39;&quot;&gt;&amp;\\x1b\\n");
	strbuf_reset(&out);
	markup_prose(&out, "`cp` (uid 1) failed at `<b>`, and a ` alone");
	assert_string_equal(out.data,
		"<code>cp</code> (uid 1) failed at <code>&lt;b&gt;</code>, and a ` alone");
	strbuf_reset(&out);
	markup_cut(&out, "<<<<<<<<", 4, false);
	assert_string_equal(out.data, "&lt;&lt;&lt;\xe2\x80\xa6");
	strbuf_reset(&out);
	markup_lines(&out, "a:\n  - <b>\n");
	assert_string_equal(out.data, "a:\n  - &lt;b&gt;\n");
}

static void replace(char **where, const char *with)
{
	free(*where);
	*where = strdup(with);
}

static void fill(struct diagnosis *d, const char *text)
{
	replace(&d->title, text);
	replace(&d->summary, text);
	replace(&d->cannot_tell, text);
	replace(&d->path, text);
	replace(&d->why, text);
	for (size_t i = 0; i < d->n_evidence; i++) {
		replace(&d->evidence[i].process, text);
		replace(&d->evidence[i].path, text);
		replace(&d->evidence[i].text, text);
	}
	for (size_t i = 0; i < d->n_recommendations; i++) {
		replace(&d->recommendations[i].text, text);
		replace(&d->recommendations[i].manifest, text);
	}
	for (size_t i = 0; i < d->n_changes; i++) {
		replace(&d->changes[i].what, text);
		replace(&d->changes[i].before, text);
		replace(&d->changes[i].after, text);
	}
	replace(&d->waiting.name, text);
	replace(&d->waiting.answer, text);
	for (size_t i = 0; i < d->n_alternatives; i++)
		replace(&d->alternatives[i].title, text);
}

/* A page with one event of each kind, all strings of whose container and diagnosis are `text`. */
static char *page_with(const char *text)
{
	struct container *c = sample_container();
	struct event *events[EVENT_KINDS];
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	container_set(&c->pod, text);
	container_set(&c->image, text);
	container_set(&c->args[2], text);
	struct diagnosis *d = sample_diagnosis(c);
	fill(d, text);
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		events[kind] = sample_event((enum event_kind)kind, c);
	const struct page_container page = { .container = c,
		.node = text,
		.events = events,
		.n_events = EVENT_KINDS,
		.lines = events,
		.n_lines = EVENT_KINDS,
		.diagnosis = d,
		.times = 3,
		.first = SAMPLE_TIME - 1000000000 };
	assert_int_equal(page_append(&out, &page, 1), 0);
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		event_unref(events[kind]);
	diagnosis_free(d);
	container_unref(c);
	return strbuf_take(&out);
}

static void hostile_strings_are_harmless(void **state)
{
	(void)state;
	_cleanup_free_ char *page = page_with(MARKUP);

	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<img"));
	assert_non_null(strstr(page, "&lt;script&gt;"));
	_cleanup_free_ char *controls = page_with(HOSTILE);
	size_t len = strlen(controls);
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t cp = 0;

		n = utf8_decode(controls + i, len - i, &cp);
		assert_true(n > 0);
		assert_false(cp != '\n' && utf8_is_unsafe(cp));
	}
}

static void all_of_a_diagnosis_is_on_it(void **state)
{
	(void)state;
	static const char *const parts[] = { "<svg viewBox", "What happened", "What to do",
		"What else it could be", "What changed since", "Waits for",
		"Not seen:", "Filed under", "Fingerprint of the cause", "class=\"meter\"",
		"3 times, first", "Time line", "How the answer was chosen",
		"prefers-color-scheme:dark", "@media print", "Content-Security-Policy" };
	_cleanup_free_ char *page = page_with("word");

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(page, parts[i]))
			fail_msg("no %s", parts[i]);
}

static void a_diagnosis_alone_has_a_picture_too(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	const struct page_container page = { .container = c, .node = "", .diagnosis = d };

	assert_int_equal(page_append(&out, &page, 1), 0);
	assert_non_null(strstr(out.data, "class=\"step root\""));
	strbuf_reset(&out);
	const struct page_container healthy = { .container = c, .node = "" };
	assert_int_equal(page_append(&out, &healthy, 1), 0);
	assert_non_null(strstr(out.data, "Nothing that went wrong was seen"));
	strbuf_reset(&out);
	assert_int_equal(page_append(&out, NULL, 0), 0);
	assert_non_null(strstr(out.data, "Nothing that went wrong was seen"));
	diagnosis_free(d);
	container_unref(c);
}

/* More steps than there is room for, in many processes, within a microsecond after a minute. */
static void steps_never_touch(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	struct evidence evidence[40] = { 0 };
	const struct page_container page = { .container = c, .node = "", .diagnosis = d };
	struct evidence *own = d->evidence;
	size_t n_own = d->n_evidence;
	struct lanes l = { 0 };
	struct axis a = { 0 };

	d->evidence = evidence;
	for (size_t n = 1; n <= 40; n++) {
		d->n_evidence = n;
		for (size_t i = 0; i < n; i++)
			evidence[i] = (struct evidence){ .time = SAMPLE_TIME +
								 (i ? 60000000000ull + i * 20 : 0),
				.action = "file_error",
				.process = (char *)"cp",
				.pid = (uint32_t)(100 + i % 20) };
		assert_int_equal(lanes_make(&l, &page), 0);
		assert_true(l.n <= LANES_MAX);
		assert_int_equal(axis_make(&a, &l, 100, 700), 0);
		double before = 0;
		for (size_t i = 0; i < l.n_marks; i++) {
			if (l.marks[i].step > STEPS_MAX)
				continue;
			assert_true(l.marks[i].x >= before + 23);
			assert_true(l.marks[i].x <= 800.001);
			before = l.marks[i].x;
		}
		axis_free(&a);
		lanes_free(&l);
	}
	d->evidence = own;
	d->n_evidence = n_own;
	diagnosis_free(d);
	container_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_never_markup),
		cmocka_unit_test(hostile_strings_are_harmless),
		cmocka_unit_test(all_of_a_diagnosis_is_on_it),
		cmocka_unit_test(a_diagnosis_alone_has_a_picture_too),
		cmocka_unit_test(steps_never_touch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
