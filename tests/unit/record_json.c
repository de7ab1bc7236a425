// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "record/json.h"
#include "record/rfc3339.h"
#include "util/cleanup.h"
#include "util/utf8.h"

static void members_and_commas(void **state)
{
	(void)state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct json j = json_start(&out);

	json_open_object(&j, NULL);
	json_open_object(&j, "empty");
	json_close_object(&j);
	json_open_array(&j, "list");
	json_int(&j, NULL, INT64_MIN);
	json_open_array(&j, NULL);
	json_close_array(&j);
	json_uint(&j, NULL, 0);
	json_close_array(&j);
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_string(&j, "text", "");
	json_close_object(&j);
	assert_string_equal(out.data, "{\"empty\":{},\"list\":[-9223372036854775808,[],0],"
				      "\"yes\":true,\"no\":false,\"text\":\"\"}");
}

static const char *written(struct strbuf *out, const char *text, size_t max)
{
	struct json j = json_start(out);

	strbuf_reset(out);
	j.string_max = max;
	json_string(&j, NULL, text);
	return out->data;
}

static void strings_are_escaped(void **state)
{
	(void)state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	assert_string_equal(written(&out, "a\"b\\c\n\t\r\033\x7f", SIZE_MAX),
		"\"a\\\"b\\\\c\\n\\t\\r\\u001b\\u007f\"");
	assert_string_equal(written(&out, "\xe2\x80\xa8\xe2\x80\xa9\xc2\x9b\xe2\x80\xae", SIZE_MAX),
		"\"\\u2028\\u2029\\u009b\\u202e\"");
	assert_string_equal(written(&out, "\xf3\xa0\x81\x81", SIZE_MAX), "\"\\udb40\\udc41\"");
	assert_string_equal(written(&out, "\xff\xc3", SIZE_MAX), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string_equal(written(&out, "\xc3\xa9\xf0\x9f\x98\x80", SIZE_MAX),
		"\"\xc3\xa9\xf0\x9f\x98\x80\"");
	assert_string_equal(written(&out, "\xc3\xa9\xc3\xa9", 3), "\"\xc3\xa9\xe2\x80\xa6\"");
	assert_string_equal(written(&out, "abc", 3), "\"abc\"");
}

/* Whatever code point a string holds, a parser gives it back. */
static void every_code_point_comes_back(void **state)
{
	(void)state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	for (uint32_t cp = 1; cp < 0x110000; cp += cp < 0x3000 ? 1 : 61) {
		char text[8] = { 0 };
		if (cp < 0x80)
			text[0] = (char)cp;
		else if (cp < 0x800)
			text[0] = (char)(0xc0 | cp >> 6), text[1] = (char)(0x80 | (cp & 63));
		else if (cp < 0x10000)
			text[0] = (char)(0xe0 | cp >> 12), text[1] = (char)(0x80 | (cp >> 6 & 63)),
			text[2] = (char)(0x80 | (cp & 63));
		else
			text[0] = (char)(0xf0 | cp >> 18), text[1] = (char)(0x80 | (cp >> 12 & 63)),
			text[2] = (char)(0x80 | (cp >> 6 & 63)), text[3] = (char)(0x80 | (cp & 63));
		char sane[32];
		utf8_sanitise(sane, text, strlen(text));
		_cleanup_json_ cJSON *back = cJSON_Parse(written(&out, text, SIZE_MAX));
		assert_non_null(back);
		assert_string_equal(back->valuestring, sane);
	}
}

static void numbers_survive_doubles(void **state)
{
	(void)state;
	static const uint64_t values[] = { 0, 1, 4096, (1ull << 53) - 1, 1ull << 53,
		(1ull << 53) + 1, UINT64_MAX, 0x7ffffffffffff000, 1234567890123456789 };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT, again = STRBUF_INIT;
		struct json j = json_start(&out), k = json_start(&again);
		json_uint(&j, NULL, values[i]);
		_cleanup_json_ cJSON *back = cJSON_Parse(out.data);
		json_uint(&k, NULL, (uint64_t)back->valuedouble);
		assert_string_equal(out.data, again.data);
		if (values[i] <= 1ull << 53)
			assert_true((uint64_t)back->valuedouble == values[i]);
	}
}

static void hundredths_are_never_integers(void **state)
{
	(void)state;
	static const struct {
		double value;
		const char *text;
	} cases[] = { { 0, "0.00" }, { 1, "1.00" }, { 0.95, "0.95" }, { 0.999, "1.00" },
		{ 12.345, "12.35" }, { -1, "0.00" }, { 0.0 / 0.0, "0.00" } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct json j = json_start(&out);
		json_hundredths(&j, NULL, cases[i].value);
		assert_string_equal(out.data, cases[i].text);
	}
}

static void times_go_both_ways(void **state)
{
	(void)state;
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000000000Z" },
		{ 951782400000000001, "2000-02-29T00:00:00.000000001Z" },
		{ 1795177397123456789, "2026-11-20T12:23:17.123456789Z" },
		{ 4107542399999999999, "2100-02-28T23:59:59.999999999Z" },
	};
	char text[RFC3339_SIZE];
	uint64_t ns;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		rfc3339_format(text, cases[i].ns);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(rfc3339_parse(text, &ns), 0);
		assert_true(ns == cases[i].ns);
	}
	for (uint64_t day = 0; day < 200000; day++) {
		rfc3339_format(text, day * 86400000000000ull + 5);
		assert_int_equal(rfc3339_parse(text, &ns), 0);
		assert_true(ns == day * 86400000000000ull + 5);
	}
	assert_int_equal(rfc3339_parse("2026-11-20T12:23:17Z", &ns), 0);
	assert_int_equal(rfc3339_parse("2026-11-20T12:23:17.5Z", &ns), 0);
	assert_int_equal(ns % 1000000000, 500000000);
	static const char *const bad[] = { "", "2026-11-20", "2026-11-20T12:23:17",
		"2026-11-20T12:23:17.Z", "2026-11-20T24:00:00Z", "1969-12-31T23:59:59Z",
		"2026-11-20T12:23:17Zx", "9999-01-01T00:00:00Z" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_not_equal(rfc3339_parse(bad[i], &ns), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_and_commas),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(every_code_point_comes_back),
		cmocka_unit_test(numbers_survive_doubles),
		cmocka_unit_test(hundredths_are_never_integers),
		cmocka_unit_test(times_go_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
