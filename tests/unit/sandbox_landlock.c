// SPDX-License-Identifier: MIT
/* What a process that has confined itself can change: its own places, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/landlock.h"

#define REFUSED(call) ((call) == -1 && errno == EACCES)

static char root[] = "/tmp/ktrace-landlock-XXXXXX";

static void fill(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* own/log is its log; other/ holds what is not its own; messages/pod/file it may write over. */
static int make_places(void **state)
{
	(void)state;
	if (!mkdtemp(root) || chdir(root))
		return -1;
	return mkdir("own", 0700) || mkdir("other", 0700) || mkdir("messages", 0700) ||
	       mkdir("messages/pod", 0700);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static int remove_places(void **state)
{
	(void)state;
	return chdir("/") || nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Runs look() in a confined child: what is not as it should be, NULL when all is. */
static void confined(const char *const *written, const char *(*look)(void))
{
	int overwritten = open("messages", O_PATH | O_DIRECTORY | O_CLOEXEC), status;
	struct landlock_places places = { written, overwritten };
	char said[128] = "";
	int ends[2];

	if (landlock_version() < 0)
		skip();
	fill("own/log", "first\n");
	fill("other/file", "theirs\n");
	fill("messages/pod/file", "");
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const char *wrong = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? "no_new_privs"
				    : landlock_confine(&places)            ? "confine"
									   : look();
		_exit(wrong && write(ends[1], wrong, strlen(wrong)) < 0 ? 2 : 0);
	}
	close(ends[1]);
	close(overwritten);
	assert_true(read(ends[0], said, sizeof(said) - 1) >= 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_equal(said, "");
	assert_int_equal(status, 0);
}

static const char *what_is_not_refused(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "other/socket" };
	char *argv[] = { "true", NULL };

	if (!REFUSED(open("other/file", O_WRONLY)) || !REFUSED(open("other/file", O_RDWR)) ||
		!REFUSED(open("other/file", O_WRONLY | O_APPEND)))
		return "open to write";
	if (!REFUSED(open("other/file", O_RDONLY | O_TRUNC)) || !REFUSED(truncate("other/file", 0)))
		return "truncate";
	if (!REFUSED(open("other/new", O_WRONLY | O_CREAT, 0600)) ||
		!REFUSED(open("other", O_RDWR | O_TMPFILE, 0600)) ||
		!REFUSED(open("new", O_WRONLY | O_CREAT, 0600)))
		return "make a file";
	if (!REFUSED(unlink("other/file")) || !REFUSED(rename("other/file", "other/moved")))
		return "remove or rename";
	if (!REFUSED(mkdir("other/directory", 0700)) || !REFUSED(mkdir("own/directory", 0700)) ||
		!REFUSED(rmdir("messages/pod")) || !REFUSED(symlink("x", "other/link")) ||
		!REFUSED(symlink("x", "own/link")) || !REFUSED(mkfifo("own/fifo", 0600)) ||
		!REFUSED(mknod("own/null", S_IFCHR | 0600, 0x103)))
		return "make what is no file";
	if (rename("own/log", "other/log") == 0 || link("other/file", "own/linked") == 0)
		return "move between directories";
	if (!REFUSED(unlink("messages/pod/file")) ||
		!REFUSED(open("messages/pod/new", O_WRONLY | O_CREAT, 0600)))
		return "change the directory of what it writes over";
	if (!REFUSED(open("/dev/null", O_WRONLY)) || !REFUSED(open("/proc/self/comm", O_WRONLY)))
		return "write to a device or to /proc";
	if (!REFUSED(bind(
		    socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address))))
		return "make a socket";
	if (!REFUSED(execv("/bin/true", argv)))
		return "execute";
	/* Its parent is outside. */
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/root", (int)getppid());
	if (!REFUSED(open(path, O_PATH | O_DIRECTORY)))
		return "look into a process outside";
	return NULL;
}

static const char *what_does_not_work(void)
{
	char byte;
	int fd = open("own/log", O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd < 0 || write(fd, "x\n", 2) != 2 || ftruncate(fd, 0))
		return "write its log";
	if (rename("own/log", "own/log.1") || open("own/log", O_WRONLY | O_CREAT, 0600) < 0 ||
		unlink("own/log.1"))
		return "rotate its log";
	if ((fd = open("messages/pod/file", O_RDWR | O_TRUNC)) < 0 || write(fd, "told", 4) != 4)
		return "write over a message";
	if ((fd = open("other/file", O_RDONLY)) < 0 || read(fd, &byte, 1) != 1 ||
		open("/proc/self/fd", O_RDONLY | O_DIRECTORY) < 0)
		return "read";
	return NULL;
}

static void nothing_but_its_own_is_changed(void **state)
{
	const char *const written[] = { "own/log", NULL };
	char text[16] = "";

	(void)state;
	confined(written, what_is_not_refused);
	int fd = open("other/file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text) - 1), strlen("theirs\n"));
	close(fd);
	assert_string_equal(text, "theirs\n");
}

static void its_own_is_written(void **state)
{
	const char *const written[] = { "own/log", "own/not-there", "nowhere/file", "/dev/null",
		NULL };

	(void)state;
	confined(written, what_does_not_work);
}

static const char *what_a_link_opens(void)
{
	if (open("other/target", O_WRONLY | O_APPEND) < 0)
		return "the log that its link led to at the start";
	if (unlink("own/log") || open("own/log", O_WRONLY | O_CREAT, 0600) < 0)
		return "the directory of the log beside it";
	return REFUSED(open("own/out", O_WRONLY | O_CREAT, 0600)) ? NULL : "a link to elsewhere";
}

static void a_log_by_a_link_is_written_where_it_is(void **state)
{
	const char *const written[] = { "own/by-link", "own/log", NULL };

	(void)state;
	fill("other/target", "");
	assert_int_equal(symlink("../other/target", "own/by-link"), 0);
	assert_int_equal(symlink("../new", "own/out"), 0);
	confined(written, what_a_link_opens);
}

static const char *what_a_device_opens(void)
{
	return open("/dev/null", O_WRONLY) < 0         ? "its log"
	       : !REFUSED(open("/dev/zero", O_WRONLY)) ? "its neighbour"
						       : NULL;
}

static void of_a_log_that_is_a_device_only_that_is_written(void **state)
{
	const char *const written[] = { "/dev/null", NULL };

	(void)state;
	confined(written, what_a_device_opens);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_but_its_own_is_changed),
		cmocka_unit_test(its_own_is_written),
		cmocka_unit_test(a_log_by_a_link_is_written_where_it_is),
		cmocka_unit_test(of_a_log_that_is_a_device_only_that_is_written),
	};

	return cmocka_run_group_tests(tests, make_places, remove_places);
}
