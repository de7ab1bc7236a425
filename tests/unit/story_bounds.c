// SPDX-License-Identifier: MIT
/* A story remembers who did what in which program, and stays small whatever happens. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "story/story.h"
#include "util/cleanup.h"

#define START 1700000000000000000ULL

struct fixture {
	struct container *c;
	struct story *s;
	uint64_t now;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->c = container_new();
	f->s = story_new(f->c);
	f->now = START;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	story_free(f->s);
	container_unref(f->c);
	free(f);
	return 0;
}

static void add(struct fixture *f, struct event draft)
{
	f->now += 1000;
	draft.time = draft.time ? draft.time : f->now;
	draft.tid = draft.pid;
	draft.repeats = draft.repeats ? draft.repeats : 1;
	struct event *e = event_new(&draft);
	assert_int_equal(story_add(f->s, e), 0);
	event_unref(e);
}

static void exec(struct fixture *f, uint32_t pid, uint32_t parent, const char *comm)
{
	const char *args[] = { comm };

	add(f, (struct event){ .kind = EVENT_EXEC,
		       .pid = pid,
		       .vpid = pid == 10 ? 1 : pid,
		       .parent_pid = parent,
		       .comm = comm,
		       .parent_comm = parent == 1 ? "containerd-shim" : "sh",
		       .executable = comm,
		       .args = args,
		       .argc = 1 });
}

static void fail_at(struct fixture *f, uint32_t pid, uint32_t parent, int error, const char *path)
{
	add(f, (struct event){ .kind = EVENT_FILE_ERROR,
		       .pid = pid,
		       .vpid = pid == 10 ? 1 : pid,
		       .parent_pid = parent,
		       .comm = "sh",
		       .parent_comm = "sh",
		       .syscall = "openat",
		       .error = error,
		       .path = path });
}

static void end(struct fixture *f, uint32_t pid, uint32_t parent, int status)
{
	add(f, (struct event){ .kind = EVENT_PROCESS_EXITED,
		       .pid = pid,
		       .vpid = pid == 10 ? 1 : pid,
		       .parent_pid = parent,
		       .comm = "sh",
		       .parent_comm = "sh",
		       .status = status });
}

static const struct process *find(const struct story *s, uint32_t pid)
{
	struct process *const *list;
	size_t n = story_processes(s, &list);

	while (n-- > 0)
		if (list[n]->pid == pid)
			return list[n];
	return NULL;
}

static void tree_is_known(void **state)
{
	struct fixture *f = *state;

	exec(f, 10, 1, "sh");
	fail_at(f, 11, 10, ENOENT, "/x"); /* a fork that runs no program of its own */
	exec(f, 12, 11, "cp");
	end(f, 12, 11, 256);
	assert_true(story_started(f->s));
	assert_int_equal(story_first_process(f->s)->pid, 10);
	assert_ptr_equal(find(f->s, 12)->parent, find(f->s, 11));
	assert_ptr_equal(find(f->s, 11)->parent, find(f->s, 10));
	assert_ptr_equal(find(f->s, 11)->exec, find(f->s, 10)->exec);
	assert_string_equal(find(f->s, 12)->exec->comm, "cp");
	assert_false(story_ended(f->s));
	end(f, 10, 1, 512);
	assert_true(story_ended(f->s));
	assert_int_equal(story_status(f->s), 512);
}

static void silent_fork_is_linked_by_its_end(void **state)
{
	struct fixture *f = *state;

	exec(f, 10, 1, "sh");
	exec(f, 12, 11, "cp"); /* 11 was never heard of */
	end(f, 12, 11, 256);
	end(f, 11, 10, 256);
	assert_ptr_equal(find(f->s, 12)->parent, find(f->s, 11));
	assert_int_equal(find(f->s, 11)->status, 256);
}

static void clients_are_told_apart(void **state)
{
	struct fixture *f = *state;

	exec(f, 10, 1, "server");
	add(f, (struct event){ .kind = EVENT_EXEC,
		       .pid = 20,
		       .vpid = 7,
		       .parent_pid = 900,
		       .comm = "cat",
		       .parent_comm = "runc:[1:CHILD]",
		       .executable = "/bin/cat" });
	fail_at(f, 21, 20, ENOENT, "/y");
	assert_false(find(f->s, 10)->from_outside);
	assert_true(find(f->s, 20)->from_outside);
	assert_true(find(f->s, 21)->from_outside);
}

