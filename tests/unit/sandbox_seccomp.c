// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/seccomp.h"

/* Runs look() in a confined child: what it could not do, NULL when all is as it should be. */
static void confined(int (*confine)(void), const char *(*look)(void))
{
	char said[128] = "";
	int ends[2], status;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const char *wrong = "no_new_privs could not be set";

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
			wrong = confine() < 0 ? "there is no filter" : look();
		/* By a call that every list has. */
		int exit_code = wrong && send(ends[1], wrong, strlen(wrong), 0) < 0 ? 2 : 0;
		/* Not _exit(): before what does not return ASan makes calls that are refused. */
		for (;;)
			syscall(SYS_exit_group, exit_code);
	}
	close(ends[1]);
	assert_true(read(ends[0], said, sizeof(said) - 1) >= 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_equal(said, "");
	assert_int_equal(status, 0);
}

#define REFUSED(call) ((call) == -1 && errno == ENOSYS)

static const char *what_is_not_refused(void)
{
	char *argv[] = { "true", NULL };
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };
	struct rlimit limit = { 10, 10 };

	if (!REFUSED(execv("/bin/true", argv)))
		return "execve";
	if (!REFUSED(mount("none", "/mnt", "tmpfs", 0, NULL)))
		return "mount";
	if (!REFUSED(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr))))
		return "bpf(BPF_PROG_LOAD)";
	if (!REFUSED(unshare(CLONE_NEWNET)))
		return "unshare";
	if (!REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)))
		return "clone(CLONE_NEWUSER)";
	if (!REFUSED(syscall(SYS_clone3, NULL, 0)))
		return "clone3";
	if (!REFUSED(kill(getppid(), 0)))
		return "kill";
	if (!REFUSED(socket(AF_PACKET, SOCK_RAW, 0)))
		return "socket(AF_PACKET)";
	if (!REFUSED(setrlimit(RLIMIT_NOFILE, &limit)))
		return "setrlimit";
	if (!REFUSED(syscall(SYS_ptrace, 0, 0, 0, 0)))
		return "ptrace";
	return NULL;
}

static void what_an_agent_never_does_is_refused(void **state)
{
	(void)state;
	confined(seccomp_confine, what_is_not_refused);
}

static void *resolve(void *found)
{
	struct addrinfo *list = NULL;

	*(bool *)found = getaddrinfo("localhost", "24224", NULL, &list) == 0;
	if (list)
		freeaddrinfo(list);
	return NULL;
}

static const char *what_does_not_work(void)
{
	union bpf_attr attr = { .map_fd = (__u32)-1 };
	char path[] = "/tmp/ktrace-seccomp-XXXXXX";
	bool found = false;
	pthread_t thread;
	int status;

	if (syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)) != -1 || errno == ENOSYS)
		return "bpf(BPF_MAP_LOOKUP_ELEM)";
	if (pthread_create(&thread, NULL, resolve, &found) || pthread_join(thread, NULL) || !found)
		return "looking up a name in a thread";
	if (!if_nametoindex("lo"))
		return "the interface of a link-local address";
#ifdef SYS_time
	if (syscall(SYS_time, NULL) == -1)
		return "the time where there is no vDSO";
#endif
	int fd = mkstemp(path);
	if (fd < 0 || fsync(fd) || rename(path, "/tmp/ktrace-seccomp") ||
		unlink("/tmp/ktrace-seccomp"))
		return "a file";
	pid_t pid = fork();
	if (pid == 0)
		_exit(3);
	if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 3)
		return "fork and wait";
	return NULL;
}

static void what_an_agent_does_still_works(void **state)
{
	(void)state;
	confined(seccomp_confine, what_does_not_work);
}

static const char *what_the_helper_may_write(void)
{
	char byte = 'x', head[4];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, head, 4, 0) != 4 || memcmp(head, "\177ELF", 4))
		return "cannot read a file";
	if (!REFUSED(open("/tmp/ktrace-helper", O_WRONLY | O_CREAT, 0600)) ||
		!REFUSED(open("/tmp", O_RDWR | O_TMPFILE, 0600)) ||
		!REFUSED(open("/dev/null", O_RDWR)) ||
		!REFUSED(open("/dev/null", O_RDONLY | O_TRUNC)) ||
		!REFUSED(open("/dev/null", O_WRONLY | O_APPEND)))
		return "open to write";
	if (!REFUSED(syscall(SYS_openat2, AT_FDCWD, "/tmp", NULL, 0)))
		return "openat2, whose flags no filter sees";
	if (!REFUSED(pwrite(fd, &byte, 1, 0)) || !REFUSED(ftruncate(fd, 0)) ||
		!REFUSED(unlink("/tmp/ktrace-helper")) || !REFUSED(rename("/tmp/a", "/tmp/b")) ||
		!REFUSED(mkdir("/tmp/ktrace-helper", 0700)) || !REFUSED(chmod("/tmp", 0777)) ||
		!REFUSED(symlink("/a", "/tmp/ktrace-helper")) || !REFUSED(link("/a", "/tmp/a")))
		return "change a file";
	if (mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED || errno != ENOSYS)
		return "share a mapping";
	if (!REFUSED(socket(AF_UNIX, SOCK_STREAM, 0)) || !REFUSED(kill(getppid(), 0)) ||
		!REFUSED(execl("/bin/true", "true", NULL)) || !REFUSED(unshare(CLONE_NEWNS)))
		return "leave";
	return NULL;
}

static void helper_reads_and_writes_nothing(void **state)
{
	(void)state;
	confined(seccomp_confine_helper, what_the_helper_may_write);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_agent_never_does_is_refused),
		cmocka_unit_test(what_an_agent_does_still_works),
		cmocka_unit_test(helper_reads_and_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
