// SPDX-License-Identifier: MIT
/*
 * Attaching an fexit program is a walk over all functions that can be traced, and the agent is to watch soon. So the calls that few
 * containers fail by as soon as they start are attached when it does. By then it has given up the rights for that: a process that was
 * forked before keeps them for this second. It reads nothing that anybody chose, is told no more than when to begin, hands over the
 * links, and ends.
 */
#include "capture/internal.h"
#include "event/syscalls.h"
#include "util/cleanup.h"
#include "util/turns.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS_MAX 256
#define LINKS_MAX 250 /* SCM_MAX_FD is 253 */

/* What one says to the other. A message is one of these bytes, the last one a struct report with the links. */
#define GO 'g'
#define PROVE 'p'

struct report {
	bool missing[ROWS_MAX];
	bool no_filters;
};

/* Whether the agent has ended, or wants no more. */
static bool is_left(const struct capture *c)
{
	struct pollfd p = { .fd = c->rest.fd };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/* Where the kernel refuses on_seldom_call the calls that it is for have a program each. */
static void load_rest(struct capture *c)
{
	int err = probes_load_rest(c);

	if (err && !c->no_multi) {
		c->no_multi = true;
		err = probes_load_rest(c);
	}
	if (err)
		return;
	fexit_set_handler(c->skel->maps.handlers_other, c->rest.skel->progs.on_call_other);
	if (bpf_program__fd(c->rest.skel->progs.on_seldom_call) >= 0)
		c->extras[2] = multi_attach(c, c->rest.skel->progs.on_seldom_call);
	if (bpf_program__fd(c->rest.skel->progs.on_seccomp) >= 0)
		c->extras[1] = bpf_program__attach(c->rest.skel->progs.on_seccomp);
}

/* c->part is PART_REST. What is attached is in c->links_of_calls and c->extras. */
static void attach_rest(struct capture *c, struct report *r)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	load_rest(c);
	r->no_filters = !c->extras[1];
	for (size_t i = 0; i < n_rows && !is_left(c); i++)
		if (fexit_concerns(c, i) && !multi_has(c, &rows[i]))
			r->missing[i] = fexit_attach_row(c, i) < 0;
}

static void prove_rest(const struct capture *c, struct report *r)
{
	bool silent[ROWS_MAX];
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	prove_calls(c, silent);
	for (size_t i = 0; i < n_rows; i++)
		r->missing[i] |= silent[i];
}

static size_t list_links(const struct capture *c, size_t first, int *links)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(c->extras); i++)
		if (c->extras[i] && i > 0)
			links[n++] = bpf_link__fd(c->extras[i]);
	for (size_t i = first; i < c->n_links_of_calls && n < LINKS_MAX; i++)
		links[n++] = c->links_of_calls[i];
	return n;
}

static bool send_report(int to, struct report *r, const int *links, size_t n)
{
	char room[CMSG_SPACE(LINKS_MAX * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec part = { r, sizeof(*r) };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	if (n) {
		m.msg_control = room;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&m);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(head), links, n * sizeof(int));
	}
	return sendmsg(to, &m, MSG_NOSIGNAL) == (ssize_t)sizeof(*r);
}

static bool is_told(int fd, char what)
{
	char byte;

	return recv(fd, &byte, 1, 0) == 1 && byte == what;
}

static void __attribute__((noreturn)) run(struct capture *c)
{
	static struct report report;
	int links[LINKS_MAX];
	size_t first = c->n_links_of_calls;

	prctl(PR_SET_NAME, "ktrace-attach");
	c->options.confine_rest();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!is_told(c->rest.fd, GO))
		_exit(0);
	turn_take(TURN_PLACE);
	attach_rest(c, &report);
	if (send(c->rest.fd, (char[]){ PROVE }, 1, MSG_NOSIGNAL) == 1 &&
		is_told(c->rest.fd, PROVE)) {
		prove_rest(c, &report);
		send_report(c->rest.fd, &report, links, list_links(c, first, links));
	}
	_exit(0);
}

static int start_process(struct capture *c)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		c->rest.fd = pair[1];
		c->part = PART_REST;
		run(c);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -errno;
	}
	c->rest.fd = pair[0];
	c->rest.pid = pid;
	return 0;
}

/* All of the rest, until it is known better. */
static int note_missing(struct capture *c)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	c->rest.missing = calloc(n_rows, sizeof(*c->rest.missing));
	if (!c->rest.missing)
		return -ENOMEM;
	for (size_t i = 0; i < n_rows; i++)
		c->rest.missing[i] = rows[i].later && c->functions.targets[i].id;
	c->rest.no_filters = true;
	return 0;
}

static void take_report(struct capture *c, const struct report *r)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows);

	for (size_t i = 0; i < n_rows; i++)
		c->rest.missing[i] = r->missing[i];
	c->rest.no_filters = r->no_filters;
}

void rest_begin(struct capture *c)
{
	static struct report report;

	if (c->part != PART_FIRST || c->status[PROBE_SYSCALLS].state != PROBE_PROVED ||
		strcmp(c->status[PROBE_SYSCALLS].method, "fexit") || note_missing(c))
		return;
	if (!start_process(c))
		return;
	c->part = PART_REST;
	attach_rest(c, &report);
	prove_tell(c, true);
	prove_rest(c, &report);
	prove_tell(c, false);
	take_report(c, &report);
}

void capture_rest_end(struct capture *c)
{
	if (c->rest.fd < 0)
		return;
	close(c->rest.fd);
	c->rest.fd = -1;
	waitpid(c->rest.pid, NULL, 0);
	if (c->rest.proves) {
		c->rest.proves = false;
		prove_tell(c, false);
	}
}

int capture_rest_fd(const struct capture *c)
{
	return c->rest.fd;
}

void capture_rest_go(struct capture *c)
{
	send(c->rest.fd, (char[]){ GO }, 1, MSG_NOSIGNAL); /* where it has ended, that shows */
}

static void take_links(struct capture *c, struct msghdr *m)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(m);

	if (!head || head->cmsg_type != SCM_RIGHTS)
		return;
	size_t n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(c->links_of_calls + c->n_links_of_calls, CMSG_DATA(head), n * sizeof(int));
	c->n_links_of_calls += n;
}

int capture_rest_step(struct capture *c)
{
	static struct report report;
	char room[CMSG_SPACE(LINKS_MAX * sizeof(int))] __attribute__((aligned(8)));
	struct iovec part = { &report, sizeof(report) };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room) };
	ssize_t n = recvmsg(c->rest.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n == 1 || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
		c->rest.proves = n == 1;
		prove_tell(c, false);
		if (n == 1)
			send(c->rest.fd, (char[]){ PROVE }, 1, MSG_NOSIGNAL);
		return -EAGAIN;
	}
	if (n == sizeof(report)) {
		take_links(c, &m);
		take_report(c, &report);
	}
	return 0;
}

size_t capture_rest_missing(const struct capture *c, const char **names, size_t max, bool *filters)
{
	const struct syscall_row *rows;
	size_t n_rows = syscall_rows(&rows), n = 0;

	*filters = c->rest.missing && c->rest.no_filters;
	for (size_t i = 0; i < n_rows && c->rest.missing; i++)
		if (c->rest.missing[i] && n < max)
			names[n++] = rows[i].name;
	return n;
}
