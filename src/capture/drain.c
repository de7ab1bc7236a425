// SPDX-License-Identifier: MIT
/*
 * Two rings, one order. The rare ring (exec, exit, OOM, cgroups) is read first and then the flood of
 * failed calls: what a process did before it ended is in the flood ring by the time its end is read.
 * Records are then delivered in order of time, as far as nothing earlier can still come: up to the
 * moment at which the rare ring was read, or up to the last record when a batch was full.
 */
#include "capture/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH_BYTES (256 * 1024)
#define HELD_BYTES (BATCH_BYTES + WIRE_RECORD_MAX) /* the last record of a batch may pass its end */
#define SLOTS (HELD_BYTES / sizeof(struct wire_head))

struct slot {
	uint64_t time;
	uint32_t order; /* of arrival: ties stay as they came */
	uint32_t offset;
};

/* Room for the smallest records there are: nothing has to be had from the heap, and can be refused, under way. */
struct held {
	char bytes[HELD_BYTES], rest[HELD_BYTES];
	size_t used; /* of bytes */
	struct slot slots[SLOTS];
	size_t n;            /* of slots */
	uint64_t last_flood; /* time of the last record taken from the flood ring */
	uint32_t order;
};

uint64_t boottime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

int64_t capture_clock_offset(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)((uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec - boottime());
}

/* The self-test's records are ours: noted, not delivered. */
static bool is_proof(struct capture *c, const struct wire_head *h)
{
	if (!(h->flags & WIRE_SELF))
		return false;
	c->proved[h->kind] = true;
	if (h->time > c->self_seen)
		c->self_seen = h->time;
	return true;
}

static int take_record(struct capture *c, void *data, size_t size)
{
	struct held *held = c->held;
	const struct wire_head *h = data;

	if (size < sizeof(*h) || size > WIRE_RECORD_MAX || h->kind >= WIRE_KINDS)
		return 0;
	c->delivered[h->kind]++;
	if (is_proof(c, h))
		return 0;
	held->slots[held->n++] = (struct slot){
		.time = h->time, .order = held->order++, .offset = (uint32_t)held->used
	};
	memcpy(held->bytes + held->used, data, size);
	held->used += (size + 7) & ~7UL;
	/* the record itself is taken either way */
	return held->used >= BATCH_BYTES ? -EAGAIN : 0;
}

static int on_rare(void *ctx, void *data, size_t size)
{
	return take_record(ctx, data, size);
}

static int on_flood(void *ctx, void *data, size_t size)
{
	struct capture *c = ctx;

	if (size >= sizeof(struct wire_head))
		c->held->last_flood = ((const struct wire_head *)data)->time;
	return take_record(c, data, size);
}

static int by_time(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Delivers what is not later than `until` and moves the rest to the front. */
static void deliver(struct capture *c, uint64_t until)
{
	struct held *held = c->held;
	size_t done = 0, used = 0;

	if (!held->n)
		return;
	qsort(held->slots, held->n, sizeof(*held->slots), by_time);
	for (; done < held->n && held->slots[done].time <= until; done++) {
		const struct wire_head *h = (const void *)(held->bytes + held->slots[done].offset);
		c->options.deliver(c->options.ctx, h, h->size);
	}
	/* A few at most: those of the last microseconds, or of one full batch. */
	for (size_t i = done; i < held->n; i++) {
		const struct wire_head *h = (const void *)(held->bytes + held->slots[i].offset);
		memcpy(held->rest + used, h, h->size);
		held->slots[i - done] = held->slots[i];
		held->slots[i - done].offset = (uint32_t)used;
		used += (h->size + 7u) & ~7u;
	}
	memcpy(held->bytes, held->rest, used);
	held->n -= done;
	held->used = used;
}

int drain(struct capture *c)
{
	int total = 0;

	for (int round = 0; round < 64; round++) {
		size_t before = c->held->n;
		uint64_t until = boottime();
		int rare = ring_buffer__consume(c->rare);
		int flood = rare == -EAGAIN ? 0 : ring_buffer__consume(c->flood);

		if ((rare < 0 && rare != -EAGAIN) || (flood < 0 && flood != -EAGAIN))
			return rare < 0 ? rare : flood;
		bool full = rare == -EAGAIN || flood == -EAGAIN;
		if (full && c->held->last_flood < until)
			until = c->held->last_flood;
		/* Nothing may stay behind in a full buffer: order yields to room. */
		if (c->held->used >= BATCH_BYTES && rare == -EAGAIN)
			until = UINT64_MAX;
		total += (int)(c->held->n - before);
		deliver(c, until);
		if (!full && !c->held->n)
			break;
	}
	return total;
}

int drain_open(struct capture *c)
{
	int rare = bpf_map__fd(c->skel->maps.rare), flood = bpf_map__fd(c->skel->maps.flood);

	c->held = calloc(1, sizeof(*c->held));
	if (!c->held)
		return -ENOMEM;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll_fd < 0)
		return -errno;
	c->rare = ring_buffer__new(rare, on_rare, c, NULL);
	if (!c->rare)
		return -errno;
	c->flood = ring_buffer__new(flood, on_flood, c, NULL);
	if (!c->flood)
		return -errno;
	struct epoll_event ev = { .events = EPOLLIN };
	if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, rare, &ev) ||
		epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, flood, &ev))
		return -errno;
	return 0;
}

void drain_close(struct capture *c)
{
	ring_buffer__free(c->rare);
	ring_buffer__free(c->flood);
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	free(c->held);
}
