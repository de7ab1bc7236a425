// SPDX-License-Identifier: MIT
/*
 * One row a system call: which argument is what, and which errnos are worth a record. An errno is left
 * out where healthy programs meet it all the time (EEXIST of mkdir -p, EAGAIN of sockets, EINTR) or
 * where it says that the program is wrong and not its surroundings (EINVAL, EBADF, EFAULT).
 */
#include "event/syscalls.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls that arm64 never had: its C library makes the ...at form of them. */
#ifndef __NR_open
#define __NR_open (-1)
#define __NR_creat (-1)
#define __NR_access (-1)
#define __NR_stat (-1)
#define __NR_lstat (-1)
#define __NR_readlink (-1)
#define __NR_mkdir (-1)
#define __NR_mknod (-1)
#define __NR_rename (-1)
#define __NR_link (-1)
#define __NR_symlink (-1)
#define __NR_unlink (-1)
#define __NR_rmdir (-1)
#define __NR_chmod (-1)
#define __NR_chown (-1)
#define __NR_lchown (-1)
#define __NR_fork (-1)
#define __NR_vfork (-1)
#define __NR_inotify_init (-1)
#endif
#ifndef __NR_newfstatat
#define __NR_newfstatat __NR_fstatat
#endif
#ifndef __NR_fsopen
#define __NR_fsopen 430
#define __NR_move_mount 429
#endif
#ifndef __NR_fchmodat2 /* Linux 6.6, newer than Debian 12's headers; one number everywhere */
#define __NR_fchmodat2 452
#endif

#define LOW(e) (1ULL << (e))
#define HIGH(e) (1ULL << ((e)-64))

/* What any use of a path can meet: it is not there, not allowed, not of that kind, or its disk is ill. */
#define PATH_LOW \
	(LOW(EPERM) | LOW(ENOENT) | LOW(EIO) | LOW(EACCES) | LOW(ENOTDIR) | LOW(ELOOP) | \
		LOW(ENAMETOOLONG) | LOW(ENOMEM))
#define PATH_HIGH (HIGH(ESTALE))
/* Making or changing something: read-only, full, over quota, in use. */
#define CHANGE_LOW (PATH_LOW | LOW(EROFS) | LOW(ENOSPC) | LOW(EBUSY) | LOW(EMLINK))
#define CHANGE_HIGH (PATH_HIGH | HIGH(EDQUOT))
/* Giving a file another name, which cannot cross from one mount to another. */
#define MOVE_LOW (CHANGE_LOW | LOW(EXDEV))
/*
 * Opening, which both looks and makes: a directory, a busy program, no descriptors left, no such device. EEXIST is
 * O_EXCL's alone: a lock file that somebody else has made.
 */
#define OPEN_LOW \
	(CHANGE_LOW | LOW(EEXIST) | LOW(EISDIR) | LOW(ETXTBSY) | LOW(EMFILE) | LOW(ENFILE) | \
		LOW(ENXIO) | LOW(ENODEV))
/* Writing: full disk, quota, file size limit, dead disk, and a volume that turned read-only. */
#define WRITE_LOW (LOW(ENOSPC) | LOW(EIO) | LOW(EFBIG) | LOW(EROFS) | LOW(EPERM))
#define WRITE_HIGH (HIGH(EDQUOT) | HIGH(ESTALE))
/* Attributes of files: ENODATA and ERANGE are answers to questions. */
#define XATTR_LOW (LOW(EPERM) | LOW(EACCES) | LOW(EROFS) | LOW(ENOSPC) | LOW(E2BIG))
#define XATTR_HIGH (HIGH(EDQUOT) | HIGH(EOPNOTSUPP))
/* Rights: not the user, not the capability. */
#define RIGHTS_LOW (LOW(EPERM) | LOW(EACCES))
/* Descriptors and memory. */
#define LIMITS_LOW (LOW(EMFILE) | LOW(ENFILE) | LOW(ENOMEM))
#define ROUTE_HIGH \
	(HIGH(ENETUNREACH) | HIGH(EHOSTUNREACH) | HIGH(ENETDOWN) | HIGH(ECONNREFUSED) | \
		HIGH(ETIMEDOUT) | HIGH(EADDRNOTAVAIL) | HIGH(ECONNRESET))

