// SPDX-License-Identifier: MIT
/*
 * Two rings (or perf buffers, of each CPU), one order. The rare ring (exec, exit, OOM, cgroups) is read first and then the flood of
 * failed calls: what a process did before it ended is in the flood ring by the time its end is read.
 * Records are then delivered in order of time, as far as nothing earlier can still come: up to the
 * moment at which the rare ring was read. Of a ring with more than its share of a batch the rest comes later, so then it
 * is up to the latest record of that share.
 *
 * What is to be done for one record may take long, and a flood has no end: a turn stops after so many milliseconds, and
 * an event in the set that is waited for (`more`) has the loop come back at once.
 */
#include "capture/internal.h"
#include "util/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH_BYTES (256 * 1024)

struct slot {
	uint64_t time;
	uint32_t order; /* of arrival: ties stay as they came */
	uint32_t offset, source;
};

/* Where records come from in order of time: a ring, or a CPU's part of one. */
struct source {
	struct channel *channel;
	size_t number; /* of the channel's */
	size_t share, used;
	uint64_t latest; /* that was taken from it */
};

/* Room for the smallest records there are: nothing has to be had from the heap, and can be refused, under way. */
struct held {
	struct source *sources;
	size_t n_sources, reading;
	char *bytes, *rest;
	size_t used;
	struct slot *slots;
	size_t n, next;   /* of slots; the first one that is not delivered yet */
	uint64_t ready;   /* what is not later than that may be delivered */
	uint64_t reached; /* the latest that was */
	uint32_t order;
	int more; /* an eventfd: there is something to deliver that no ring has any more */
	bool is_more;
};

uint64_t boottime(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

int64_t capture_clock_offset(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)((uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec - boottime());
}

static size_t room_for(size_t size)
{
	return (size + 7) & ~(size_t)7;
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

/* A perf buffer's record is not aligned, and may have bytes behind its end. */
static int take_record(void *ctx, void *data, size_t size)
{
	struct capture *c = ctx;
	struct held *held = c->held;
	struct source *source = &held->sources[held->reading];
	struct wire_head h;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	if (h.size < sizeof(h) || h.size > size || h.size > WIRE_RECORD_MAX || h.kind >= WIRE_KINDS)
		return 0;
	c->delivered[h.kind]++;
	if (h.time > source->latest)
		source->latest = h.time;
	if (is_proof(c, &h))
		return 0;
	held->slots[held->n++] = (struct slot){ .time = h.time,
		.order = held->order++,
		.offset = (uint32_t)held->used,
		.source = (uint32_t)held->reading };
	memcpy(held->bytes + held->used, data, h.size);
	held->used += room_for(h.size);
	source->used += room_for(h.size);
	/* the record itself is taken either way */
	return source->used >= source->share ? -EAGAIN : 0;
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

	for (size_t i = 0; i < held->n_sources; i++)
		held->sources[i].used = 0;
	for (size_t i = held->next; i < held->n; i++) {
		const struct wire_head *h = (const void *)(held->bytes + held->slots[i].offset);

		memcpy(held->rest + used, h, h->size);
		held->slots[i - held->next] = held->slots[i];
		held->slots[i - held->next].offset = (uint32_t)used;
		held->sources[held->slots[i].source].used += room_for(h->size);
		used += room_for(h->size);
	}
	memcpy(held->bytes, held->rest, used);
	held->n -= held->next;
	held->next = 0;
	held->used = used;
}

/* Takes a batch out of the rings. 1 when more may be left there, 0, or a negative errno. */
static int take_batch(struct capture *c)
{
	struct held *held = c->held;
	bool full = false;

	compact(held);
	held->ready = boottime();
	for (held->reading = 0; held->reading < held->n_sources; held->reading++) {
		struct source *s = &held->sources[held->reading];
		int err = s->used < s->share ? channel_read(s->channel, s->number) : 0;

		if (err)
			return err;
		if (s->used < s->share)
			continue;
		full = true;
		if (s->latest < held->ready)
			held->ready = s->latest;
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

static int open_channel(struct capture *c, enum ring ring, const struct bpf_map *map, size_t bytes)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int err = channel_open(map, bytes, take_record, c, &c->channels[ring]);

	if (!err && epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, channel_fd(c->channels[ring]), &ev))
		err = -errno;
	return err;
}

/* The rare ring's sources come first, then those of the flood. The last record of each may pass its share. */
static int make_room(struct capture *c)
{
	struct held *held = c->held;

	for (enum ring ring = RING_RARE; ring < RINGS; ring++)
		held->n_sources += channel_sources(c->channels[ring]);
	size_t bytes = BATCH_BYTES + held->n_sources * WIRE_RECORD_MAX;
	held->sources = calloc(held->n_sources, sizeof(*held->sources));
	held->bytes = malloc(bytes);
	held->rest = malloc(bytes);
	held->slots = calloc(bytes / sizeof(struct wire_head), sizeof(*held->slots));
	if (!held->sources || !held->bytes || !held->rest || !held->slots)
		return -ENOMEM;
	struct source *s = held->sources;
	for (enum ring ring = RING_RARE; ring < RINGS; ring++) {
		size_t n = channel_sources(c->channels[ring]);

		for (size_t i = 0; i < n; i++)
			*s++ = (struct source){ .channel = c->channels[ring],
				.number = i,
				.share = BATCH_BYTES / RINGS / n };
	}
	return 0;
}

int drain_open(struct capture *c)
{
	struct epoll_event ev = { .events = EPOLLIN };

	c->held = calloc(1, sizeof(*c->held));
	if (!c->held)
		return -ENOMEM;
	c->held->reached = boottime();
	c->held->more = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll_fd < 0 || c->held->more < 0 ||
		epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->held->more, &ev))
		return -errno;
	int err = open_channel(c, RING_RARE, c->skel->maps.rare, WIRE_RARE_BYTES);
	if (!err)
		err = open_channel(c, RING_FLOOD, c->skel->maps.flood, WIRE_FLOOD_BYTES);
	return err ? err : make_room(c);
}

void drain_close(struct capture *c)
{
	for (enum ring ring = RING_RARE; ring < RINGS; ring++)
		channel_close(c->channels[ring]);
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	if (!c->held)
		return;
	if (c->held->more >= 0)
		close(c->held->more);
	free(c->held->sources);
	free(c->held->bytes);
	free(c->held->rest);
	free(c->held->slots);
	free(c->held);
}
