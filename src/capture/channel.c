// SPDX-License-Identifier: MIT
/*
 * A way out of the kernel: one ring buffer or, on a kernel without them (up to 5.7), a perf buffer for each CPU. Such a buffer is
 * read like a ring of its own. What does not fit into it the BPF program is told, as with a ring, and counts.
 */
#include "capture/internal.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPU_BYTES_LEAST (128 * 1024) /* a burst comes from one CPU */

struct channel {
	struct ring_buffer *ring; /* or */
	struct perf_buffer *perf;
	channel_take *take;
	void *ctx;
};

static enum bpf_perf_event_ret on_event(void *ctx, int cpu, struct perf_event_header *event)
{
	const struct channel *ch = ctx;
	struct {
		struct perf_event_header header;
		__u32 size;
		char data[];
	} *sample = (void *)event;

	(void)cpu;
	if (event->type != PERF_RECORD_SAMPLE)
		return LIBBPF_PERF_EVENT_CONT;
	return ch->take(ch->ctx, sample->data, sample->size) < 0 ? LIBBPF_PERF_EVENT_DONE
								 : LIBBPF_PERF_EVENT_CONT;
}

/* Of one CPU's buffer, whose size is a power of two, where all together are to have about so many bytes. */
static size_t pages_for(size_t bytes)
{
	size_t least = bytes / (size_t)sysconf(_SC_NPROCESSORS_ONLN), size = CPU_BYTES_LEAST;

	while (size < least)
		size *= 2;
	return size / (size_t)sysconf(_SC_PAGESIZE);
}

static struct perf_buffer *open_perf(int map, size_t bytes, struct channel *ch)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.wakeup_events = 1,
	};

	return perf_buffer__new_raw(map, pages_for(bytes), &attr, on_event, ch, NULL);
}

int channel_open(const struct bpf_map *map, size_t bytes, channel_take *take, void *ctx,
	struct channel **out)
{
	struct channel *ch = calloc(1, sizeof(*ch));
	int fd = bpf_map__fd(map);

	if (!ch)
		return -ENOMEM;
	ch->take = take;
	ch->ctx = ctx;
	if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF)
		ch->ring = ring_buffer__new(fd, take, ctx, NULL);
	else
		ch->perf = open_perf(fd, bytes, ch);
	if (!ch->ring && !ch->perf) {
		int err = -errno;

		free(ch);
		return err;
	}
	*out = ch;
	return 0;
}

void channel_close(struct channel *ch)
{
	if (!ch)
		return;
	ring_buffer__free(ch->ring);
	perf_buffer__free(ch->perf);
	free(ch);
}

int channel_fd(const struct channel *ch)
{
	return ch->ring ? ring_buffer__epoll_fd(ch->ring) : perf_buffer__epoll_fd(ch->perf);
}

size_t channel_sources(const struct channel *ch)
{
	return ch->ring ? 1 : perf_buffer__buffer_cnt(ch->perf);
}

int channel_read(struct channel *ch, size_t source)
{
	int n = ch->ring ? ring_buffer__consume(ch->ring)
			 : perf_buffer__consume_buffer(ch->perf, source);

	return n < 0 && n != -EAGAIN ? n : 0; /* -EAGAIN: take() wanted no more */
}
