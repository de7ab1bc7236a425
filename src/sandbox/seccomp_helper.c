// SPDX-License-Identifier: MIT
/*
 * What the helper may do: open what is there to be read, look at it, answer on the sockets that it has. No call that
 * writes to a file is on the list, none that makes, removes or renames one, no shared mapping, no socket, no exec, no
 * signal. openat(2) passes only without the flags that write; openat2(2) has its flags in memory, where no filter looks,
 * so that it is not on the list (container/open_by_steps.h).
 */
#include "sandbox/seccomp.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "util/cleanup.h"

#define CALL(name) SCMP_SYS(name)
#define WRITES (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))

// clang-format off
static const int allowed[] = {
	/* files, directories, /proc */
	CALL(close), CALL(close_range), CALL(read), CALL(readv), CALL(pread64), CALL(lseek), CALL(fstat), CALL(stat),
	CALL(lstat), CALL(newfstatat), CALL(statx), CALL(statfs), CALL(fstatfs), CALL(getxattr),
	CALL(readlink), CALL(readlinkat), CALL(getdents64), CALL(fcntl), CALL(dup2), CALL(dup3),
	/* questions and answers, workers */
	CALL(poll), CALL(ppoll), CALL(recvfrom), CALL(recvmsg), CALL(sendto), CALL(sendmsg), CALL(socketpair), CALL(getppid),
	/* memory, time, signals, the end */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise), CALL(futex), CALL(rseq),
	CALL(set_robust_list), CALL(set_tid_address), CALL(gettid), CALL(getpid), CALL(getuid), CALL(geteuid),
	CALL(getrandom), CALL(clock_gettime), CALL(gettimeofday), CALL(sysinfo), CALL(uname),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(restart_syscall),
	CALL(exit), CALL(exit_group),
};
// clang-format on

static const struct seccomp_call restricted[] = {
	{ CALL(openat), 2, WRITES, O_RDONLY },
	{ CALL(open), 1, WRITES, O_RDONLY },
	{ CALL(mmap), 3, MAP_SHARED, 0 },
	{ CALL(prctl), 0, UINT32_MAX, PR_SET_PDEATHSIG },
	{ CALL(clone), 0,
		CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
			CLONE_NEWPID | CLONE_NEWNET | CLONE_VM,
		0 },
};

int seccomp_confine_helper(void)
{
	static const struct seccomp_list list = { allowed, ARRAY_SIZE(allowed), restricted,
		ARRAY_SIZE(restricted) };

	return seccomp_apply(&list);
}