#define ROW_OF( \
	later_, seldom_, call, kind_, path_, dirfd_, low, high, flags_kind_, flags_arg_, ...) \
	{ \
		.name = #call, .nr = __NR_##call, .later = (later_), .seldom = (seldom_), \
		.wire = { .kind = ROW_##kind_, \
			.path = (path_), \
			.dirfd = (dirfd_), \
			.path2 = -1, \
			.dirfd2 = -1, \
			.addr = -1, \
			.addr_len = -1, \
			.errnos = { (low), (high) }, \
			__VA_ARGS__ }, \
		.flags_kind = (flags_kind_), .flags_arg = (flags_arg_), \
	}

/* For the last two see syscalls.h. */
#define ROW(...) ROW_OF(false, false, __VA_ARGS__)
#define LATER(...) ROW_OF(true, false, __VA_ARGS__)
#define SELDOM(...) ROW_OF(true, true, __VA_ARGS__)

/* The overriding initialisers are meant: a row names only what differs from "none". */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

static const struct syscall_row table[] = {
	/* opening */
	ROW(open, FILE, 0, -1, OPEN_LOW, CHANGE_HIGH, "open", 1),
	ROW(openat, FILE, 1, 0, OPEN_LOW, CHANGE_HIGH, "open", 2),
	LATER(openat2, FILE, 1, 0, OPEN_LOW, CHANGE_HIGH, NULL, -1),
	LATER(creat, FILE, 0, -1, OPEN_LOW, CHANGE_HIGH, NULL, -1),

	/* looking; EROFS is what access(W_OK) says of a read-only mount */
	ROW(access, FILE, 0, -1, PATH_LOW | LOW(EROFS), PATH_HIGH, "access", 1),
	ROW(faccessat, FILE, 1, 0, PATH_LOW | LOW(EROFS), PATH_HIGH, "access", 2),
	ROW(faccessat2, FILE, 1, 0, PATH_LOW | LOW(EROFS), PATH_HIGH, "access", 2),
	ROW(stat, FILE, 0, -1, PATH_LOW, PATH_HIGH, NULL, -1),
	ROW(lstat, FILE, 0, -1, PATH_LOW, PATH_HIGH, NULL, -1),
	ROW(newfstatat, FILE, 1, 0, PATH_LOW, PATH_HIGH, "at", 3),
	ROW(statx, FILE, 1, 0, PATH_LOW, PATH_HIGH, "at", 2),
	ROW(readlink, FILE, 0, -1, PATH_LOW, PATH_HIGH, NULL,
		-1), /* EINVAL: not a link, the usual case */
	ROW(readlinkat, FILE, 1, 0, PATH_LOW, PATH_HIGH, NULL, -1),

	/* making and changing; without EEXIST: mkdir -p meets it at every step */
	ROW(mkdir, FILE, 0, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	ROW(mkdirat, FILE, 1, 0, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	SELDOM(mknod, FILE, 0, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	SELDOM(mknodat, FILE, 1, 0, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	/* EXDEV: mv then copies, others give up; EBUSY is a single file mounted by subPath */
	ROW(rename, FILE, 0, -1, MOVE_LOW | LOW(EISDIR), CHANGE_HIGH, NULL, -1, .path2 = 1),
	ROW(renameat, FILE, 1, 0, MOVE_LOW | LOW(EISDIR), CHANGE_HIGH, NULL, -1, .path2 = 3,
		.dirfd2 = 2),
	ROW(renameat2, FILE, 1, 0, MOVE_LOW | LOW(EISDIR), CHANGE_HIGH, NULL, -1, .path2 = 3,
		.dirfd2 = 2),
	SELDOM(link, FILE, 0, -1, MOVE_LOW, CHANGE_HIGH, NULL, -1, .path2 = 1),
	SELDOM(linkat, FILE, 1, 0, MOVE_LOW, CHANGE_HIGH, NULL, -1, .path2 = 3, .dirfd2 = 2),
	/* a link's target is text: only the name of the link is a path to join */
	SELDOM(symlink, FILE, 1, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	SELDOM(symlinkat, FILE, 2, 1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	ROW(unlink, FILE, 0, -1, CHANGE_LOW | LOW(EISDIR), CHANGE_HIGH, NULL, -1),
	ROW(unlinkat, FILE, 1, 0, CHANGE_LOW | LOW(EISDIR), CHANGE_HIGH, NULL, -1),
	LATER(rmdir, FILE, 0, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	ROW(chmod, FILE, 0, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	ROW(fchmodat, FILE, 1, 0, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	SELDOM(fchmodat2, FILE, 1, 0, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	ROW(chown, FILE, 0, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	SELDOM(lchown, FILE, 0, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	SELDOM(fchown, FILE, -1, -1, CHANGE_LOW, CHANGE_HIGH, NULL, -1, .flags = ROW_FD_ARG0),
	ROW(fchownat, FILE, 1, 0, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	LATER(utimensat, FILE, 1, 0, CHANGE_LOW, CHANGE_HIGH, NULL, -1),
	SELDOM(truncate, FILE, 0, -1, CHANGE_LOW | LOW(EISDIR) | LOW(ETXTBSY), CHANGE_HIGH, NULL,
		-1),
	ROW(chdir, FILE, 0, -1, PATH_LOW, PATH_HIGH, NULL, -1),
	SELDOM(chroot, FILE, 0, -1, PATH_LOW, PATH_HIGH, NULL, -1),
	/* the target; the source is not always a path */
	ROW(mount, FILE, 1, -1, CHANGE_LOW | LOW(ENODEV) | LOW(EINVAL), CHANGE_HIGH, NULL, -1,
		.path2 = 0),
	SELDOM(umount2, FILE, 0, -1, LOW(EPERM) | LOW(EBUSY), 0, NULL, -1),
	/* the other way to mount, since Linux 5.2: the type's name, then the place */
	SELDOM(fsopen, PROCESS, -1, -1, LOW(EPERM) | LOW(ENODEV), 0, NULL, -1),
	SELDOM(move_mount, FILE, 3, 2, CHANGE_LOW | LOW(EINVAL), CHANGE_HIGH, NULL, -1),
	SELDOM(pivot_root, FILE, 0, -1, LOW(EPERM) | LOW(EINVAL) | LOW(EBUSY), 0, NULL, -1),
	/* setcap writes security.capability; EOPNOTSUPP: the file system has no such attributes */
	SELDOM(setxattr, FILE, 0, -1, XATTR_LOW, XATTR_HIGH, NULL, -1),
	SELDOM(lsetxattr, FILE, 0, -1, XATTR_LOW, XATTR_HIGH, NULL, -1),
	SELDOM(fsetxattr, FILE, -1, -1, XATTR_LOW, XATTR_HIGH, NULL, -1, .flags = ROW_FD_ARG0),

	/* starting programs */
	ROW(execve, EXEC, 0, -1,
		PATH_LOW | LOW(ENOEXEC) | LOW(E2BIG) | LOW(ETXTBSY) | LOW(EAGAIN) | LOW(EINVAL) |
			LOW(EISDIR),
		PATH_HIGH | HIGH(ELIBBAD), NULL, -1),
	LATER(execveat, EXEC, 1, 0,
		PATH_LOW | LOW(ENOEXEC) | LOW(E2BIG) | LOW(ETXTBSY) | LOW(EAGAIN) | LOW(EINVAL),
		PATH_HIGH | HIGH(ELIBBAD), NULL, -1),

	/* using what is open: a directory that was taken for a file, a full or broken disk */
	ROW(read, FILE, -1, -1, LOW(EISDIR) | LOW(EIO), HIGH(ESTALE), NULL, -1,
		.flags = ROW_FD_ARG0 | ROW_DNS | ROW_DNS_IN),
	ROW(write, FILE, -1, -1, WRITE_LOW, WRITE_HIGH, NULL, -1,
		.flags = ROW_FD_ARG0 | ROW_OUTPUT | ROW_DNS),
	LATER(pwrite64, FILE, -1, -1, WRITE_LOW, WRITE_HIGH, NULL, -1, .flags = ROW_FD_ARG0),
	LATER(pwritev, FILE, -1, -1, WRITE_LOW, WRITE_HIGH, NULL, -1, .flags = ROW_FD_ARG0),
	LATER(pwritev2, FILE, -1, -1, WRITE_LOW, WRITE_HIGH, NULL, -1, .flags = ROW_FD_ARG0),
	ROW(writev, FILE, -1, -1, WRITE_LOW, WRITE_HIGH, NULL, -1,
		.flags = ROW_FD_ARG0 | ROW_OUTPUT_VEC),
	LATER(fallocate, FILE, -1, -1, WRITE_LOW, WRITE_HIGH, NULL, -1, .flags = ROW_FD_ARG0),
	LATER(ftruncate, FILE, -1, -1, WRITE_LOW, WRITE_HIGH, NULL, -1, .flags = ROW_FD_ARG0),
	/* a lock that another replica holds: F_SETLK, or LOCK_NB; and F_DUPFD where no descriptor is left */
	ROW(fcntl, FILE, -1, -1, LOW(EAGAIN) | LOW(EACCES) | LOW(ENOLCK) | LOW(EMFILE), 0, NULL, -1,
		.flags = ROW_FD_ARG0),
	LATER(flock, FILE, -1, -1, LOW(EAGAIN) | LOW(ENOLCK), 0, NULL, -1, .flags = ROW_FD_ARG0),

	/* network */
	ROW(bind, NETWORK, -1, -1, RIGHTS_LOW | LOW(EROFS) | LOW(ENOENT),
		HIGH(EADDRINUSE) | HIGH(EADDRNOTAVAIL) | HIGH(EAFNOSUPPORT), NULL, -1, .addr = 1,
		.addr_len = 2, .flags = ROW_SOCK_ARG0),
	LATER(listen, NETWORK, -1, -1, RIGHTS_LOW, HIGH(EADDRINUSE), NULL, -1,
		.flags = ROW_SOCK_ARG0),
	/* EINPROGRESS is not the end: that comes as a change of the socket's state */
	ROW(connect, NETWORK, -1, -1, RIGHTS_LOW | LOW(ENOENT) | LOW(EAGAIN),
		ROUTE_HIGH | HIGH(EAFNOSUPPORT), NULL, -1, .addr = 1, .addr_len = 2,
		.flags = ROW_SOCK_ARG0 | ROW_DNS_SUCCESS),
	ROW(sendto, NETWORK, -1, -1, RIGHTS_LOW, ROUTE_HIGH, NULL, -1, .addr = 4, .addr_len = 5,
		.flags = ROW_SOCK_ARG0 | ROW_DNS),
	/* how programs ask name servers on a connected socket; one that nobody listens on says so at the second */
	ROW(sendmsg, NETWORK, -1, -1, 0, HIGH(ECONNREFUSED), NULL, -1, .addr = 4,
		.flags = ROW_SOCK_ARG0 | ROW_DNS | ROW_DNS_VECTOR),
	ROW(sendmmsg, NETWORK, -1, -1, 0, HIGH(ECONNREFUSED), NULL, -1, .addr = 4,
		.flags = ROW_SOCK_ARG0 | ROW_DNS | ROW_DNS_VECTOR),
	/* the answer to a datagram that nobody takes: a name server's port that is closed */
	ROW(recvfrom, NETWORK, -1, -1, 0, HIGH(ECONNREFUSED), NULL, -1, .addr = 4,
		.flags = ROW_SOCK_ARG0 | ROW_DNS | ROW_DNS_IN),
	ROW(recvmsg, NETWORK, -1, -1, 0, HIGH(ECONNREFUSED), NULL, -1, .addr = 4,
		.flags = ROW_SOCK_ARG0 | ROW_DNS | ROW_DNS_VECTOR | ROW_DNS_IN),
	ROW(socket, NETWORK, -1, -1, RIGHTS_LOW | LIMITS_LOW,
		HIGH(EAFNOSUPPORT) | HIGH(EPROTONOSUPPORT) | HIGH(ESOCKTNOSUPPORT), NULL, -1),
	LATER(accept4, NETWORK, -1, -1, LIMITS_LOW, 0, NULL, -1, .flags = ROW_SOCK_ARG0),
	/* which option is asked for stands in the arguments: some take NET_ADMIN or NET_RAW */
	LATER(setsockopt, PROCESS, -1, -1, RIGHTS_LOW | LOW(ENOMEM), HIGH(ENOBUFS), NULL, -1),
	/* routes, interfaces, tun devices; without ENOTTY: "is this a terminal?" */
	LATER(ioctl, FILE, -1, -1, RIGHTS_LOW, 0, NULL, -1, .flags = ROW_FD_ARG0),

	/* processes, memory, rights and limits */
	LATER(pipe2, PROCESS, -1, -1, LIMITS_LOW, 0, NULL, -1),
	ROW(clone, PROCESS, -1, -1, LOW(EAGAIN) | LOW(EPERM) | LOW(ENOMEM) | LOW(ENOSPC), 0,
		"clone", 0),
	ROW(clone3, PROCESS, -1, -1, LOW(EAGAIN) | LOW(EPERM) | LOW(ENOMEM) | LOW(ENOSPC), 0, NULL,
		-1),
	ROW(fork, PROCESS, -1, -1, LOW(EAGAIN) | LOW(EPERM) | LOW(ENOMEM), 0, NULL, -1),
	ROW(vfork, PROCESS, -1, -1, LOW(EAGAIN) | LOW(EPERM) | LOW(ENOMEM), 0, NULL, -1),
	/* EPERM: a library on a noexec mount; EACCES: a file opened for less */
	ROW(mmap, PROCESS, -1, -1, LOW(ENOMEM) | LOW(EPERM) | LOW(EACCES) | LOW(ENODEV), 0, "mmap",
		2),
	LATER(mprotect, PROCESS, -1, -1, LOW(ENOMEM) | LOW(EACCES) | LOW(EPERM), 0, "mmap", 2),
	SELDOM(mlock, PROCESS, -1, -1, LOW(ENOMEM) | LOW(EPERM) | LOW(EAGAIN), 0, NULL, -1),
	SELDOM(mlockall, PROCESS, -1, -1, LOW(ENOMEM) | LOW(EPERM), 0, NULL, -1),
	/* a seccomp profile refuses them where SYS_NICE is not given; the kernel itself does not */
	SELDOM(set_mempolicy, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(mbind, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(unshare, PROCESS, -1, -1, LOW(EPERM) | LOW(ENOSPC) | LOW(ENOMEM), 0, "clone", 0),
	SELDOM(setns, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(sethostname, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(setpriority, PROCESS, -1, -1, RIGHTS_LOW, 0, NULL, -1),
	SELDOM(sched_setscheduler, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(sched_setattr, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(clock_settime, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(clock_adjtime, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(adjtimex, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(settimeofday, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	LATER(syslog, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(init_module, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(finit_module, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(bpf, PROCESS, -1, -1, RIGHTS_LOW | LOW(ENOMEM), 0, NULL, -1),
	SELDOM(perf_event_open, PROCESS, -1, -1, RIGHTS_LOW | LOW(EMFILE), 0, NULL, -1),
	SELDOM(userfaultfd, PROCESS, -1, -1, LOW(EPERM) | LIMITS_LOW, 0, NULL, -1),
	LATER(ptrace, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(process_vm_readv, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	/* a seccomp profile allows few of its values: setarch -R, debuggers, Lisp images ask for others */
	SELDOM(personality, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(quotactl, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	SELDOM(swapon, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	ROW(setuid, PROCESS, -1, -1, LOW(EPERM) | LOW(EAGAIN) | LOW(EINVAL), 0, NULL, -1),
	LATER(setgid, PROCESS, -1, -1, LOW(EPERM) | LOW(EINVAL), 0, NULL, -1),
	ROW(setgroups, PROCESS, -1, -1, LOW(EPERM) | LOW(EINVAL), 0, NULL, -1),
	SELDOM(setresuid, PROCESS, -1, -1, LOW(EPERM) | LOW(EAGAIN) | LOW(EINVAL), 0, NULL, -1),
	SELDOM(setresgid, PROCESS, -1, -1, LOW(EPERM) | LOW(EINVAL), 0, NULL, -1),
	SELDOM(capset, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	LATER(prctl, PROCESS, -1, -1, LOW(EPERM), 0, NULL, -1),
	LATER(prlimit64, PROCESS, -1, -1, LOW(EPERM), 0, "rlimit", 1),
	SELDOM(eventfd2, PROCESS, -1, -1, LIMITS_LOW, 0, NULL, -1),
	SELDOM(epoll_create1, PROCESS, -1, -1, LIMITS_LOW, 0, NULL, -1),
	SELDOM(timerfd_create, PROCESS, -1, -1, LIMITS_LOW, 0, NULL, -1),
	SELDOM(socketpair, PROCESS, -1, -1, LIMITS_LOW, 0, NULL, -1),
	LATER(dup, PROCESS, -1, -1, LOW(EMFILE), 0, NULL, -1),
	SELDOM(inotify_init, PROCESS, -1, -1, LIMITS_LOW, 0, NULL, -1),
	SELDOM(inotify_init1, PROCESS, -1, -1, LIMITS_LOW, 0, NULL, -1),
	SELDOM(inotify_add_watch, PROCESS, 1, -1,
		LOW(ENOSPC) | LOW(ENOENT) | LOW(EACCES) | LOW(ENOMEM), 0, NULL, -1),
	SELDOM(memfd_create, PROCESS, -1, -1, LIMITS_LOW | RIGHTS_LOW, 0, NULL, -1),
	SELDOM(fanotify_init, PROCESS, -1, -1, LOW(EPERM) | LIMITS_LOW, 0, NULL, -1),
	/* ENOSYS: an old kernel, or one built without it */
	SELDOM(io_uring_setup, PROCESS, -1, -1, LOW(EPERM) | LOW(ENOSYS) | LIMITS_LOW, 0, NULL, -1),
	SELDOM(io_setup, PROCESS, -1, -1, LOW(EAGAIN) | LOW(ENOMEM) | LOW(ENOSYS), 0, NULL, -1),
	/* keys and System V and POSIX IPC: each has its share, or is counted for the user */
	SELDOM(add_key, PROCESS, -1, -1, RIGHTS_LOW | LOW(ENOMEM), HIGH(EDQUOT), NULL, -1),
	LATER(request_key, PROCESS, -1, -1, LOW(EPERM) | LOW(ENOMEM), HIGH(EDQUOT), NULL, -1),
	LATER(keyctl, PROCESS, -1, -1, LOW(EPERM) | LOW(ENOMEM), HIGH(EDQUOT), NULL, -1),
	SELDOM(semget, PROCESS, -1, -1, RIGHTS_LOW | LOW(ENOSPC) | LOW(ENOMEM), 0, NULL, -1),
	SELDOM(shmget, PROCESS, -1, -1, RIGHTS_LOW | LOW(ENOSPC) | LOW(ENOMEM), 0, NULL, -1),
	SELDOM(msgget, PROCESS, -1, -1, RIGHTS_LOW | LOW(ENOSPC) | LOW(ENOMEM), 0, NULL, -1),
	SELDOM(mq_open, PROCESS, -1, -1,
		RIGHTS_LOW | LOW(ENOSPC) | LIMITS_LOW | LOW(EINVAL) | LOW(ENOSYS), 0, NULL, -1),
};

#pragma GCC diagnostic pop

size_t syscall_rows(const struct syscall_row **out)
{
	*out = table;
	return sizeof(table) / sizeof(table[0]);
}

enum wire_success syscall_success(const struct syscall_row *row)
{
	const struct wire_row *w = &row->wire;
	bool names_peer = w->flags & ROW_DNS && w->addr_len >= 0;

	if (w->flags & ROW_DNS_SUCCESS || names_peer)
		return SUCCESS_COUNTS;
	if (w->flags & (ROW_OUTPUT | ROW_OUTPUT_VEC))
		return SUCCESS_OF_WRITERS;
	return w->flags & ROW_DNS ? SUCCESS_OF_ASKERS : SUCCESS_ENDS;
}

const struct syscall_row *syscall_by_nr(unsigned nr)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].nr >= 0 && (unsigned)table[i].nr == nr)
			return &table[i];
	return NULL;
}