static void pid_is_used_again(void **state)
{
	struct fixture *f = *state;
	struct process *const *list;

	exec(f, 10, 1, "sh");
	for (int i = 0; i < 3; i++) {
		exec(f, 11, 10, "date");
		end(f, 11, 10, 0);
	}
	assert_int_equal(story_processes(f->s, &list), 4);
}

static void equal_failures_are_one(void **state)
{
	struct fixture *f = *state;
	const struct story_entry *entries;

	exec(f, 10, 1, "sh");
	for (int i = 0; i < 1000; i++)
		fail_at(f, 10, 1, ENOENT, "/ready");
	size_t n = story_entries(f->s, &entries);
	assert_int_equal(n, 2);
	assert_int_equal(entries[1].times, 1000);
	assert_true(entries[1].last > entries[1].event->time);
}

static void late_event_goes_where_it_belongs(void **state)
{
	struct fixture *f = *state;
	const struct story_entry *entries;

	exec(f, 10, 1, "sh");
	fail_at(f, 10, 1, ENOENT, "/b");
	add(f, (struct event){ .kind = EVENT_FILE_ERROR,
		       .time = f->now - 500,
		       .pid = 10,
		       .vpid = 1,
		       .syscall = "openat",
		       .error = ENOENT,
		       .path = "/a" });
	size_t n = story_entries(f->s, &entries);
	assert_int_equal(n, 3);
	assert_string_equal(entries[1].event->path, "/a");
}

static void say(struct fixture *f, const char *text)
{
	add(f, (struct event){ .kind = EVENT_OUTPUT, .pid = 10, .vpid = 1, .fd = 2, .text = text });
}

static void words_are_bounded_and_whole(void **state)
{
	struct fixture *f = *state;

	exec(f, 10, 1, "sh");
	for (int i = 0; i < 3000; i++)
		say(f, "\u00e9\u20ac\n");
	const struct strbuf *err = &find(f->s, 10)->err;
	assert_true(err->len <= STORY_WORDS_MAX);
	assert_true(((unsigned char)err->data[0] & 0xc0) != 0x80);
}

static void first_lines_are_kept_beside_the_latest(void **state)
{
	struct fixture *f = *state;

	exec(f, 10, 1, "sh");
	say(f, "warning: /etc/x.conf is ignored\n");
	for (int i = 0; i < 2998; i++)
		say(f, "something else\n");
	say(f, "the end\n");
	const struct strbuf *err = &find(f->s, 10)->err;
	assert_true(err->len <= STORY_WORDS_MAX);
	assert_ptr_equal(strstr(err->data, "warning: /etc/x.conf is ignored\n"), err->data);
	assert_string_equal(err->data + err->len - strlen("the end\n"), "the end\n");
}

static bool remembers(const struct story *s, const char *path)
{
	const struct story_entry *entries;
	size_t n = story_entries(s, &entries);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(entries[i].event->path, path))
			return true;
	return false;
}

/* Where space is short it is packed, and is the same story: an equal failure is found, a late one put in its place. */
static void a_packed_story_is_the_same(void **state)
{
	struct fixture *f = *state;
	const struct story_entry *entries;
	char path[64];

	exec(f, 10, 1, "sh");
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/missing/%d", i);
		fail_at(f, 10, 1, ENOENT, path);
	}
	size_t bytes = story_bytes(f->s);
	story_shrink(f->s, bytes / 2);
	assert_true(story_bytes(f->s) <= bytes / 2);
	assert_int_equal(story_forgotten(f->s), 0);
	fail_at(f, 10, 1, ENOENT, "/missing/95");
	add(f, (struct event){ .kind = EVENT_FILE_ERROR,
		       .time = f->now - 1500,
		       .pid = 10,
		       .vpid = 1,
		       .syscall = "openat",
		       .error = ENOENT,
		       .path = "/late" });
	assert_int_equal(story_entries(f->s, &entries), 102);
	assert_int_equal(entries[96].times, 2);
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/missing/%d", i);
		assert_true(remembers(f->s, path));
	}
	for (size_t i = 1; i < 102; i++)
		assert_true(entries[i - 1].event->time <= entries[i].event->time);
	story_rest(f->s);
	assert_true(story_bytes(f->s) <= bytes / 2);
	story_shrink(f->s, bytes / 8);
	assert_true(story_forgotten(f->s) > 0);
	assert_int_equal(story_entries(f->s, &entries) + story_forgotten(f->s), 102);
}

