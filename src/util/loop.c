// SPDX-License-Identifier: MIT
#include "util/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/timerfd.h>

#include "util/cleanup.h"

enum watch_kind { WATCH_FD, WATCH_TIMER, WATCH_SIGNALS };

struct loop_watch {
	struct loop *loop;
	struct loop_watch *next;
	enum watch_kind kind;
	int fd;    /* our own for timers and signals */
	bool dead; /* removed; freed when no epoll answer can point at it any more */
	void *ctx;
	union {
		loop_fd_fn on_fd;
		loop_timer_fn on_timer;
		loop_signal_fn on_signal;
	};
};

struct loop {
	int epoll;
	struct loop_watch *watches;
	bool stopped, has_dead, has_mask;
	int status;
	sigset_t mask_before;
};

int loop_new(struct loop **out)
{
	_cleanup_free_ struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return -errno;
	*out = take(l);
	return 0;
}

static void watch_free(struct loop_watch *w)
{
	struct signalfd_siginfo waste;

	/* What arrived at the very end (SIGPIPE of a last write) must not strike when it is unblocked. */
	if (w->kind == WATCH_SIGNALS)
		while (read(w->fd, &waste, sizeof(waste)) == sizeof(waste))
			;
	if (w->kind != WATCH_FD)
		close(w->fd);
	free(w);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	while (l->watches) {
		struct loop_watch *w = l->watches;

		l->watches = w->next;
		watch_free(w);
	}
	if (l->has_mask)
		sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
	close(l->epoll);
	free(l);
}

static int add(
	struct loop *l, const struct loop_watch *draft, uint32_t events, struct loop_watch **out)
{
	struct loop_watch *w = malloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = *draft;
	w->loop = l;
	struct epoll_event event = { .events = events, .data.ptr = w };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &event) < 0) {
		int err = -errno;

		free(w);
		return err;
	}
	w->next = l->watches;
	l->watches = w;
	if (out)
		*out = w;
	return 0;
}

int loop_add_fd(
	struct loop *l, int fd, uint32_t events, loop_fd_fn fn, void *ctx, struct loop_watch **out)
{
	struct loop_watch w = { .kind = WATCH_FD, .fd = fd, .ctx = ctx, .on_fd = fn };

	return add(l, &w, events, out);
}

int loop_modify(struct loop_watch *w, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = w };

	return epoll_ctl(w->loop->epoll, EPOLL_CTL_MOD, w->fd, &event) < 0 ? -errno : 0;
}

void loop_remove(struct loop_watch *w)
{
	if (!w || w->dead)
		return;
	epoll_ctl(w->loop->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->dead = true;
	w->loop->has_dead = true;
}

int loop_add_timer(struct loop *l, uint64_t interval_ns, loop_timer_fn fn, void *ctx)
{
	struct timespec each = { interval_ns / 1000000000, interval_ns % 1000000000 };
	struct itimerspec spec = { .it_interval = each, .it_value = each };
	_cleanup_fd_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &spec, NULL) < 0)
		return -errno;
	struct loop_watch w = { .kind = WATCH_TIMER, .fd = fd, .ctx = ctx, .on_timer = fn };
	int err = add(l, &w, EPOLLIN, NULL);
	if (err < 0)
		return err;
	fd = -1;
	return 0;
}

int loop_add_signals(struct loop *l, const sigset_t *signals, loop_signal_fn fn, void *ctx)
{
	if (l->has_mask)
		return -EBUSY;
	_cleanup_fd_ int fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	struct loop_watch w = { .kind = WATCH_SIGNALS, .fd = fd, .ctx = ctx, .on_signal = fn };
	int err = add(l, &w, EPOLLIN, NULL);
	if (err < 0)
		return err;
	fd = -1;
	sigprocmask(SIG_BLOCK, signals, &l->mask_before);
	l->has_mask = true;
	return 0;
}

static void dispatch(struct loop_watch *w, uint32_t events)
{
	struct signalfd_siginfo info;
	uint64_t expirations;

	switch (w->kind) {
	case WATCH_FD:
		w->on_fd(w->ctx, events);
		break;
	case WATCH_TIMER:
		if (read(w->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
			w->on_timer(w->ctx);
		break;
	case WATCH_SIGNALS:
		while (read(w->fd, &info, sizeof(info)) == sizeof(info))
			w->on_signal(w->ctx, &info);
		break;
	}
}

static void free_removed_watches(struct loop *l)
{
	for (struct loop_watch **p = &l->watches; *p;) {
		struct loop_watch *w = *p;

		if (!w->dead) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		watch_free(w);
	}
	l->has_dead = false;
}

int loop_run(struct loop *l)
{
	struct epoll_event events[32];

	l->stopped = false;
	while (!l->stopped) {
		int n = epoll_wait(l->epoll, events, ARRAY_SIZE(events), -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++) {
			struct loop_watch *w = events[i].data.ptr;

			if (!w->dead)
				dispatch(w, events[i].events);
		}
		if (l->has_dead)
			free_removed_watches(l);
	}
	return l->status;
}

void loop_stop(struct loop *l, int status)
{
	l->stopped = true;
	l->status = status;
}
