// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ktrace/container.h"

/* Not the ones of event/container.c: a count says whether references are kept. */
struct container *container_ref(struct container *c)
{
	c->refs++;
	return c;
}

void container_unref(struct container *c)
{
	if (c)
		c->refs--;
}

static void copies_everything(void **state)
{
	(void)state;
	char comm[] = "cp", arg[] = "-r";
	const char *args[] = { comm, arg, NULL };
	struct container c = { .refs = 1 };
	struct event draft = { .kind = EVENT_EXEC,
		.refs = 9,
		.pid = 7,
		.comm = comm,
		.args = args,
		.argc = 3,
		.container = &c,
		.facts = calloc(1, sizeof(struct path_facts)) };

	struct event *e = event_new(&draft);
	memset(comm, 'x', 2);
	memset(arg, 'x', 2);
	assert_int_equal(e->refs, 1);
	assert_int_equal(e->pid, 7);
	assert_string_equal(e->comm, "cp");
	assert_string_equal(e->args[1], "-r");
	assert_string_equal(e->args[2], "");
	assert_string_equal(e->path, "");
	assert_string_equal(e->syscall, "");
	assert_false(e->cut);
	assert_int_equal(c.refs, 2);
	assert_true(event_size(e) > sizeof(*e) + sizeof(struct path_facts));
	assert_ptr_equal(event_ref(e), e);
	event_unref(e);
	event_unref(e);
	assert_int_equal(c.refs, 1);
	event_unref(NULL);
}

static void strings_become_utf8(void **state)
{
	(void)state;
	struct event draft = { .comm = "a\xff"
				       "b",
		.text = "\xe2\x82" };
	struct event *e = event_new(&draft);

	assert_string_equal(e->comm, "a\xef\xbf\xbd"
				     "b");
	assert_string_equal(e->text, "\xef\xbf\xbd\xef\xbf\xbd");
	event_unref(e);
}

/* A long string is cut at a code point and says so; a copy of the copy is the same. */
static void long_strings_are_cut(void **state)
{
	(void)state;
	static const char *const units[] = { "x", "\xff", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80" };

	for (size_t u = 0; u < sizeof(units) / sizeof(*units); u++) {
		char *text = calloc(1, 10001);
		for (size_t len = 1; len + strlen(units[u]) <= 10000; len += strlen(units[u]))
			strcpy(text + len, units[u]);
		text[0] = 'y';
		struct event *e = event_new(&(struct event){ .path = text });
		struct event *again = event_new(e);
		assert_true(e->cut);
		assert_in_range(strlen(e->path), 4093, 4096);
		assert_string_equal(again->path, e->path);
		event_unref(e);
		event_unref(again);
		free(text);
	}
}

static void long_lists_are_cut(void **state)
{
	(void)state;
	const char **args = calloc(5000, sizeof(*args));
	struct event draft = { .args = args, .argc = 5000 };
	struct event *e = event_new(&draft);

	assert_true(e->cut);
	assert_in_range(e->argc, 1000, 4999);
	event_unref(e);
	free(args);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_everything),
		cmocka_unit_test(strings_become_utf8),
		cmocka_unit_test(long_strings_are_cut),
		cmocka_unit_test(long_lists_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
