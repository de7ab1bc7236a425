// SPDX-License-Identifier: MIT
/* The helper that looks: what it answers, what becomes of one that hangs, and how it opens what it looks at. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/helper.h"
#include "container/hostfile.h"
#include "container/looks.h"
#include "container/open_by_steps.h"
#include "container/remote.h"
#include "util/cleanup.h"
#include "util/pack.h"

enum { ECHO, FAIL, LONG, DIE, RESTS };

static int rests;

static void rest(void)
{
	rests++;
}

static int serve(unsigned kind, const void *question, size_t len, void *reply, size_t size)
{
	if (kind == DIE)
		_exit(1);
	if (kind == FAIL)
		return -EPERM;
	if (kind == RESTS)
		return -1 - rests;
	if (kind == LONG)
		return (int)size;
	memcpy(reply, question, len);
	return (int)len;
}

static const struct helper_work what = { serve, rest };

static void questions_are_answered(void **state)
{
	char reply[64] = "";

	(void)state;
	assert_int_equal(helper_ask(ECHO, "hello", 6, reply, sizeof(reply)), -ENOTCONN);
	assert_int_equal(helper_start(&what, NULL), 0);
	assert_int_equal(helper_start(&what, NULL), -EALREADY);
	assert_int_equal(helper_ask(ECHO, "hello", 6, reply, sizeof(reply)), 6);
	assert_string_equal(reply, "hello");
	assert_int_equal(helper_ask(FAIL, "", 0, reply, sizeof(reply)), -EPERM);
	assert_int_equal(helper_ask(LONG, "", 0, reply, sizeof(reply)), -EMSGSIZE);
	/* It rests once when nothing is asked for a moment, and not between questions. */
	assert_int_equal(helper_ask(RESTS, "", 0, reply, sizeof(reply)), -1);
	usleep(100000);
	assert_int_equal(helper_ask(RESTS, "", 0, reply, sizeof(reply)), -2);
	/* One that ended is replaced. */
	assert_int_equal(helper_ask(DIE, "", 0, reply, sizeof(reply)), -EIO);
	assert_int_equal(helper_ask(ECHO, "again", 6, reply, sizeof(reply)), 6);
	helper_stop();
	assert_int_equal(helper_ask(ECHO, "hello", 6, reply, sizeof(reply)), -ENOTCONN);
}

static pid_t worker(void)
{
	struct helper_stats stats;

	helper_stats(&stats);
	assert_true(stats.worker > 0);
	return stats.worker;
}

static void ask(const char *word)
{
	char reply[64];

	assert_int_equal(helper_ask(ECHO, word, strlen(word) + 1, reply, sizeof(reply)),
		(int)strlen(word) + 1);
	assert_string_equal(reply, word);
}

static void one_that_hangs_is_replaced_and_taken_back(void **state)
{
	char reply[64];
	pid_t stopped[HELPER_HANGING_MAX];
	struct helper_stats stats;

	(void)state;
	assert_int_equal(helper_start(&what, NULL), 0);
	for (int i = 0; i < HELPER_HANGING_MAX; i++) {
		ask("first");
		stopped[i] = worker();
		assert_int_equal(kill(stopped[i], SIGSTOP), 0);
		assert_int_equal(helper_ask(ECHO, "late", 5, reply, sizeof(reply)), -ETIMEDOUT);
	}
	/* Too many: nobody is started any more, and nobody is waited for. */
	assert_int_equal(helper_ask(ECHO, "x", 2, reply, sizeof(reply)), -EBUSY);
	helper_stats(&stats);
	assert_int_equal(stats.hanging, HELPER_HANGING_MAX);
	assert_int_equal(stats.late, HELPER_HANGING_MAX);
	assert_int_equal(stats.refused, 1);
	for (int i = 0; i < HELPER_HANGING_MAX; i++)
		assert_int_equal(kill(stopped[i], SIGCONT), 0);
	/* Late answers are not taken for those to later questions. */
	int rc = -EBUSY;
	for (int i = 0; rc == -EBUSY && i < 1000; i++) {
		usleep(10000);
		rc = helper_ask(ECHO, "now", 4, reply, sizeof(reply));
	}
	assert_int_equal(rc, 4);
	assert_string_equal(reply, "now");
	helper_stop();
}

