// SPDX-License-Identifier: MIT
/*
 * Makes records and sends them with the Forward output of the agent, without a kernel to watch. Each
 * batch is in the buffer before it is in the log, so what a kill leaves in the log must arrive.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

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
	uint64_t run;
	uint64_t made, count, batch;
	uint64_t ticks, max_ms; /* ticks are of 5 ms */
};

static bool is_record(enum event_kind kind)
{
	return kind > EVENT_NONE && kind < EVENT_KINDS && kind != EVENT_RUNTIME;
}

static void make(struct driver *d, uint64_t n, struct record *r)
{
	enum event_kind kind = (enum event_kind)(n % EVENT_KINDS);

	*r = (struct record){ .type = RECORD_DIAGNOSIS,
		.run = d->run,
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
	if ((d->made == d->count && !stats.waiting_records) || ++d->ticks > d->max_ms / 5)
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
	if (getrandom(&d->run, sizeof(d->run), 0) != sizeof(d->run))
		return -EIO;
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

/* What the command line may say: texts and numbers, each with the place it goes to. */
struct settings {
	struct driver d;
	const char *servers[8];
	struct forward_options forward;
	struct logfile_options log;
};

static bool take_option(struct settings *s, const char *name, const char *value)
{
	const struct {
		const char *name, **text;
		uint64_t *number, unit;
	} rows[] = {
		{ "tag", &s->forward.tag, NULL, 0 },
		{ "key", &s->forward.key_file, NULL, 0 },
		{ "user", &s->forward.user, NULL, 0 },
		{ "password", &s->forward.password_file, NULL, 0 },
		{ "ca", &s->forward.ca_file, NULL, 0 },
		{ "cert", &s->forward.cert_file, NULL, 0 },
		{ "cert-key", &s->forward.cert_key_file, NULL, 0 },
		{ "buffer", &s->forward.buffer_dir, NULL, 0 },
		{ "size", NULL, &s->forward.buffer_bytes, 1 },
		{ "ack-ms", NULL, &s->forward.ack_ns, MS },
		{ "backoff-ms", NULL, &s->forward.backoff_ns, MS },
		{ "log", &s->log.path, NULL, 0 },
		{ "node", &s->d.node, NULL, 0 },
		{ "count", NULL, &s->d.count, 1 },
		{ "batch", NULL, &s->d.batch, 1 },
		{ "for-ms", NULL, &s->d.max_ms, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		if (rows[i].text)
			*rows[i].text = value;
		else
			*rows[i].number = strtoull(value, NULL, 10) * rows[i].unit;
		return true;
	}
	s->forward.compress |= !strcmp(name, "compress") && !strcmp(value, "gzip");
	if (strcmp(name, "server") == 0 && s->forward.n_servers < ARRAY_SIZE(s->servers))
		s->servers[s->forward.n_servers++] = value;
	return !strcmp(name, "server") || !strcmp(name, "compress");
}

static int start(struct settings *s)
{
	int err = loop_new(&s->d.loop);

	s->forward.node = s->d.node;
	s->forward.loop = s->d.loop;
	if (err == 0)
		err = forward_new(&s->forward, &s->d.forward);
	if (err == 0)
		err = logfile_new(&s->log, &s->d.log);
	return err < 0 ? err : run(&s->d);
}

int main(int argc, char **argv)
{
	struct settings s = {
		.d = { .node = "node-1", .count = 10000, .batch = 20, .max_ms = 240000 },
		.forward = { .tag = "ktrace.test",
			.buffer_bytes = 64 << 20,
			.ack_ns = 2000 * MS,
			.backoff_ns = 50 * MS },
		.log = { .path = "/dev/null" },
	};

	s.forward.servers = s.servers;
	for (int i = 1; i + 1 < argc; i += 2)
		if (strncmp(argv[i], "--", 2) != 0 || !take_option(&s, argv[i] + 2, argv[i + 1]))
			return 2;
	int err = start(&s);
	if (s.d.log)
		s.d.log->ops->free(s.d.log);
	if (s.d.forward)
		s.d.forward->ops->free(s.d.forward);
	loop_free(s.d.loop);
	return err < 0;
}
