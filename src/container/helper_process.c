// SPDX-License-Identifier: MIT
#include "container/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define REST_MS 2 /* longer than what lies between two questions of a run */

/* What is kept for another question must not be in the way of a container that is taken down. */
static void rest_unless_asked(int fd, const struct helper_work *work)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (work->rest && poll(&p, 1, REST_MS) == 0)
		work->rest();
}

static void __attribute__((noreturn)) worker_run(int fd, const struct helper_work *work)
{
	static struct helper_message in, out;
	ssize_t n;

	while ((n = recv(fd, &in, sizeof(in), 0)) >= (ssize_t)sizeof(in.head)) {
		int len = work->serve(in.head.kind, in.data, (size_t)n - sizeof(in.head), out.data,
			sizeof(out.data));

		out.head = (struct helper_head){ .number = in.head.number,
			.result = len < 0 ? len : 0 };
		if (send(fd, &out, sizeof(out.head) + (size_t)(len < 0 ? 0 : len), MSG_NOSIGNAL) <
			0)
			break;
		rest_unless_asked(fd, work);
	}
	_exit(0);
}

static int send_worker(int to, int fd, pid_t pid)
{
	char room[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec part = { &pid, sizeof(pid) };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(to, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* 0, or a negative errno. */
static int fork_worker(int to, const struct helper_work *work)
{
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		close(to);
		close(pair[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		worker_run(pair[1], work);
	}
	err = pid < 0 ? -errno : send_worker(to, pair[0], pid);
	close(pair[0]);
	close(pair[1]);
	return err;
}

/* A worker that hangs must not hold what somebody waits for the end of: a pipe to our stderr, a lock. */
static int keep_only(int fd)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(fd, STDERR_FILENO + 1);
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(null, i);
	close_range(STDERR_FILENO + 2, ~0u, 0);
	return STDERR_FILENO + 1;
}

void starter_run(int fd, const struct helper_work *work, void (*confine)(void))
{
	char byte;

	/* Ctrl-C goes to all of a terminal's processes: when to end is the agent's to say. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_NAME, "ktrace-helper");
	if (confine)
		confine();
	fd = keep_only(fd);
	while (recv(fd, &byte, 1, 0) == 1)
		if (fork_worker(fd, work) < 0)
			break;
	_exit(0);
}
