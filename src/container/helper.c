// SPDX-License-Identifier: MIT
/*
 * The agent's side of the helper. A question and its answer are one message each on a socket pair that keeps
 * messages apart; both carry a number, so that a late answer is not taken for the one to the next question.
 *
 * How long is too long? A worker that waits (for a file system) is given up after 90 ms, one that the kernel will
 * not interrupt after 250, as it may only wait for a busy disk. One that runs is given a second: it is the machine that is
 * slow.
 */
#include "container/helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "container/helper_process.h"
#include "util/cleanup.h"

#define STEP_MS 10
#define WAITING_MS 90
#define BLOCKED_MS 250
#define RUNNING_MS 1000
#define START_MS 1000 /* to fork: it never waits for a file system */

struct worker {
	int fd; /* -1: none */
	pid_t pid;
	uint32_t asked; /* the number of the latest question */
};

static struct {
	int starter;   /* -1: no helper */
	bool expected; /* a worker was asked for and did not come yet */
	struct worker now, late[HELPER_HANGING_MAX];
	unsigned n_late;
	struct helper_stats stats;
	struct helper_message message;
} helper = { .starter = -1, .now = { .fd = -1 } };

int helper_start(const struct helper_work *work, void (*confine)(void))
{
	int pair[2];

	if (helper.starter >= 0)
		return -EALREADY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid_t agent = getpid(), pid = fork();
	if (pid == 0) {
		close(pair[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != agent)
			_exit(0);
		starter_run(pair[1], work, confine);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -errno;
	}
	helper.starter = pair[0];
	return 0;
}

static void drop(struct worker *w)
{
	if (w->fd >= 0)
		close(w->fd);
	*w = (struct worker){ .fd = -1 };
}

void helper_stop(void)
{
	if (helper.starter < 0)
		return;
	drop(&helper.now);
	while (helper.n_late)
		drop(&helper.late[--helper.n_late]);
	/* The starter, which looks at nothing itself, ends with that, and its workers with it. */
	close(helper.starter);
	helper.starter = -1;
}

static bool is_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* A worker from the starter: its descriptor comes with its pid. 0 or a negative errno. */
static int receive_worker(struct worker *out)
{
	char room[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	pid_t pid = 0;
	struct iovec part = { &pid, sizeof(pid) };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room) };
	ssize_t n = recvmsg(helper.starter, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n == sizeof(pid) ? CMSG_FIRSTHDR(&m) : NULL;

	if (!c || c->cmsg_type != SCM_RIGHTS)
		return n < 0 ? -errno : -EIO;
	*out = (struct worker){ .pid = pid };
	memcpy(&out->fd, CMSG_DATA(c), sizeof(out->fd));
	return 0;
}

static int start_worker(void)
{
	if (!helper.expected && send(helper.starter, "w", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
		return -EBUSY;
	helper.expected = true;
	if (!is_readable(helper.starter, START_MS))
		return -EBUSY;
	helper.expected = false;
	return receive_worker(&helper.now);
}

/* Those that answered after all, or ended, hang no more. */
static void take_back(void)
{
	for (unsigned i = 0; i < helper.n_late;) {
		struct worker *w = &helper.late[i];
		ssize_t n = recv(w->fd, &helper.message, sizeof(helper.message), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			i++;
			continue;
		}
		if (n > 0 && helper.now.fd < 0)
			helper.now = *w;
		else
			drop(w);
		*w = helper.late[--helper.n_late];
	}
}

static int have_worker(void)
{
	take_back();
	if (helper.now.fd >= 0)
		return 0;
	return helper.n_late >= HELPER_HANGING_MAX ? -EBUSY : start_worker();
}

/* What the worker is about: 'R' running, 'D' not to be interrupted, 'S' waiting. */
static char state_of(pid_t pid)
{
	char path[32], text[256], *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	_cleanup_file_ FILE *f = fopen(path, "re");
	if (!f || !fgets(text, sizeof(text), f) || !(end = strrchr(text, ')')) || !end[1])
		return '?';
	return end[2];
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t allowed_ms(pid_t pid)
{
	char state = state_of(pid);

	return state == 'R' ? RUNNING_MS : state == 'D' ? BLOCKED_MS : WAITING_MS;
}

static bool waits_in_vain(const struct worker *w)
{
	uint64_t began = now_ms();

	while (!is_readable(w->fd, STEP_MS)) {
		uint64_t waited = now_ms() - began;
		if (waited >= WAITING_MS && waited >= allowed_ms(w->pid))
			return !is_readable(w->fd, 0);
	}
	return false;
}

/* The answer to the question that was asked last. As helper_ask(). */
static int receive_answer(struct worker *w, void *reply, size_t size)
{
	struct helper_message *m = &helper.message;

	for (;;) {
		if (waits_in_vain(w)) {
			helper.stats.late++;
			helper.late[helper.n_late++] = *w;
			*w = (struct worker){ .fd = -1 };
			return -ETIMEDOUT;
		}
		ssize_t n = recv(w->fd, m, sizeof(*m), MSG_DONTWAIT);
		if (n < (ssize_t)sizeof(m->head)) {
			drop(w);
			return -EIO;
		}
		if (m->head.number != w->asked)
			continue;
		size_t len = (size_t)n - sizeof(m->head);
		if (m->head.result < 0)
			return m->head.result < -4095 ? -EIO : m->head.result;
		if (len > size)
			return -EMSGSIZE;
		memcpy(reply, m->data, len);
		return (int)len;
	}
}

int helper_ask(unsigned kind, const void *question, size_t len, void *reply, size_t size)
{
	struct helper_message *m = &helper.message;
	struct worker *w = &helper.now;

	if (helper.starter < 0)
		return -ENOTCONN;
	if (len > sizeof(m->data))
		return -EMSGSIZE;
	helper.stats.asked++;
	/* A worker that ended (out of memory, killed) is found out by the first question. */
	for (int i = 0; i < 2; i++) {
		int err = have_worker();
		if (err < 0) {
			helper.stats.refused++;
			return err;
		}
		m->head = (struct helper_head){ .number = ++w->asked, .kind = kind };
		memcpy(m->data, question, len);
		if (send(w->fd, m, sizeof(m->head) + len, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			return receive_answer(w, reply, size);
		drop(w);
	}
	return -EIO;
}

void helper_stats(struct helper_stats *out)
{
	*out = helper.stats;
	out->hanging = helper.n_late;
	out->worker = helper.now.fd < 0 ? 0 : helper.now.pid;
}
