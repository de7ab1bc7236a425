// SPDX-License-Identifier: MIT
/*
 * An attached probe is not yet a working one: a function may have been inlined, a hook may never be
 * called. So each probe is shown a call of our own, which must come out of the ring.
 */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROOF_NS 5000000000ull /* other containers' records may come without an end */
#define SILENT_MAX 2           /* calls of programs' own affairs that fexit may miss */

/* Each of these says whether the call could be made at all: without it nothing is proved or disproved. */
static bool prove_exec_and_signal(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		signal(SIGXCPU, SIG_IGN);
		kill(getpid(), SIGXCPU);
		execl("/proc/self/exe", "ktrace", "--version", NULL);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static bool prove_socket(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && !bind(fd, (struct sockaddr *)&any, sizeof(any)) && !listen(fd, 1);
}

static bool prove_cgroup(const char *root)
{
	char path[512];

	if (!root)
		return false;
	snprintf(path, sizeof(path), "%s/ktrace-proof-%d", root, getpid());
	return !mkdir(path, 0755) && !rmdir(path);
}

/* One that looks up a file which is not there: what ktrace is for. */
static void prove_open(void)
{
	_cleanup_fd_ int fd = open("/ktrace-proof/no-such-file", O_RDONLY | O_CLOEXEC);

	(void)fd;
}

static long call_row(const struct syscall_row *row)
{
	/* All flags set would make a message queue. */
	long flags = strcmp(row->name, "msgget") ? -1 : 0;

	return syscall(row->nr, -1L, flags, -1L, -1L, -1L, -1L);
}

/* Of those that fexit has a program for, and of fork and vfork, which have none. */
static bool is_called(const struct capture *c, const struct syscall_row *rows, size_t i)
{
	return rows[i].nr >= 0 && (c->part == PART_ALL || rows[i].later == (c->part == PART_REST));
}

/*
 * Calls rows with arguments that no call accepts; those that take none, or for which -1 means
 * "leave it", do nothing here either.
 */
static void call_rows(const struct capture *c)
{
	const struct syscall_row *rows;
	size_t n = syscall_rows(&rows);

	for (size_t i = 0; i < n; i++) {
		if (!is_called(c, rows, i))
			continue;
		if (!strcmp(rows[i].name, "fork") || !strcmp(rows[i].name, "vfork")) {
			/* vfork as a bare call would share our stack with the child: fork's number does for both. */
			pid_t pid = rows[i].name[0] == 'v' ? vfork() : (pid_t)syscall(rows[i].nr);
			if (pid == 0)
				_exit(0);
			if (pid > 0)
				waitpid(pid, NULL, 0);
			continue;
		}
		call_row(&rows[i]);
	}
}

static bool came_through(const struct capture *c, const struct syscall_row *row)
{
	__u32 nr = (__u32)row->nr;
	__u8 fired = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.fired), &nr, &fired) || fired)
		return true;
	/* ENOSYS: this kernel does not have the call, so nothing is missed. */
	errno = 0;
	return call_row(row) == -1 && errno == ENOSYS;
}

void prove_calls(const struct capture *c, bool *silent)
{
	const struct syscall_row *rows;
	size_t n = syscall_rows(&rows);

	call_rows(c);
	for (size_t i = 0; i < n; i++)
		silent[i] = is_called(c, rows, i) && !came_through(c, &rows[i]);
}

/*
 * Calls each row. One or two of those that only a few programs make may stay silent (perf_event_open on Linux 5.10):
 * they are a smaller loss than the other way's cost. False: this way does not work.
 */
static bool prove_rows(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n = syscall_rows(&rows), n_silent = 0;
	_cleanup_free_ bool *silent = calloc(n, sizeof(*silent));

	if (!silent)
		return false;
	prove_calls(c, silent);
	for (size_t i = 0; i < n; i++) {
		char what[96];

		if (!silent[i])
			continue;
		snprintf(what, sizeof(what), "attached, but a call of %s did not come through",
			rows[i].name);
		probe_tried(c, PROBE_SYSCALLS, "fexit", what, 0);
		if (++n_silent > SILENT_MAX || rows[i].wire.kind != ROW_PROCESS)
			return false;
	}
	return true;
}

static void prove_fexit(struct capture *c)
{
	struct probe_status *calls = &c->status[PROBE_SYSCALLS];
	bool works = prove_rows(c);

	drain(c, PROOF_NS, NULL);
	if (works && c->proved[WIRE_SYSCALL])
		return;
	if (works)
		probe_tried(c, PROBE_SYSCALLS, "fexit",
			"attached, but a call of open did not come through", 0);
	calls->state = PROBE_MISSING;
	calls->method = "";
}

static void settle(struct capture *c, enum probe probe, enum wire_kind kind, bool called)
{
	struct probe_status *s = &c->status[probe];

	if (s->state != PROBE_UNPROVED || !called)
		return;
	s->state = c->proved[kind] ? PROBE_PROVED : PROBE_MISSING;
	if (s->state == PROBE_PROVED)
		return;
	probe_tried(c, probe, s->method,
		"attached, but a call of ktrace's own did not come through", 0);
	s->method = "";
}

void prove_tell(struct capture *c, bool proves)
{
	/* The process that proves the rest may be at it. */
	c->control.self_test = proves || c->rest.proves ? (__u32)getpid() : 0;
	control_write(c); /* where that fails nothing comes through, which is said */
}

void prove(struct capture *c)
{
	struct probe_status *calls = &c->status[PROBE_SYSCALLS];

	prove_tell(c, true);
	prove_open();
	bool child = prove_exec_and_signal();
	bool socket = prove_socket();
	bool cgroup = prove_cgroup(c->options.cgroup_root);
	drain(c, PROOF_NS, NULL);
	if (calls->state == PROBE_UNPROVED && !strcmp(calls->method, "fexit"))
		prove_fexit(c);
	prove_tell(c, false);
	settle(c, PROBE_SYSCALLS, WIRE_SYSCALL, true);
	settle(c, PROBE_EXEC, WIRE_EXEC, child);
	settle(c, PROBE_EXIT, WIRE_EXIT, child);
	settle(c, PROBE_SIGNAL, WIRE_SIGNAL, child);
	settle(c, PROBE_SOCKET, WIRE_SOCKET, socket);
	settle(c, PROBE_CGROUP, WIRE_CGROUP, cgroup);
}

static bool is_attached(const struct capture *c, enum probe probe)
{
	return c->status[probe].state == PROBE_UNPROVED || c->status[probe].state == PROBE_PROVED;
}

int capture_heartbeat(struct capture *c)
{
	int err = 0;

	prove_tell(c, true);
	if (is_attached(c, PROBE_SYSCALLS))
		prove_open();
	else if (is_attached(c, PROBE_SOCKET))
		prove_socket();
	else if (is_attached(c, PROBE_EXIT))
		prove_exec_and_signal();
	else
		err = -ENOTSUP;
	prove_tell(c, false);
	return err;
}

uint64_t capture_heartbeat_seen(const struct capture *c)
{
	return c->self_seen ? c->self_seen + (uint64_t)capture_clock_offset() : 0;
}
