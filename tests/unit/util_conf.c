// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/conf.h"

static char text[512];
static struct conf conf;

static void begin(const char *s)
{
	strcpy(text, s);
	conf = (struct conf){ .rest = text };
}

static void expect(unsigned number, const char *name, const char *value)
{
	const char *n, *v, *wrong;

	assert_int_equal(conf_next(&conf, &n, &v, &wrong), 1);
	assert_int_equal(conf.number, number);
	assert_string_equal(n, name);
	assert_string_equal(v, value);
}

static void expect_end(void)
{
	const char *n, *v, *wrong;

	for (int i = 0; i < 2; i++)
		assert_int_equal(conf_next(&conf, &n, &v, &wrong), 0);
}

static void lines_come_trimmed_and_numbered(void **state)
{
	(void)state;
	begin("# head\n\n  events\t=  all \nlisten=off\r\n \t \nlast = a b=c");
	expect(3, "events", "all");
	expect(4, "listen", "off");
	expect(6, "last", "a b=c");
	expect_end();
	begin("");
	expect_end();
	begin("\n\r\n#");
	expect_end();
}

static void comments_start_words_and_not_within(void **state)
{
	(void)state;
	begin("a = b # c\n\t# d = e\nlog = /var/log/#1\nf = #\n");
	expect(1, "a", "b");
	expect(3, "log", "/var/log/#1");
	expect(4, "f", "");
	expect_end();
}

static void wrong_lines_are_told_and_passed(void **state)
{
	const char *name, *value, *wrong = NULL;

	(void)state;
	begin("events all\n= all\nevents = all");
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(conf_next(&conf, &name, &value, &wrong), -EINVAL);
		assert_int_equal(conf.number, i);
		assert_non_null(strstr(wrong, i == 1 ? "NAME = VALUE" : "no name"));
	}
	expect(3, "events", "all");
	expect_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_trimmed_and_numbered),
		cmocka_unit_test(comments_start_words_and_not_within),
		cmocka_unit_test(wrong_lines_are_told_and_passed),
	};

	return cmocka_run_group_tests_name("util_conf", tests, NULL, NULL);
}
