// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/config.h"
#include "util/cleanup.h"

struct options {
	struct option_config config;
	bool flag;
	const char *text;
	struct option_list list;
	int level;
	uint64_t size;
};

static const struct options defaults = { .text = "usual", .size = 7 };

static const struct option_row rows[] = {
	{ "config", 0, OPTION_CONFIG, offsetof(struct options, config), "FILE", "a file", NULL },
	{ "flag", 'f', OPTION_FLAG, offsetof(struct options, flag), NULL, "a flag", NULL },
	{ "text", 0, OPTION_STRING, offsetof(struct options, text), "TEXT", "a text", NULL },
	{ "list", 0, OPTION_LIST, offsetof(struct options, list), "ITEM", "a list", NULL },
	{ "level", 0, OPTION_CHOICE, offsetof(struct options, level), NULL, "how much",
		level_choices },
	{ "size", 0, OPTION_SIZE, offsetof(struct options, size), "BYTES", "a size", NULL },
	{ 0 },
};

static const struct command command = {
	.name = "test",
	.operands = "",
	.options = rows,
	.options_size = sizeof(struct options),
	.defaults = &defaults,
};

static char path[] = "/tmp/ktrace-config-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void put(const char *text)
{
	_cleanup_file_ FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
}

/* The command line ends with NULL; --config with our file comes before it. */
static int read_with(void **out, char *arg, ...)
{
	char *argv[16] = { "test", "--config", path };
	struct options given = defaults;
	int argc = 3, first;
	va_list ap;

	va_start(ap, arg);
	for (; arg; arg = va_arg(ap, char *))
		argv[argc++] = arg;
	va_end(ap);
	assert_int_equal(options_parse(&command, argc, argv, &given, &first), 0);
	int err = config_read(&command, &given, out);
	options_release(&command, &given);
	return err;
}

static void the_file_sets_what_the_table_names(void **state)
{
	void *read;

	(void)state;
	put("text = there\nlist = a\nlevel = all\nlist = b\nsize = 2K\nflag = true\n");
	assert_int_equal(read_with(&read, NULL), 0);
	const struct options *o = read;
	assert_true(o->flag);
	assert_string_equal(o->text, "there");
	assert_int_equal(o->list.n, 2);
	assert_string_equal(o->list.items[1], "b");
	assert_int_equal(o->level, 2);
	assert_int_equal(o->size, 2048);
	assert_string_equal(config_path(&command, o), path);
	config_free(&command, read);

	put("flag = true\nflag = false\n");
	assert_int_equal(read_with(&read, NULL), 0);
	o = read;
	assert_false(o->flag);
	assert_string_equal(o->text, "usual");
	assert_int_equal(o->size, 7);
	config_free(&command, read);
}

static void the_command_line_wins(void **state)
{
	void *read;

	(void)state;
	put("text = there\nlist = a\nlist = b\nlevel = all\nsize = 2K\n");
	assert_int_equal(
		read_with(&read, "--text", "here", "--list", "c", "--level=diagnoses", "-f", NULL),
		0);
	const struct options *o = read;
	assert_true(o->flag);
	assert_string_equal(o->text, "here");
	assert_int_equal(o->list.n, 1);
	assert_string_equal(o->list.items[0], "c");
	assert_int_equal(o->level, 0);
	assert_int_equal(o->size, 2048);
	config_free(&command, read);
}

static void wrong_lines_are_refused(void **state)
{
	static const char *const wrong[] = { "text", "= x", "nonsense = x", "te = x",
		"text =", "level = some", "size = much", "flag = yes", "list =", "config = /x",
		"--text = x", "TEXT = x" };
	void *read = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		put(wrong[i]);
		assert_int_equal(read_with(&read, NULL), -EINVAL);
		/* The command line wins, but does not hide it. */
		assert_int_equal(read_with(&read, "--level", "all", "--text", "x", NULL), -EINVAL);
	}
	assert_null(read);
}

static void what_is_no_configuration_is_refused(void **state)
{
	struct options given = defaults;
	void *read = NULL;
	FILE *f = fopen(path, "w");

	(void)state;
	fwrite("text = a\0b\n", 1, 11, f);
	fclose(f);
	assert_int_equal(read_with(&read, NULL), -EILSEQ);
	assert_int_equal(truncate(path, 100 << 10), 0);
	assert_int_equal(read_with(&read, NULL), -EFBIG);
	given.config.path = "/tmp";
	assert_int_equal(config_read(&command, &given, &read), -EINVAL);
	given.config.path = "/tmp/ktrace-config-none";
	assert_int_equal(config_read(&command, &given, &read), -ENOENT);
	assert_null(read);
}

static void what_differs_is_named(void **state)
{
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT;
	void *a, *b;

	(void)state;
	put("list = a\nlist = b\ntext = x\n");
	assert_int_equal(read_with(&a, NULL), 0);
	assert_int_equal(read_with(&b, NULL), 0);
	config_compare(&command, a, b, &names);
	assert_int_equal(names.len, 0);
	config_free(&command, b);
	put("list = a\nlist = c\nflag = true\nsize = 8\ntext = x\n");
	assert_int_equal(read_with(&b, NULL), 0);
	config_compare(&command, a, b, &names);
	assert_string_equal(names.data, "flag, list, size");
	config_free(&command, a);
	config_free(&command, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_sets_what_the_table_names),
		cmocka_unit_test(the_command_line_wins),
		cmocka_unit_test(wrong_lines_are_refused),
		cmocka_unit_test(what_is_no_configuration_is_refused),
		cmocka_unit_test(what_differs_is_named),
	};

	return cmocka_run_group_tests_name("cli_config", tests, make_file, remove_file);
}