static void flood_is_forgotten_first(void **state)
{
	struct fixture *f = *state;
	char path[64];

	exec(f, 10, 1, "sh");
	fail_at(f, 10, 1, EROFS, "/the/cause");
	for (int i = 0; i < 50000; i++) {
		snprintf(path, sizeof(path), "/noise/%d", i);
		fail_at(f, 10, 1, ENOENT, path);
	}
	const struct story_entry *entries;
	assert_true(story_entries(f->s, &entries) <= STORY_ENTRIES_MAX);
	assert_true(story_bytes(f->s) < 2 * STORY_BYTES_MAX);
	assert_true(remembers(f->s, "/the/cause"));
	assert_true(remembers(f->s, "/noise/49999"));
	assert_int_equal(entries[0].event->kind, EVENT_EXEC);
}

static void endless_children_are_forgotten(void **state)
{
	struct fixture *f = *state;
	struct process *const *list;

	exec(f, 10, 1, "sh");
	exec(f, 11, 10, "cp");
	end(f, 11, 10, 256);
	for (uint32_t pid = 100; pid < 20100; pid++) {
		exec(f, pid, 10, "sleep");
		end(f, pid, 10, 0);
	}
	assert_true(story_processes(f->s, &list) <= STORY_PROCESSES_MAX);
	assert_non_null(find(f->s, 10));
	assert_non_null(find(f->s, 11)); /* what failed is kept longer */
	assert_true(story_bytes(f->s) < 2 * STORY_BYTES_MAX);
}

/* Where all stories together are too large, the largest ones shrink: what decides stays longest, and it is counted. */
static void what_shrinks_keeps_what_matters(void **state)
{
	struct fixture *f = *state;
	char path[64], words[1024];

	memset(words, 'x', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	exec(f, 10, 1, "sh");
	fail_at(f, 10, 1, EROFS, "/the/cause");
	for (uint32_t pid = 100; pid < 1000; pid++) {
		exec(f, pid, 10, "worker");
		snprintf(path, sizeof(path), "/noise/%u", pid);
		fail_at(f, pid, 10, ENOENT, path);
		for (int i = 0; i < 5; i++)
			add(f, (struct event){
				       .kind = EVENT_OUTPUT, .pid = pid, .fd = 2, .text = words });
	}
	size_t before = story_bytes(f->s);
	story_shrink(f->s, before / 2);
	assert_true(story_bytes(f->s) <= before / 2);
	assert_int_equal(story_forgotten(f->s), 0); /* words of old were enough */
	for (size_t most = before; story_bytes(f->s) > 150000; most /= 2)
		story_shrink(f->s, most);
	assert_true(story_bytes(f->s) <= 150000);
	assert_true(story_forgotten(f->s) > 500);
	assert_non_null(find(f->s, 10));
	assert_true(remembers(f->s, "/the/cause"));
}

static void a_runtime_is_known_by_its_whole_name(void **state)
{
	(void)state;
	assert_true(story_runtime_comm("runc"));
	assert_true(story_runtime_comm("runc:[2:INIT]"));
	assert_true(story_runtime_comm("containerd-shim"));
	assert_false(story_runtime_comm("crunchy-pg"));
	assert_false(story_runtime_comm("runclient"));
	assert_false(story_runtime_comm("containerd-exporter"));
	assert_false(story_runtime_comm("runc:x"));
	assert_false(story_runtime_comm("run"));
	assert_false(story_runtime_comm(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tree_is_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			silent_fork_is_linked_by_its_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clients_are_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pid_is_used_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(equal_failures_are_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			late_event_goes_where_it_belongs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(words_are_bounded_and_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			first_lines_are_kept_beside_the_latest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_packed_story_is_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flood_is_forgotten_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(endless_children_are_forgotten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_shrinks_keeps_what_matters, set_up, tear_down),
		cmocka_unit_test(a_runtime_is_known_by_its_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
