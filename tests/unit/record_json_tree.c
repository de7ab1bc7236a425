// SPDX-License-Identifier: MIT
/* JSON as RFC 8259 has it, and nothing else; what is read is what cJSON reads. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "record/json_tree.h"
#include "util/cleanup.h"

static struct json_tree tree;

static const struct json_value *parse(const char *text)
{
	const struct json_value *root = NULL;
	size_t at = 0;

	if (json_tree_parse(&tree, text, strlen(text), &root, &at))
		fail_msg("%s: byte %zu", text, at);
	return root;
}

static void refuse(const char *text, size_t len, size_t where)
{
	const struct json_value *root;
	size_t at = 0;

	if (json_tree_parse(&tree, text, len, &root, &at) != -EBADMSG || at != where)
		fail_msg("%s: byte %zu", text, at);
}

static void same(const struct json_value *v, const cJSON *c)
{
	size_t n = 0;

	if (v->key || c->string)
		assert_string_equal(v->key, c->string);
	if (cJSON_IsString(c)) {
		assert_true(json_is(v, JSON_STRING));
		assert_string_equal(v->text, c->valuestring);
	} else if (cJSON_IsNumber(c)) {
		assert_true(json_is(v, JSON_NUMBER));
		assert_memory_equal(&v->number, &c->valuedouble, sizeof(double));
	} else {
		assert_int_equal(v->type, cJSON_IsObject(c)  ? JSON_OBJECT
					  : cJSON_IsArray(c) ? JSON_ARRAY
					  : cJSON_IsTrue(c)  ? JSON_TRUE
					  : cJSON_IsFalse(c) ? JSON_FALSE
							     : JSON_NULL);
	}
	const struct json_value *item = json_first(v);
	for (const cJSON *child = c->child; child; child = child->next, item = item->next, n++) {
		assert_non_null(item);
		same(item, child);
	}
	assert_null(item);
	assert_int_equal(json_count(v), n);
}

static void is_read_as_cjson_reads_it(void **state)
{
	static const char *const texts[] = { "{}", "[]", " [ ] ", "\t{ }\r\n", "null", "true",
		"false", "\"\"", "\"abcdefgh\"", "\"abcdefghi\\n\"",
		"\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te\"", "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"",
		"\"\xff\xc3(\x7f\"", "{\"a\":{\"b\":[1,[2,{}],{\"c\":\"d\"}]},\"e\":null,\"a\":2}",
		"[1 , 2\n,3]", "{\"a\" : 1 , \"b\" : [ ] }",
		"[\"long enough for more than eight bytes\",\"\"]" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cJSON *c = cJSON_Parse(texts[i]);
		assert_non_null(c);
		same(parse(texts[i]), c);
		cJSON_Delete(c);
	}
}

static void numbers_are_rounded_as_strtod_does(void **state)
{
	static const char *const texts[] = { "0", "-0", "1", "-1", "10", "0.95", "1.5e3", "1E-7",
		"123456789012345678", "9007199254740991", "9007199254740992", "9007199254740993",
		"18446744073709551615", "0.1", "0.30000000000000004", "2.2250738585072014e-308",
		"1e22", "1e23", "1e308", "1e999", "-1e-999", "1e99999999999999999999",
		"3.14159265358979323846264338327950288", "100000000000000000000000000000001",
		"0.00000000000000000000000000000001", "4.35", "1.7976931348623157e308" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		double expected = strtod(texts[i], NULL), got = parse(texts[i])->number;
		if (memcmp(&expected, &got, sizeof(got)))
			fail_msg("%s: %a, not %a", texts[i], got, expected);
	}
}

static void what_is_no_json_is_refused_where_it_ends(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} rows[] = {
		{ "", 0 },
		{ "   ", 3 },
		{ "{} x", 2 },
		{ "{\"a\":", 5 },
		{ "{\"a\" 1}", 5 },
		{ "{a:1}", 1 },
		{ "{\"a\":1,}", 7 },
		{ "[1,]", 3 },
		{ "[1 2]", 3 },
		{ "[1}", 2 },
		{ "[", 1 },
		{ "]", 0 },
		{ "01", 0 },
		{ "+1", 0 },
		{ "1.", 0 },
		{ ".5", 0 },
		{ "-", 0 },
		{ "1e", 0 },
		{ "nul", 0 },
		{ "tru\"", 0 },
		{ "NaN", 0 },
		{ "\"", 1 },
		{ "\"a\nb\"", 2 },
		{ "\"\\x\"", 1 },
		{ "\"\\u12\"", 3 },
		{ "\"\\u12g4\"", 3 },
		{ "\"\\ud83d\"", 7 },
		{ "\"\\ud83d\\u0041\"", 7 },
		{ "\"\\ude00\"", 3 },
		{ "\"\\", 1 },
		{ "\xef\xbb\xbf{}", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		refuse(rows[i].text, strlen(rows[i].text), rows[i].at);
	refuse("\"a\0b\"", 5, 2);
	refuse("{}\0", 3, 2);
}

static void a_nul_in_a_string_is_no_end(void **state)
{
	(void)state;
	assert_string_equal(parse("\"a\\u0000b\"")->text, "a\xef\xbf\xbd"
							  "b");
}

static void nesting_has_a_limit(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 3];

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	text[2 * JSON_DEPTH_MAX] = '\0';
	parse(text);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	refuse(text, sizeof(text) - 1, JSON_DEPTH_MAX);
}

/* More values than are allocated at once, again and again: the same memory. */
static void many_values(void **state)
{
	char text[4096] = "[";
	size_t len = 1;

	(void)state;
	for (int i = 0; i < 1000; i++)
		len += (size_t)sprintf(text + len, "%s%d", i ? "," : "", i % 10);
	strcpy(text + len, "]");
	for (int round = 0; round < 3; round++) {
		const struct json_value *item;
		int i = 0;
		assert_int_equal(json_count(parse(text)), 1000);
		JSON_EACH(item, parse(text))
		assert_int_equal((int)item->number, i++ % 10);
		assert_int_equal(i, 1000);
	}
}

static void members_go_by_their_whole_names(void **state)
{
	const struct json_value *v = parse("{\"ab\":1,\"abc\":2,\"ab\":3,\"\":4}");

	(void)state;
	assert_int_equal((int)json_member(v, "abc", 3)->number, 2);
	assert_int_equal((int)json_member(v, "abc", 2)->number, 1);
	assert_int_equal((int)json_member(v, "", 0)->number, 4);
	assert_null(json_member(v, "a", 1));
	assert_null(json_member(json_first(v), "a", 1));
	assert_null(json_member(NULL, "a", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read_as_cjson_reads_it),
		cmocka_unit_test(numbers_are_rounded_as_strtod_does),
		cmocka_unit_test(what_is_no_json_is_refused_where_it_ends),
		cmocka_unit_test(a_nul_in_a_string_is_no_end),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(many_values),
		cmocka_unit_test(members_go_by_their_whole_names),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	json_tree_free(&tree);
	return failed;
}
