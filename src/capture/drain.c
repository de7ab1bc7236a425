// SPDX-License-Identifier: MIT
/*
 * Two rings, one order. The rare ring (exec, exit, OOM, cgroups) is read first and then the flood of
 * failed calls: what a process did before it ended is in the flood ring by the time its end is read.
 * Records are then delivered in order of time, as far as nothing earlier can still come: up to the
 * moment at which the rare ring was read. Of a ring with more than its half of a batch the rest comes later, so then it
 * is up to the latest record of that half.
 *
 * What is to be done for one record may take long, and a flood has no end: a turn stops after so many milliseconds, and
 * an event in the set that is waited for (`more`) has the loop come back at once.
 */
#include "capture/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH_BYTES (256 * 1024)
#define SHARE_BYTES (BATCH_BYTES / RINGS)
#define HELD_BYTES \
	(BATCH_BYTES + RINGS * WIRE_RECORD_MAX) /* the last record may pass its ring's share */
#define SLOTS (HELD_BYTES / sizeof(struct wire_head))

struct slot {
	uint64_t time;
	uint32_t order; /* of arrival: ties stay as they came */
	uint32_t offset : 31, ring : 1;
};

/* Room for the smallest records there are: nothing has to be had from the heap, and can be refused, under way. */
struct held {
	char bytes[HELD_BYTES], rest[HELD_BYTES];
	size_t used, used_by[RINGS];
	uint64_t latest[RINGS]; /* that was taken from it */
	struct slot slots[SLOTS];
	size_t n, next;   /* of slots; the first one that is not delivered yet */
	uint64_t ready;   /* what is not later than that may be delivered */
	uint64_t reached; /* the latest that was */
	uint32_t order;
	int more; /* an eventfd: there is something to deliver that no ring has any more */
	bool is_more;
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

static int take_record(struct capture *c, enum ring ring, void *data, size_t size)
{
	struct held *held = c->held;
	const struct wire_head *h = data;
	size_t room = (size + 7) & ~7UL;

	if (size < sizeof(*h) || size > WIRE_RECORD_MAX || h->kind >= WIRE_KINDS)
		return 0;
	c->delivered[h->kind]++;
	if (h->time > held->latest[ring])
		held->latest[ring] = h->time;
	if (is_proof(c, h))
		return 0;
	held->slots[held->n++] = (struct slot){ .time = h->time,
		.order = held->order++,
		.offset = (uint32_t)held->used & INT32_MAX,
		.ring = ring };
	memcpy(held->bytes + held->used, data, size);
	held->used += room;
	held->used_by[ring] += room;
	/* the record itself is taken either way */
	return held->used_by[ring] >= SHARE_BYTES ? -EAGAIN : 0;
}

static int on_rare(void *ctx, void *data, size_t size)
{
	return take_record(ctx, RING_RARE, data, size);
}

static int on_flood(void *ctx, void *data, size_t size)
{
	return take_record(ctx, RING_FLOOD, data, size);
}

static int by_time(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Moves what was not delivered to the front. */
static void compact(struct held *held)
{
	size_t used = 0;

	memset(held->used_by, 0, sizeof(held->used_by));
	for (size_t i = held->next; i < held->n; i++) {
		const struct wire_head *h = (const void *)(held->bytes + held->slots[i].offset);
		size_t room = (h->size + 7u) & ~7u;

		memcpy(held->rest + used, h, h->size);
		held->slots[i - held->next] = held->slots[i];
		held->slots[i - held->next].offset = (uint32_t)used & INT32_MAX;
		held->used_by[held->slots[i].ring] += room;
		used += room;
	}
	memcpy(held->bytes, held->rest, used);
	held->n -= held->next;
	held->next = 0;
	held->used = used;
}

/* Takes a batch out of the rings. 1 when more is left there, 0, or a negative errno. */
static int take_batch(struct capture *c)
{
	struct held *held = c->held;
	bool full = false;

	compact(held);
	held->ready = boottime();
	for (enum ring ring = RING_RARE; ring < RINGS; ring++) {
		int n = held->used_by[ring] < SHARE_BYTES ? ring_buffer__consume(c->rings[ring])
							  : -EAGAIN;
		if (n < 0 && n != -EAGAIN)
			return n;
		if (n != -EAGAIN)
			continue;
		full = true;
		if (held->latest[ring] < held->ready)
			held->ready = held->latest[ring];
	}
	if (held->n)
		qsort(held->slots, held->n, sizeof(*held->slots), by_time);
	return full;
}

static bool is_ready(const struct held *held)
{
	return held->next < held->n && held->slots[held->next].time <= held->ready;
}

/* Delivers what is ready, until it is `end`. */
static void deliver(struct capture *c, uint64_t end)
{
	struct held *held = c->held;

	while (is_ready(held)) {
		const struct slot *slot = &held->slots[held->next++];
		const struct wire_head *h = (const void *)(held->bytes + slot->offset);
		if (slot->time > held->reached)
			held->reached = slot->time;
		c->options.deliver(c->options.ctx, h, h->size);
		if (boottime() >= end)
			return;
	}
}

/* Has the loop come back at once, or not. */
static void ask_for_more(struct held *held, bool more)
{
	uint64_t count = 1;

	if (held->is_more == more)
		return;
	held->is_more = more;
	/* Neither waits, nor can the counter overflow. */
	if ((more ? write(held->more, &count, sizeof(count))
		  : read(held->more, &count, sizeof(count))) < 0)
		held->is_more = !more;
}

int drain(struct capture *c, uint64_t ns, uint64_t *until)
{
	struct held *held = c->held;
	uint64_t begun = boottime(), end = ns < UINT64_MAX - begun ? begun + ns : UINT64_MAX;
	int more = 1;

	for (;;) {
		deliver(c, end);
		if (boottime() >= end || (!more && held->next == held->n))
			break;
		more = take_batch(c);
		if (more < 0)
			return more;
	}
	ask_for_more(held, more || held->next < held->n);
	if (until)
		*until = held->is_more ? held->reached : held->ready;
	return 0;
}

int drain_open(struct capture *c)
{
	int rare = bpf_map__fd(c->skel->maps.rare), flood = bpf_map__fd(c->skel->maps.flood);

	c->held = calloc(1, sizeof(*c->held));
	if (!c->held)
		return -ENOMEM;
	c->held->reached = boottime();
	c->held->more = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll_fd < 0 || c->held->more < 0)
		return -errno;
	c->rings[RING_RARE] = ring_buffer__new(rare, on_rare, c, NULL);
	c->rings[RING_FLOOD] = ring_buffer__new(flood, on_flood, c, NULL);
	if (!c->rings[RING_RARE] || !c->rings[RING_FLOOD])
		return -errno;
	struct epoll_event ev = { .events = EPOLLIN };
	if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, rare, &ev) ||
		epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, flood, &ev) ||
		epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->held->more, &ev))
		return -errno;
	return 0;
}

void drain_close(struct capture *c)
{
	for (enum ring ring = RING_RARE; ring < RINGS; ring++)
		ring_buffer__free(c->rings[ring]);
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	if (c->held && c->held->more >= 0)
		close(c->held->more);
	free(c->held);
}