static void looks_are_the_same_with_a_helper(void **state)
{
	struct container *c = container_new();
	struct identity who = { .uid = 0 };
	struct path_facts alone = { .known = false }, helped = { .known = false };

	(void)state;
	assert_int_equal(container_set(&c->runtime, "ktrace"), 0);
	assert_int_equal(look_at_path(c, "", &who, "/etc/passwd", &alone), 0);
	assert_int_equal(looks_start(NULL), 0);
	assert_int_equal(look_at_path(c, "", &who, "/etc/passwd", &helped), 0);
	assert_int_equal(helped.file.type, FILE_REGULAR);
	assert_int_equal(helped.file.size, alone.file.size);
	assert_string_equal(helped.directory_path, alone.directory_path);
	assert_string_equal(helped.filesystem.type, alone.filesystem.type);
	assert_int_equal(look_at_path(c, "", &who, "relative", &helped), -EINVAL);
	assert_true(look_is_directory("", "/etc"));
	assert_false(look_is_directory("", "/etc/passwd"));
	struct command *command = NULL;
	assert_int_equal(look_at_command((uint32_t)getpid(), &command), 0);
	assert_true(command->argc > 0 && strstr(command->args[0], "container_helper"));
	free(command);
	struct addresses read, looked;
	addresses_read((uint32_t)getpid(), &read);
	look_at_addresses((uint32_t)getpid(), &looked);
	assert_int_equal(looked.n, read.n);
	for (unsigned i = 0; i < read.n; i++)
		assert_string_equal(looked.text[i], read.text[i]);
	helper_stop();
	container_unref(c);
}

/* As a runtime does: the root that its process had is not that of the container which it becomes. */
static void a_root_that_changes_is_seen(void **state)
{
	char root[] = "/tmp/ktrace-helper-XXXXXX";
	struct container *c = container_new();
	struct path_facts facts;
	int ready[2], on[2];
	char byte = 0;

	(void)state;
	if (getuid())
		skip();
	assert_non_null(mkdtemp(root));
	assert_int_equal(container_set(&c->runtime, "runc"), 0);
	assert_int_equal(pipe(ready) | pipe(on), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(on[1]);
		if (read(on[0], &byte, 1) != 1 || chroot(root) || write(ready[1], &byte, 1) != 1)
			_exit(1);
		_exit(read(on[0], &byte, 1) != 0);
	}
	close(on[0]);
	struct identity who = { .pid = (uint32_t)pid, .enters_all = true };
	assert_int_equal(looks_start(NULL), 0);
	assert_int_equal(look_at_path(c, "", &who, "/etc/passwd", &facts), 0);
	assert_int_equal(facts.file.type, FILE_REGULAR);
	assert_int_equal(write(on[1], &byte, 1), 1);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(look_at_path(c, "", &who, "/etc/passwd", &facts), 0);
	assert_int_equal(facts.file.type, FILE_MISSING);
	close(on[1]);
	waitpid(pid, NULL, 0);
	helper_stop();
	close(ready[0]);
	close(ready[1]);
	container_unref(c);
	rmdir(root);
}

static void a_call_is_the_same_with_a_helper(void **state)
{
	char fifo[] = "/tmp/ktrace-helper-XXXXXX";
	struct blocked_call alone = { .syscall = NULL }, helped = { .syscall = NULL };

	(void)state;
	assert_non_null(mkdtemp(fifo));
	assert_int_equal(rmdir(fifo), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	pid_t pid = fork();
	if (pid == 0 && alarm(600) == 0)
		_exit(open(fifo, O_RDONLY) < 0); /* nobody writes */
	for (int i = 0; i < 6000 && !alone.syscall; i++) {
		usleep(10000);
		assert_int_equal(look_at_call((uint32_t)pid, true, &alone), 0);
	}
	assert_int_equal(looks_start(NULL), 0);
	assert_int_equal(look_at_call((uint32_t)pid, true, &helped), 0);
	assert_string_equal(helped.syscall, alone.syscall);
	assert_string_equal(helped.path, fifo);
	assert_int_equal(helped.process.pid, pid);
	assert_int_equal(helped.switches, alone.switches);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(look_at_call((uint32_t)pid, true, &helped), -ENOENT);
	helper_stop();
	unlink(fifo);
}

static void a_root_that_is_held_needs_its_name_no_more(void **state)
{
	char root[] = "/tmp/ktrace-root-XXXXXX", moved[64], file[80];
	_cleanup_free_ char *text = NULL;

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(moved, sizeof(moved), "%s.moved", root);
	snprintf(file, sizeof(file), "%s/file", moved);
	assert_int_equal(host_hold("/nowhere"), -ENOENT);
	assert_int_equal(host_hold(root), 0);
	assert_int_equal(rename(root, moved), 0);
	_cleanup_file_ FILE *f = fopen(file, "w");
	assert_non_null(f);
	fputs("held", f);
	fflush(f);
	assert_int_equal(host_read(root, "/file", 64, &text, NULL), 0);
	assert_string_equal(text, "held");
	host_release();
	assert_int_equal(host_open(root, "/file", O_PATH), -ENOENT);
	unlink(file);
	rmdir(moved);
}

static void pack_and_unpack_know_their_bounds(void **state)
{
	char room[16];
	struct pack p = { .data = room, .size = sizeof(room) };

	(void)state;
	pack_number(&p, 7);
	pack_string(&p, "seven");
	assert_false(p.full);
	struct unpack u = { room, p.len, false };
	assert_int_equal(unpack_number(&u), 7);
	assert_string_equal(unpack_string(&u), "seven");
	assert_false(u.bad);
	assert_string_equal(unpack_string(&u), "");
	assert_true(u.bad);
	u = (struct unpack){ "no end", 6, false };
	assert_string_equal(unpack_string(&u), "");
	assert_true(u.bad);
	pack_string(&p, "does not fit");
	assert_true(p.full);
}

static void type_is_that_of_the_mount(void **state)
{
	static const char text[] =
		"21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		"22 21 0:5 / /proc rw - proc proc rw\n"
		"23 21 0:50 / /mnt/with\\040blank rw,relatime master:3 - nfs4 server:/x rw\n"
		"24 21 0:51 / /data rw - fuse.sshfs x rw\n"
		"25 24 0:52 / /data/local rw - tmpfs tmpfs rw\n"
		"26 21 0:53 / /data/local rw - fuse y rw\n"
		"torn line\n"
		"27 21 0:54 / /mnt/x rw - cifs //s/x rw";
	static const char *const rows[][2] = {
		{ "/", "" },
		{ "/etc/passwd", "" },
		{ "/proc/1", "proc" },
		{ "/mnt/with blank/y", "nfs4" },
		{ "/data", "fuse.sshfs" },
		{ "/database", "" },
		{ "/data/local/x", "fuse" },
		{ "/mnt/x", "cifs" },
	};
	struct mount_list *list = mount_list_parse(text);
	const char *type;

	(void)state;
	assert_non_null(list);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		mount_place(list, rows[i][0], &type);
		assert_string_equal(type, rows[i][1]);
	}
	assert_string_equal(mount_place(list, "/data/local/x", &type), "/data/local");
	assert_string_equal(mount_place(list, "/database", &type), "/");
	mount_list_free(list);
	assert_true(is_remote_type("fuse.sshfs") && is_remote_type("nfs4") && is_remote_type("9p"));
	assert_false(is_remote_type("fusectl") || is_remote_type("ext4") || is_remote_type(""));
}

