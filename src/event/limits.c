// SPDX-License-Identifier: MIT
/*
 * The same errno means different limits for different calls: ENOSPC is a disk for write(2), a number of
 * watches for inotify_add_watch(2) and a number of namespaces for unshare(2). The rows follow the "ERRORS"
 * of the manual pages and, where these say less, the kernel's sources (named behind the row).
 */
#include "event/limits.h"

#include <errno.h>
#include <linux/shm.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "util/cleanup.h"

static const struct limit limits[] = {
	{ "fs.file-max", LIMIT_SYSCTL, false },
	{ "fs.nr_open", LIMIT_SYSCTL, false },
	{ "fs.aio-max-nr", LIMIT_SYSCTL, false },
	{ "fs.inotify.max_user_instances", LIMIT_SYSCTL, false },
	{ "fs.inotify.max_user_watches", LIMIT_SYSCTL, false },
	{ "fs.fanotify.max_user_groups", LIMIT_SYSCTL, false },
	{ "fs.pipe-user-pages-hard", LIMIT_SYSCTL, false },
	{ "fs.mount-max", LIMIT_SYSCTL, false },
	{ "fs.mqueue.queues_max", LIMIT_SYSCTL, true },
	{ "fs.mqueue.msg_max", LIMIT_SYSCTL, true },
	{ "kernel.keys.maxkeys", LIMIT_SYSCTL, false },
	{ "kernel.keys.root_maxkeys", LIMIT_SYSCTL, false },
	{ "kernel.pid_max", LIMIT_SYSCTL, false },
	{ "kernel.threads-max", LIMIT_SYSCTL, false },
	{ "kernel.pty.max", LIMIT_SYSCTL, false },
	{ "kernel.sem", LIMIT_SYSCTL, true },
	{ "kernel.shmmni", LIMIT_SYSCTL, true },
	{ "kernel.shmall", LIMIT_SYSCTL, true },
	{ "kernel.msgmni", LIMIT_SYSCTL, true },
	{ "net.core.optmem_max", LIMIT_SYSCTL, false },
	{ "net.ipv4.igmp_max_memberships", LIMIT_SYSCTL, true },
	{ "user.max_cgroup_namespaces", LIMIT_SYSCTL, false },
	{ "user.max_ipc_namespaces", LIMIT_SYSCTL, false },
	{ "user.max_mnt_namespaces", LIMIT_SYSCTL, false },
	{ "user.max_net_namespaces", LIMIT_SYSCTL, false },
	{ "user.max_pid_namespaces", LIMIT_SYSCTL, false },
	{ "user.max_user_namespaces", LIMIT_SYSCTL, false },
	{ "user.max_uts_namespaces", LIMIT_SYSCTL, false },
	{ "vm.max_map_count", LIMIT_SYSCTL, false },
	{ "vm.nr_hugepages", LIMIT_SYSCTL, false },
	{ "RLIMIT_AS", LIMIT_RLIMIT, false },
	{ "RLIMIT_FSIZE", LIMIT_RLIMIT, false },
	{ "RLIMIT_MEMLOCK", LIMIT_RLIMIT, false },
	{ "RLIMIT_MSGQUEUE", LIMIT_RLIMIT, false },
	{ "RLIMIT_NOFILE", LIMIT_RLIMIT, false },
	{ "RLIMIT_NPROC", LIMIT_RLIMIT, false },
	{ "pids.max", LIMIT_CGROUP, false },
	{ "cgroup.max.descendants", LIMIT_CGROUP, false },
	{ "namespace depth", LIMIT_CONSTANT, false },
	{ LIMIT_LOCAL_PORTS, LIMIT_PORTS, true },
	{ LIMIT_PORT_START, LIMIT_PORTS, true },
};

/* What else must hold for a row to be the one; each NULL or 0 member is "any". */
struct row {
	const char *call; /* a prefix: "clone" is clone3 as well */
	int error;
	const char *flag; /* one of the decoded flags */
	const char *path; /* begins so */
	bool (*asks)(const struct event *e);
	const char *limits[LIMITS_OF_A_CALL];
};

static bool of_root(const struct event *e)
{
	return e->uid == 0;
}

static bool maps_huge_pages(const struct event *e)
{
	return e->call_args[3] & MAP_HUGETLB;
}

static bool shares_huge_pages(const struct event *e)
{
	return e->call_args[2] & SHM_HUGETLB;
}

/* Not "localhost", which is tried as ::1 where there is no IPv6. */
static bool connects_by_ipv4(const struct event *e)
{
	return e->kind == EVENT_NETWORK_ERROR && e->family == AF_INET && e->port;
}

