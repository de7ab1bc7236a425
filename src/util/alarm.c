// SPDX-License-Identifier: MIT
#include "util/alarm.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>

#include "util/cleanup.h"
#include "util/clock.h"

#define SECOND 1000000000ULL

struct alarm {
	int fd;
	uint64_t at;
	struct loop_watch *watch;
	loop_timer_fn fn;
	void *ctx;
};

uint64_t alarm_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void on_expiry(void *ctx, uint32_t events)
{
	struct alarm *a = ctx;
	uint64_t expirations;

	(void)events;
	if (read(a->fd, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	a->at = 0;
	a->fn(a->ctx);
}

int alarm_new(struct loop *l, loop_timer_fn fn, void *ctx, struct alarm **out)
{
	_cleanup_free_ struct alarm *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->fn = fn;
	a->ctx = ctx;
	_cleanup_fd_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	int err = loop_add_fd(l, fd, EPOLLIN, on_expiry, a, &a->watch);
	if (err < 0)
		return err;
	a->fd = fd;
	fd = -1;
	*out = take(a);
	return 0;
}

void alarm_free(struct alarm *a)
{
	if (!a)
		return;
	loop_remove(a->watch);
	close(a->fd);
	free(a);
}

void alarm_set(struct alarm *a, uint64_t at)
{
	struct itimerspec spec = { 0 };

	if (at == a->at)
		return;
	a->at = at;
	spec.it_value.tv_sec = (time_t)(at / SECOND);
	spec.it_value.tv_nsec = (long)(at % SECOND);
	timerfd_settime(a->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

uint64_t backoff_pause(uint64_t first, uint64_t most, unsigned failures)
{
	uint64_t pause = first;
	uint16_t random = 0;

	while (--failures && pause < most)
		pause *= 2;
	if (pause > most)
		pause = most;
	/* Without random bits, as early after a boot, all come back early. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	return pause / 2 + (pause / 2 * random >> 16);
}
