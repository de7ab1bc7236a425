// SPDX-License-Identifier: MIT
/*
 * Makes records and sends them with the Forward output of the agent, without a kernel to watch. Each
 * batch is in the buffer before it is in the log, so what a kill leaves in the log must arrive.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "forward/forward.h"
#include "sinks/logfile.h"
#include "util/cleanup.h"
#include "util/log.h"

#include "unit/record_samples.h"

#define MS 1000000ull

struct driver {
	struct loop *loop;
	struct output *forward, *log;
	struct container *container;
	struct event *events[EVENT_KINDS];
	struct diagnosis *diagnosis;
	const char *node;
	uint64_t made, count, batch;
	uint64_t ticks, max_ticks; /* of 5 ms */
};

static bool is_record(enum event_kind kind)
{
	return kind > EVENT_NONE && kind < EVENT_KINDS && kind != EVENT_RUNTIME;
}

static void make(struct driver *d, uint64_t n, struct record *r)
{
	enum event_kind kind = (enum event_kind)(n % EVENT_KINDS);

	*r = (struct record){ .type = RECORD_DIAGNOSIS,
		.sequence = n,
		.time = SAMPLE_TIME + n * 1000003,
		.node = d->node,
		.diagnosis = d->diagnosis };
	if (is_record(kind)) {
		r->type = RECORD_EVENT;
		r->event = d->events[kind];
	}
}

static void write_batch(struct driver *d)
{
	struct output *outputs[] = { d->forward, d->log };
	uint64_t end = d->made + d->batch < d->count ? d->made + d->batch : d->count;
	struct record r;

	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		for (uint64_t n = d->made; n < end; n++) {
			make(d, n + 1, &r);
			outputs[i]->ops->write(outputs[i], &r);
		}
		outputs[i]->ops->flush(outputs[i]);
	}
	d->made = end;
}

static void on_tick(void *ctx)
{
	struct driver *d = ctx;
	struct forward_stats stats;

	if (d->made < d->count)
		write_batch(d);
	forward_stats(d->forward, &stats);
	if ((d->made == d->count && !stats.waiting_records) || ++d->ticks > d->max_ticks)
		loop_stop(d->loop, 0);
}

static void on_signal(void *ctx, const struct signalfd_siginfo *info)
{
	struct driver *d = ctx;

	if (info->ssi_signo == SIGTERM)
		loop_stop(d->loop, 0);
}

static void print_stats(const struct driver *d)
{
	struct forward_stats s;

	forward_stats(d->forward, &s);
	printf("{\"made\":%" PRIu64 ",\"buffered\":%" PRIu64 ",\"sent\":%" PRIu64
	       ",\"acked\":%" PRIu64 ",\"waiting\":%" PRIu64 ",\"waiting_bytes\":%" PRIu64
	       ",\"connections\":%" PRIu64 ",\"lost\":%" PRIu64
	       ",\"state\":\"%s\",\"server\":\"%s\"",
		d->made, s.buffered, s.sent, s.acked, s.waiting_records, s.waiting_bytes,
		s.connections, d->forward->lost, forward_state_name(s.state), s.server);
	for (int i = 1; i < FORWARD_ERRORS; i++)
		printf(",\"error_%s\":%" PRIu64, forward_error_name(i), s.errors[i]);
	for (int i = 0; i < FORWARD_DROPS; i++)
		printf(",\"dropped_%s\":%" PRIu64, forward_drop_name(i), s.dropped[i]);
	printf("}\n");
}

static int run(struct driver *d)
{
	sigset_t signals;

	d->container = sample_container();
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		d->events[kind] = sample_event((enum event_kind)kind, d->container);
	d->diagnosis = sample_diagnosis(d->container);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGPIPE);
	int err = loop_add_signals(d->loop, &signals, on_signal, d);
	if (err == 0)
		err = loop_add_timer(d->loop, 5 * MS, on_tick, d);
	if (err == 0)
		err = loop_run(d->loop);
	print_stats(d);
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		event_unref(d->events[kind]);
	diagnosis_free(d->diagnosis);
	container_unref(d->container);
	return err;
}

int main(int argc, char **argv)
{
	enum { SERVER, KEY, CA, BUFFER, SIZE, LOG, NODE, COUNT, BATCH, ACK, BACKOFF, FOR };
	static const struct option longs[] = { { "server", 1, 0, SERVER }, { "key", 1, 0, KEY },
		{ "ca", 1, 0, CA }, { "buffer", 1, 0, BUFFER }, { "size", 1, 0, SIZE },
		{ "log", 1, 0, LOG }, { "node", 1, 0, NODE }, { "count", 1, 0, COUNT },
		{ "batch", 1, 0, BATCH }, { "ack-ms", 1, 0, ACK }, { "backoff-ms", 1, 0, BACKOFF },
		{ "for-ms", 1, 0, FOR }, { 0 } };
	struct driver d = { .node = "node-1", .count = 10000, .batch = 20, .max_ticks = 120 * 200 };
	const char *servers[8];
	struct forward_options forward = { .servers = servers,
		.tag = "ktrace.test",
		.buffer_bytes = 64 << 20,
		.ack_ns = 2000 * MS,
		.backoff_ns = 50 * MS };
	struct logfile_options log = { .path = "/dev/null" };
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		uint64_t number = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case SERVER:
			if (forward.n_servers < ARRAY_SIZE(servers))
				servers[forward.n_servers++] = optarg;
			break;
		case KEY:
			forward.key_file = optarg;
			break;
		case CA:
			forward.ca_file = optarg;
			break;
		case BUFFER:
			forward.buffer_dir = optarg;
			break;
		case SIZE:
			forward.buffer_bytes = number;
			break;
		case LOG:
			log.path = optarg;
			break;
		case NODE:
			d.node = optarg;
			break;
		case COUNT:
			d.count = number;
			break;
		case BATCH:
			d.batch = number;
			break;
		case ACK:
			forward.ack_ns = number * MS;
			break;
		case BACKOFF:
			forward.backoff_ns = number * MS;
			break;
		case FOR:
			d.max_ticks = number / 5;
			break;
		default:
			return 2;
		}
	}
	forward.node = d.node;
	if (loop_new(&d.loop) < 0)
		return 1;
	forward.loop = d.loop;
	int err = forward_new(&forward, &d.forward);
	if (err == 0)
		err = logfile_new(&log, &d.log);
	if (err == 0)
		err = run(&d);
	if (d.log)
		d.log->ops->free(d.log);
	if (d.forward)
		d.forward->ops->free(d.forward);
	loop_free(d.loop);
	return err < 0;
}
