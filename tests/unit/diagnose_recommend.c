// SPDX-License-Identifier: MIT
/* Recommendations: what a container chose is quoted for the shell or YAML that it stands in, or left out. */
#include "story_builder.h"

#include "diagnose/text/quoting.h"
#include "diagnose/text/recommend.h"

static const struct advice chown_it = {
	.text = "Give it to uid {uid}[: `RUN chown {uid} {path}`].",
	"{list}:\n  - name: {container}\n    command: [sh, -c, \"cat {path}\"]\n    at: {path}\n",
};

static struct diagnosis *given(const struct advice *a, const struct blanks *b, bool *said)
{
	struct builder t = builder_new();
	struct context q = { .container = t.c };
	struct report r;

	assert_int_equal(report_open(&r, &q), 0);
	*said = recommend(&r, a, b);
	report_title(&r, "t");
	report_sentence(&r, "s");
	struct diagnosis *d = report_close(&r);
	assert_non_null(d);
	builder_free(&t);
	return d;
}

static void expect(
	const struct advice *a, const struct blanks *b, const char *text, const char *manifest)
{
	bool said;
	struct diagnosis *d = given(a, b, &said);

	assert_true(said);
	assert_string_equal(d->recommendations[0].text, text);
	if (manifest)
		assert_string_equal(d->recommendations[0].manifest, manifest);
	else
		assert_null(d->recommendations[0].manifest);
	diagnosis_free(d);
}

static void plain_words_stay_as_they_are(void **state)
{
	(void)state;
	expect(&chown_it, &(struct blanks){ .path = "/srv/data", .uid = 7 },
		"Give it to uid 7: `RUN chown 7 /srv/data`.",
		"containers:\n  - name: app\n    command: [sh, -c, \"cat /srv/data\"]\n    at: "
		"\"/srv/data\"\n");
}

static void hostile_words_are_quoted(void **state)
{
	(void)state;
	expect(&chown_it, &(struct blanks){ .path = "/a b;$(id)'\"", .uid = 7 },
		"Give it to uid 7: `RUN chown 7 '/a b;$(id)'\\''\"'`.",
		"containers:\n  - name: app\n    command: [sh, -c, \"cat '/a "
		"b;$(id)'\\\\''\\\"'\"]\n    at: \"/a b;$(id)'\\\"\"\n");
}

static void words_that_nobody_should_paste_are_left_out(void **state)
{
	(void)state;
	static const char *const paths[] = { "/a\nb", "/a\x1b[2J",
		"/\xe2\x80\xae"
		"gnp.x",
		"/a`b`", "-rf" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		expect(&chown_it, &(struct blanks){ .path = paths[i], .uid = 7 },
			"Give it to uid 7.", NULL);
}

static void without_its_word_nothing_is_recommended(void **state)
{
	(void)state;
	static const struct advice needs = { .text = "Raise {value}." };
	bool said;
	struct diagnosis *d = given(&needs, &(struct blanks){ .value = "" }, &said);

	assert_false(said);
	assert_int_equal(d->n_recommendations, 0);
	diagnosis_free(d);
}

static void yaml_reads_back_as_text(void **state)
{
	(void)state;
	static const struct {
		const char *text, *yaml;
	} cases[] = {
		{ "app", "app" },
		{ "true", "\"true\"" },
		{ "NO", "\"NO\"" },
		{ "8000", "\"8000\"" },
		{ "", "\"\"" },
		{ "a: b", "\"a: b\"" },
		{ "a\"\\\n", "\"a\\\"\\\\\\u000a\"" },
		{ "\xe2\x80\xae", "\"\\u202e\"" },
		{ "\xc3\xa9", "\"\xc3\xa9\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_strbuf_ struct strbuf b = STRBUF_INIT;
		quote_yaml(&b, cases[i].text);
		assert_string_equal(b.data, cases[i].yaml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_stay_as_they_are),
		cmocka_unit_test(hostile_words_are_quoted),
		cmocka_unit_test(words_that_nobody_should_paste_are_left_out),
		cmocka_unit_test(without_its_word_nothing_is_recommended),
		cmocka_unit_test(yaml_reads_back_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