#define NAMESPACE(flag, kind) \
	{ "unshare", ENOSPC, flag, NULL, NULL, { "user.max_" kind "_namespaces" } }, \
	{ \
		"clone", ENOSPC, flag, NULL, NULL, \
		{ \
			"user.max_" kind "_namespaces" \
		} \
	}
/* kernel/user_namespace.c, kernel/pid_namespace.c: not more than 32 levels of them */
#define DEEP_NAMESPACE(flag, kind) \
	{ "unshare", ENOSPC, flag, NULL, NULL, \
		{ "user.max_" kind "_namespaces", "namespace depth" } }, \
	{ \
		"clone", ENOSPC, flag, NULL, NULL, \
		{ \
			"user.max_" kind "_namespaces", "namespace depth" \
		} \
	}

/* The first row that fits counts. */
static const struct row rows[] = {
	/* inotify(7), fanotify_init(2) */
	{ "inotify_add_watch", ENOSPC, NULL, NULL, NULL, { "fs.inotify.max_user_watches" } },
	{ "inotify_init", EMFILE, NULL, NULL, NULL,
		{ "fs.inotify.max_user_instances", "RLIMIT_NOFILE" } },
	{ "fanotify_init", EMFILE, NULL, NULL, NULL,
		{ "fs.fanotify.max_user_groups", "RLIMIT_NOFILE" } },
	/* namespaces(7) */
	DEEP_NAMESPACE("CLONE_NEWUSER", "user"),
	DEEP_NAMESPACE("CLONE_NEWPID", "pid"),
	NAMESPACE("CLONE_NEWNET", "net"),
	NAMESPACE("CLONE_NEWNS", "mnt"),
	NAMESPACE("CLONE_NEWUTS", "uts"),
	NAMESPACE("CLONE_NEWIPC", "ipc"),
	NAMESPACE("CLONE_NEWCGROUP", "cgroup"),
	/* clone3's flags are in memory that is gone by now */
	{ "clone", ENOSPC, NULL, NULL, NULL, { "user.max_user_namespaces", "namespace depth" } },
	{ "unshare", ENOSPC, NULL, NULL, NULL, { "user.max_user_namespaces", "namespace depth" } },
	/* fork(2), execve(2), setuid(2) */
	{ "clone", EAGAIN, NULL, NULL, NULL, { "pids.max", "RLIMIT_NPROC", "kernel.threads-max" } },
	{ "fork", EAGAIN, NULL, NULL, NULL, { "pids.max", "RLIMIT_NPROC", "kernel.threads-max" } },
	{ "vfork", EAGAIN, NULL, NULL, NULL, { "pids.max", "RLIMIT_NPROC", "kernel.threads-max" } },
	{ "exec", EAGAIN, NULL, NULL, NULL, { "RLIMIT_NPROC" } },
	{ "setuid", EAGAIN, NULL, NULL, NULL, { "RLIMIT_NPROC" } },
	{ "setresuid", EAGAIN, NULL, NULL, NULL, { "RLIMIT_NPROC" } },
	/* keyrings(7) */
	{ "add_key", EDQUOT, NULL, NULL, of_root, { "kernel.keys.root_maxkeys" } },
	{ "keyctl", EDQUOT, NULL, NULL, of_root, { "kernel.keys.root_maxkeys" } },
	{ "request_key", EDQUOT, NULL, NULL, of_root, { "kernel.keys.root_maxkeys" } },
	{ "add_key", EDQUOT, NULL, NULL, NULL, { "kernel.keys.maxkeys" } },
	{ "keyctl", EDQUOT, NULL, NULL, NULL, { "kernel.keys.maxkeys" } },
	{ "request_key", EDQUOT, NULL, NULL, NULL, { "kernel.keys.maxkeys" } },
	/* semget(2), shmget(2), msgget(2), mq_open(3), mq_overview(7) */
	{ "semget", ENOSPC, NULL, NULL, NULL, { "kernel.sem" } },
	{ "shmget", ENOMEM, NULL, NULL, shares_huge_pages, { "vm.nr_hugepages" } },
	{ "shmget", ENOSPC, NULL, NULL, NULL, { "kernel.shmmni", "kernel.shmall" } },
	{ "msgget", ENOSPC, NULL, NULL, NULL, { "kernel.msgmni" } },
	{ "mq_open", ENOSPC, NULL, NULL, NULL, { "fs.mqueue.queues_max" } },
	{ "mq_open", EMFILE, NULL, NULL, NULL, { "RLIMIT_MSGQUEUE", "RLIMIT_NOFILE" } },
	{ "mq_open", EINVAL, NULL, NULL, NULL, { "fs.mqueue.msg_max" } },
	/* io_setup(2); io_uring_setup(2) counts locked memory before Linux 5.12 */
	{ "io_setup", EAGAIN, NULL, NULL, NULL, { "fs.aio-max-nr" } },
	{ "io_uring_setup", ENOMEM, NULL, NULL, NULL, { "RLIMIT_MEMLOCK" } },
	{ "bpf", ENOMEM, NULL, NULL, NULL, { "RLIMIT_MEMLOCK" } },
	/* mmap(2), mprotect(2), mlock(2) */
	{ "mmap", ENOMEM, NULL, NULL, maps_huge_pages, { "vm.nr_hugepages" } },
	{ "mmap", ENOMEM, NULL, NULL, NULL, { "vm.max_map_count", "RLIMIT_AS" } },
	{ "mprotect", ENOMEM, NULL, NULL, NULL, { "vm.max_map_count" } },
	{ "mlock", ENOMEM, NULL, NULL, NULL, { "RLIMIT_MEMLOCK" } },
	{ "mlock", EAGAIN, NULL, NULL, NULL, { "RLIMIT_MEMLOCK" } },
	{ "mlock", EPERM, NULL, NULL, NULL, { "RLIMIT_MEMLOCK" } },
	/* setsockopt: net/ipv4/igmp.c, net/core/sock.c */
	{ "setsockopt", ENOBUFS, NULL, NULL, NULL, { "net.ipv4.igmp_max_memberships" } },
	{ "setsockopt", ENOMEM, NULL, NULL, NULL, { "net.core.optmem_max" } },
	/* connect(2): each connection to one address and port has a local port of its own */
	{ "connect", EADDRNOTAVAIL, NULL, NULL, connects_by_ipv4, { LIMIT_LOCAL_PORTS } },
	/* pty(7), mount(2), cgroup v2: cgroup.max.descendants; v1 has 65536 memory cgroups at most */
	{ "open", ENOSPC, NULL, "/dev/ptmx", NULL, { "kernel.pty.max" } },
	{ "open", ENOSPC, NULL, "/dev/pts/", NULL, { "kernel.pty.max" } },
	{ "mount", ENOSPC, NULL, NULL, NULL, { "fs.mount-max" } },
	{ "mkdir", EAGAIN, NULL, "/sys/fs/cgroup", NULL, { "cgroup.max.descendants" } },
	{ "mkdir", ENOSPC, NULL, "/sys/fs/cgroup", NULL, { "cgroup.max.descendants" } },
	/* pipe(7), open(2), setrlimit(2) */
	{ "pipe2", ENFILE, NULL, NULL, NULL, { "fs.file-max", "fs.pipe-user-pages-hard" } },
	{ "prlimit64", EPERM, "RLIMIT_NOFILE", NULL, NULL, { "fs.nr_open" } },
	{ "write", EFBIG, NULL, NULL, NULL, { "RLIMIT_FSIZE" } },
	{ "", EMFILE, NULL, NULL, NULL, { "RLIMIT_NOFILE" } },
	{ "", ENFILE, NULL, NULL, NULL, { "fs.file-max" } },
};

const struct limit *limit_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (!strcmp(limits[i].name, name))
			return &limits[i];
	return NULL;
}

size_t limits_all(const struct limit **out)
{
	*out = limits;
	return ARRAY_SIZE(limits);
}

static bool starts_with(const char *text, const char *prefix)
{
	return !prefix || (text && !strncmp(text, prefix, strlen(prefix)));
}

static bool fits(const struct row *row, const struct event *e)
{
	return e->error == row->error && starts_with(e->syscall, row->call) &&
	       (!row->flag || (e->flags && strstr(e->flags, row->flag))) &&
	       starts_with(e->path, row->path) && (!row->asks || row->asks(e));
}

size_t limits_of(const struct event *e, const struct limit *out[LIMITS_OF_A_CALL])
{
	size_t n = 0;

	/* Most that fail: no limit answers so. */
	if (e->error == ENOENT)
		return 0;
	for (size_t i = 0; e->error && i < ARRAY_SIZE(rows); i++) {
		if (!fits(&rows[i], e))
			continue;
		while (n < LIMITS_OF_A_CALL && rows[i].limits[n]) {
			out[n] = limit_by_name(rows[i].limits[n]);
			n++;
		}
		break;
	}
	return n;
}
