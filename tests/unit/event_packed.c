// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/packed.h"
#include "ktrace/container.h"

static struct event *failing_open(struct container *c)
{
	struct event draft = { .kind = EVENT_FILE_ERROR,
		.time = 1795177397000000001ULL,
		.cgroup = ~0ULL,
		.container = c,
		.pid = 4711,
		.vpid = 1,
		.comm = "python3",
		.parent_comm = "sh",
		.syscall = "openat",
		.error = ENOENT,
		.call_args = { (uint64_t)-100, 0x7ffd12345678, 0x80000 },
		.flags = "O_RDONLY|O_CLOEXEC",
		.repeats = 1,
		.path = "/usr/lib/python3.11/m.py",
		.requested = "/usr/lib/python3.11/m.py",
		.label = "docker-default (enforce)",
		.facts = calloc(1, sizeof(struct path_facts)) };

	draft.facts->known = true;
	draft.facts->file.type = FILE_MISSING;
	draft.facts->directory.mode = 0755;
	strcpy(draft.facts->directory_path, "/usr/lib/python3.11");
	draft.facts->filesystem.free_inodes = UINT64_MAX;
	return event_new(&draft);
}

static void an_event_is_unpacked_as_it_was(void **state)
{
	struct container *c = container_new();
	struct event *e = failing_open(c);
	size_t size = event_size(e);

	(void)state;
	struct packed_event *p = event_pack(e);
	assert_non_null(p);
	assert_true(packed_event_size(p) * 10 < size);
	assert_int_equal(c->refs, 2);
	e = event_unpack(p);
	struct event *expected = failing_open(c);
	assert_int_equal(event_size(e), size);
	assert_int_equal(e->refs, 1);
	assert_int_equal(e->time, expected->time);
	assert_int_equal(e->cgroup, expected->cgroup);
	assert_ptr_equal(e->container, c);
	assert_int_equal(e->pid, 4711);
	assert_int_equal(e->argc, 0);
	assert_string_equal(e->comm, "python3");
	assert_string_equal(e->parent_comm, "sh");
	assert_string_equal(e->syscall, "openat");
	assert_string_equal(e->flags, expected->flags);
	assert_string_equal(e->path, expected->path);
	assert_ptr_equal(e->requested, e->path);
	assert_string_equal(e->label, expected->label);
	assert_string_equal(e->text, "");
	assert_memory_equal(e->call_args, expected->call_args, sizeof(e->call_args));
	assert_memory_equal(e->facts, expected->facts, sizeof(*e->facts));
	event_unref(e);
	event_unref(expected);
	assert_int_equal(c->refs, 1);
	container_unref(c);
}

static void one_that_others_have_or_with_arguments_is_not_packed(void **state)
{
	static const char *const args[] = { "sh" };
	struct event *e = event_new(&(struct event){ .path = "/x" });
	struct event *program = event_new(&(struct event){ .args = args, .argc = 1 });

	(void)state;
	assert_null(event_pack(event_ref(e)));
	assert_null(event_pack(program));
	event_unref(e);
	event_unref(e);
	event_unref(program);
}

static void a_packed_one_lets_go_of_its_container(void **state)
{
	struct container *c = container_new();

	(void)state;
	packed_event_free(event_pack(failing_open(c)));
	assert_int_equal(c->refs, 1);
	container_unref(c);
	packed_event_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_unpacked_as_it_was),
		cmocka_unit_test(one_that_others_have_or_with_arguments_is_not_packed),
		cmocka_unit_test(a_packed_one_lets_go_of_its_container),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
