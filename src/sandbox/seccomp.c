// SPDX-License-Identifier: MIT
#include "sandbox/seccomp.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "util/cleanup.h"

/* What other calls fail with. The C library takes another way where it knows one for an older kernel. */
#define ELSEWHERE SCMP_ACT_ERRNO(ENOSYS)

#define CALL(name) SCMP_SYS(name)

/* No exec, mount, ptrace, setns, unshare, kill, modules, keys, and no new programs in the kernel. */
// clang-format off
static const int allowed[] = {
	/* the log, the buffer, what containers hold, /proc and the cgroup tree */
	CALL(openat), CALL(openat2), CALL(open_by_handle_at), CALL(close), CALL(close_range),
	CALL(read), CALL(readv), CALL(pread64), CALL(write), CALL(writev), CALL(pwrite64),
	CALL(lseek), CALL(fstat), CALL(stat), CALL(lstat), CALL(newfstatat), CALL(statx),
	CALL(statfs), CALL(fstatfs), CALL(getxattr), CALL(access), CALL(faccessat), CALL(faccessat2),
	CALL(readlink), CALL(readlinkat), CALL(getdents64), CALL(getcwd), CALL(fcntl), CALL(dup),
	CALL(dup2), CALL(dup3), CALL(flock), CALL(ftruncate), CALL(fsync), CALL(fdatasync),
	CALL(rename), CALL(renameat), CALL(renameat2), CALL(unlink), CALL(unlinkat), CALL(mkdir),
	CALL(mkdirat), CALL(umask),
	/* memory */
	CALL(brk), CALL(mmap), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise),
	/* the loop, time, signals */
	CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(poll),
	CALL(ppoll), CALL(select), CALL(pselect6), CALL(timerfd_create), CALL(timerfd_settime),
	CALL(timerfd_gettime), CALL(signalfd4), CALL(eventfd2), CALL(pipe2),
	CALL(clock_gettime), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigtimedwait),
	CALL(sigaltstack), CALL(tgkill), CALL(restart_syscall),
	/* threads (names are looked up in one) and the process that takes fexit programs down */
	CALL(futex), CALL(rseq), CALL(set_robust_list), CALL(set_tid_address), CALL(gettid),
	CALL(getpid), CALL(getppid), CALL(sched_yield), CALL(sched_getaffinity), CALL(wait4),
	CALL(setsid), CALL(exit), CALL(exit_group),
	/* who and where we are */
	CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(uname), CALL(sysinfo),
	CALL(getrusage), CALL(getrandom), CALL(capget),
	/* the socket, HTTP, Forward, the look for who holds a port */
	CALL(connect), CALL(bind), CALL(listen), CALL(accept), CALL(accept4), CALL(sendto),
	CALL(sendmsg), CALL(sendmmsg), CALL(sendfile), CALL(recvfrom), CALL(recvmsg),
	CALL(recvmmsg), CALL(shutdown), CALL(socketpair), CALL(getsockopt), CALL(setsockopt),
	CALL(getsockname), CALL(getpeername),
};
// clang-format on

static const struct seccomp_call restricted[] = {
	{ CALL(bpf), 0, UINT32_MAX, BPF_MAP_LOOKUP_ELEM },
	{ CALL(bpf), 0, UINT32_MAX, BPF_MAP_UPDATE_ELEM },
	{ CALL(bpf), 0, UINT32_MAX, BPF_MAP_DELETE_ELEM },
	{ CALL(bpf), 0, UINT32_MAX, BPF_MAP_GET_NEXT_KEY },
	{ CALL(bpf), 0, UINT32_MAX, BPF_OBJ_GET_INFO_BY_FD },
	{ CALL(socket), 0, UINT32_MAX, AF_UNIX }, { CALL(socket), 0, UINT32_MAX, AF_INET },
	{ CALL(socket), 0, UINT32_MAX, AF_INET6 },
	{ CALL(socket), 0, UINT32_MAX, AF_NETLINK }, /* getaddrinfo() asks for our addresses */
	{ CALL(ioctl), 1, UINT32_MAX, FIONREAD }, { CALL(ioctl), 1, UINT32_MAX, FIONBIO },
	{ CALL(ioctl), 1, UINT32_MAX, TCGETS },
	{ CALL(ioctl), 1, UINT32_MAX, SIOCGIFINDEX }, /* fe80::1%eth0: of a server, of a resolver */
	{ CALL(ioctl), 1, UINT32_MAX, PERF_EVENT_IOC_DISABLE }, /* a tracepoint is let go */
	/* clone3 has its flags in memory, where no filter looks: without it libc takes this one. */
	{ CALL(clone), 0,
		CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
			CLONE_NEWPID | CLONE_NEWNET,
		0 },
	{ CALL(prlimit64), 2, UINT64_MAX, 0 }, /* limits are read, never set */
};

/* -EDOM: this machine's kind has no such call. */
static int unless_unknown(int err)
{
	return err == -EDOM ? 0 : err;
}

static int add_rules(scmp_filter_ctx filter, const struct seccomp_list *list)
{
	int err = 0;

	for (size_t i = 0; i < list->n_allowed && err == 0; i++)
		err = unless_unknown(seccomp_rule_add(filter, SCMP_ACT_ALLOW, list->allowed[i], 0));
	for (size_t i = 0; i < list->n_restricted && err == 0; i++) {
		const struct seccomp_call *r = &list->restricted[i];
		err = unless_unknown(seccomp_rule_add(filter, SCMP_ACT_ALLOW, r->call, 1,
			SCMP_CMP(r->argument, SCMP_CMP_MASKED_EQ, r->mask, r->value)));
	}
	return err;
}

static void release(scmp_filter_ctx *filter)
{
	seccomp_release(*filter);
}

int seccomp_apply(const struct seccomp_list *list)
{
	_cleanup_(release) scmp_filter_ctx filter = seccomp_init(ELSEWHERE);

	if (!filter)
		return -ENOMEM;
	int err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (err == 0) /* a tree of comparisons: the list is long */
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (err == 0)
		err = add_rules(filter, list);
	if (err == 0)
		err = seccomp_load(filter);
	return err == -EINVAL || err == -ENOSYS || err == -EOPNOTSUPP ? -ENOTSUP : err;
}

int seccomp_confine(void)
{
	static const struct seccomp_list list = { allowed, ARRAY_SIZE(allowed), restricted,
		ARRAY_SIZE(restricted) };

	return seccomp_apply(&list);
}
