// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

struct options {
	bool flag;
	const char *text;
	struct option_list list;
	int format, color;
	uint64_t size;
};

static const struct option_row rows[] = {
	{ "flag", 'f', OPTION_FLAG, offsetof(struct options, flag), NULL, "a flag", NULL },
	{ "text", 't', OPTION_STRING, offsetof(struct options, text), "TEXT", "a text", NULL },
	{ "list", 0, OPTION_LIST, offsetof(struct options, list), "ITEM", "a list", NULL },
	{ "size", 0, OPTION_SIZE, offsetof(struct options, size), "BYTES", "a size", NULL },
	OPTION_ROW_FORMAT(struct options),
	OPTION_ROW_COLOR(struct options),
	{ 0 },
};

static const struct command plain = {
	.name = "plain",
	.operands = "[TARGET]",
	.summary = "s",
	.description = "d",
	.options = rows,
	.max_operands = 1,
	.options_size = sizeof(struct options),
};

static struct command runner; /* plain, but with somebody's command behind */

static int parse(const struct command *c, struct options *o, int *first, ...)
{
	char *argv[16] = { (char *)c->name };
	int argc = 1;
	va_list ap;

	va_start(ap, first);
	for (char *arg; (arg = va_arg(ap, char *));)
		argv[argc++] = arg;
	va_end(ap);
	memset(o, 0, sizeof(*o));
	return options_parse(c, argc, argv, o, first);
}

static void values_land_where_the_table_says(void **state)
{
	struct options o;
	int first;

	(void)state;
	assert_int_equal(parse(&plain, &o, &first, "-f", "--text", "x", "--list=a", "--list", "b",
				 "--size", "64M", "-o", "json", "--color=never", "web-0", NULL),
		0);
	assert_true(o.flag);
	assert_string_equal(o.text, "x");
	assert_int_equal(o.list.n, 2);
	assert_string_equal(o.list.items[1], "b");
	assert_int_equal(o.size, 64 << 20);
	assert_int_equal(o.format, FORMAT_JSON);
	assert_int_equal(o.color, WHEN_NEVER);
	assert_int_equal(first, 12);
	options_release(&plain, &o);
}

static void options_may_follow_operands_but_not_a_command(void **state)
{
	struct options o;
	int first;

	(void)state;
	assert_int_equal(parse(&plain, &o, &first, "web-0", "-f", NULL), 0);
	assert_true(o.flag);
	runner = plain;
	runner.operands = "-- COMMAND [ARG...]";
	assert_int_equal(parse(&runner, &o, &first, "ls", "-f", NULL), 0);
	assert_false(o.flag);
	assert_int_equal(first, 1);
	assert_int_equal(parse(&runner, &o, &first, "-f", "--", "ls", "-t", NULL), 0);
	assert_true(o.flag);
	assert_null(o.text);
	assert_int_equal(first, 3);
}

static void wrong_use_is_refused(void **state)
{
	static const char *const sizes[] = { "", "x", "-1", "64X", "1MM", "99999999999999999999",
		"20000000T" };
	struct options o;
	int first;

	(void)state;
	assert_int_equal(parse(&plain, &o, &first, "--nonsense", NULL), EXIT_USAGE);
	assert_int_equal(parse(&plain, &o, &first, "-z", NULL), EXIT_USAGE);
	assert_int_equal(parse(&plain, &o, &first, "--text", NULL), EXIT_USAGE);
	assert_int_equal(parse(&plain, &o, &first, "--text", "", NULL), EXIT_USAGE);
	assert_int_equal(parse(&plain, &o, &first, "--flag=yes", NULL), EXIT_USAGE);
	assert_int_equal(parse(&plain, &o, &first, "-o", "yaml", NULL), EXIT_USAGE);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		assert_int_equal(
			parse(&plain, &o, &first, "--size", (char *)sizes[i], NULL), EXIT_USAGE);
}

static void help_and_manual_name_every_option(void **state)
{
	const struct command *const list[] = { &plain, NULL };
	char *text = NULL;
	size_t size;

	(void)state;
	for (int manual = 0; manual < 2; manual++) {
		FILE *f = open_memstream(&text, &size);

		if (manual)
			manual_print(f, list);
		else
			help_print(f, &plain);
		fclose(f);
		for (const struct option_row *row = rows; row->name; row++)
			assert_non_null(strstr(text, row->name));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_land_where_the_table_says),
		cmocka_unit_test(options_may_follow_operands_but_not_a_command),
		cmocka_unit_test(wrong_use_is_refused),
		cmocka_unit_test(help_and_manual_name_every_option),
	};

	return cmocka_run_group_tests_name("cli_options", tests, NULL, NULL);
}