/* As openat2(2) itself has it, where a link or ".." leads out too. */
static void steps_lead_where_openat2_does(void **state)
{
	static const uint64_t beneath =
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	static const struct {
		const char *path;
		int flags;
		uint64_t resolve;
	} rows[] = {
		{ "a/b/file", O_PATH, beneath },
		{ "a/b/file", O_RDONLY, RESOLVE_IN_ROOT },
		{ "/a/../a/b", O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT },
		{ "../../a", O_PATH, RESOLVE_IN_ROOT },
		{ "../a", O_PATH, beneath },
		{ "/a", O_PATH, beneath },
		{ "absolute/file", O_PATH, RESOLVE_IN_ROOT },
		{ "absolute/file", O_PATH, beneath },
		{ "absolute", O_PATH | O_NOFOLLOW, beneath },
		{ "relative", O_PATH, RESOLVE_IN_ROOT },
		{ "loop", O_PATH, RESOLVE_IN_ROOT },
		{ "a/b/file/x", O_PATH, RESOLVE_IN_ROOT },
		{ "a/b/file", O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT },
		{ "missing", O_PATH, RESOLVE_IN_ROOT },
		{ ".", O_PATH, beneath },
	};
	char work[] = "/tmp/ktrace-steps-XXXXXX", command[600];

	(void)state;
	assert_non_null(mkdtemp(work));
	snprintf(command, sizeof(command),
		"cd %s && mkdir -p a/b && echo x >a/b/file && ln -s /a/b absolute && "
		"ln -s a/../a/b/file relative && ln -s loop loop",
		work);
	assert_int_equal(system(command), 0);
	_cleanup_fd_ int root = open(work, O_PATH | O_DIRECTORY);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_fd_ int one =
			open_below(root, rows[i].path, rows[i].flags, rows[i].resolve);
		_cleanup_fd_ int two =
			open_by_steps(root, rows[i].path, rows[i].flags, rows[i].resolve);
		struct stat a = { 0 }, b = { 0 };
		if (one < 0 || two < 0) {
			assert_int_equal(one, two);
			continue;
		}
		assert_int_equal(fstat(one, &a) | fstat(two, &b), 0);
		assert_int_equal(a.st_ino, b.st_ino);
	}
	snprintf(command, sizeof(command), "rm -rf %s", work);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_are_answered),
		cmocka_unit_test(one_that_hangs_is_replaced_and_taken_back),
		cmocka_unit_test(looks_are_the_same_with_a_helper),
		cmocka_unit_test(a_root_that_changes_is_seen),
		cmocka_unit_test(a_call_is_the_same_with_a_helper),
		cmocka_unit_test(a_root_that_is_held_needs_its_name_no_more),
		cmocka_unit_test(pack_and_unpack_know_their_bounds),
		cmocka_unit_test(type_is_that_of_the_mount),
		cmocka_unit_test(steps_lead_where_openat2_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
