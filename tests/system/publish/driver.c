// SPDX-License-Identifier: MIT
/*
 * Makes diagnoses, and publishes them as the agent does, without a kernel to watch: as Events of pods (--server) or to an
 * OpenTelemetry Collector (--otlp). N diagnoses of F fingerprints, each of a container of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "publish/kubernetes_events.h"
#include "publish/otlp.h"
#include "util/cleanup.h"

#include "unit/record_samples.h"

#define MS 1000000ull

struct driver {
	struct loop *loop;
	struct output *output;
	struct container *container;
	struct diagnosis *diagnosis;
	uint64_t made, count, fingerprints, pods, batch;
	uint64_t ticks, max_ms; /* ticks are of 5 ms */
	uint64_t finish_ns;
	bool finishing, otlp;
};

static uint64_t wall(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 * MS + (uint64_t)ts.tv_nsec;
}

static void name(char **text, const char *form, uint64_t n)
{
	free(*text);
	if (asprintf(text, form, n) < 0)
		*text = NULL;
}

/* The Nth diagnosis: each fingerprint is of a pod of its own, unless there are fewer pods. */
static void make(struct driver *d, uint64_t n, struct record *r)
{
	uint64_t which = n % d->fingerprints, pod = d->pods ? which % d->pods : which;
	struct container *c = d->container;

	name(&c->id, "c%063" PRIu64, n);
	name(&c->pod, "orders-%" PRIu64, pod);
	name(&c->pod_uid, "00000000-0000-4000-8000-%012" PRIu64, pod);
	snprintf(d->diagnosis->fingerprint, sizeof(d->diagnosis->fingerprint), "v1:%016" PRIx64,
		which);
	*r = (struct record){
		.type = RECORD_DIAGNOSIS,
		.run = 1,
		.sequence = n + 1,
		.time = wall(),
		.node = "node-1",
		.diagnosis = d->diagnosis,
	};
}

static uint64_t waiting(const struct driver *d)
{
	struct kubernetes_events_stats events;
	struct otlp_stats otlp;

	if (d->otlp) {
		otlp_stats(d->output, &otlp);
		return otlp.waiting_records;
	}
	kubernetes_events_stats(d->output, &events);
	return events.waiting;
}

static void on_tick(void *ctx)
{
	struct driver *d = ctx;
	uint64_t end = d->made + d->batch < d->count ? d->made + d->batch : d->count;
	struct record r;

	if (d->finishing)
		return;
	for (; d->made < end; d->made++) {
		make(d, d->made, &r);
		d->output->ops->write(d->output, &r);
	}
	d->output->ops->flush(d->output);
	if ((d->made == d->count && !waiting(d)) || ++d->ticks > d->max_ms / 5)
		loop_stop(d->loop, 0);
}

static void print_stats(const struct driver *d)
{
	struct kubernetes_events_stats s;

	kubernetes_events_stats(d->output, &s);
	printf("{\"made\":%" PRIu64 ",\"created\":%" PRIu64 ",\"updated\":%" PRIu64
	       ",\"waiting\":%" PRIu64 ",\"lost\":%" PRIu64,
		d->made, s.created, s.updated, s.waiting, d->output->lost);
	for (enum http_outcome i = HTTP_DONE + 1; i < HTTP_OUTCOMES; i++)
		printf(",\"error_%s\":%" PRIu64, http_outcome_name(i), s.errors[i]);
	for (enum event_drop i = 0; i < EVENT_DROPS; i++)
		printf(",\"dropped_%s\":%" PRIu64, event_drop_name(i), s.dropped[i]);
	printf("}\n");
}

static void print_otlp(const struct driver *d)
{
	struct otlp_stats s;

	otlp_stats(d->output, &s);
	printf("{\"made\":%" PRIu64 ",\"buffered\":%" PRIu64 ",\"sent\":%" PRIu64
	       ",\"acked\":%" PRIu64 ",\"waiting\":%" PRIu64 ",\"lost\":%" PRIu64,
		d->made, s.buffered, s.sent, s.acked, s.waiting_records, d->output->lost);
	for (enum http_outcome i = HTTP_DONE + 1; i < HTTP_OUTCOMES; i++)
		printf(",\"error_%s\":%" PRIu64, http_outcome_name(i), s.errors[i]);
	for (enum otlp_drop i = 0; i < OTLP_DROPS; i++)
		printf(",\"dropped_%s\":%" PRIu64, otlp_drop_name(i), s.dropped[i]);
	printf("}\n");
}

static void finish(struct driver *d)
{
	d->finishing = true;
	if (d->finish_ns && d->otlp)
		otlp_finish(d->output, d->finish_ns);
	else if (d->finish_ns)
		kubernetes_events_finish(d->output, d->finish_ns);
	if (d->otlp)
		print_otlp(d);
	else
		print_stats(d);
}

static int run(struct driver *d)
{
	d->container = sample_container();
	d->diagnosis = sample_diagnosis(d->container);
	container_set(&d->container->k8s_namespace, "shop");
	container_set(&d->container->k8s_container, "orders");
	int err = loop_add_timer(d->loop, 5 * MS, on_tick, d);
	if (err == 0)
		err = loop_run(d->loop);
	finish(d);
	diagnosis_free(d->diagnosis);
	container_unref(d->container);
	return err;
}

/* What the command line may say: texts and numbers, each with the place it goes to. */
struct settings {
	struct driver d;
	struct kubernetes_events_options events;
	struct otlp_options otlp;
	uint64_t burst, pod_burst;
};

static bool take_option(struct settings *s, const char *option, const char *value)
{
	const struct {
		const char *name, **text;
		uint64_t *number, unit;
	} rows[] = {
		{ "server", &s->events.server, NULL, 0 },
		{ "token", &s->events.token_file, NULL, 0 },
		{ "ca", &s->events.ca_file, NULL, 0 },
		{ "otlp", &s->otlp.url, NULL, 0 },
		{ "headers", &s->otlp.headers_file, NULL, 0 },
		{ "buffer", &s->otlp.buffer_dir, NULL, 0 },
		{ "size", NULL, &s->otlp.buffer_bytes, 1 },
		{ "burst", NULL, &s->burst, 1 },
		{ "each-ms", NULL, &s->events.rate.each_ns, MS },
		{ "pod-burst", NULL, &s->pod_burst, 1 },
		{ "pod-each-ms", NULL, &s->events.pod_rate.each_ns, MS },
		{ "repeat-ms", NULL, &s->events.repeat_ns, MS },
		{ "backoff-ms", NULL, &s->events.backoff_ns, MS },
		{ "count", NULL, &s->d.count, 1 },
		{ "fingerprints", NULL, &s->d.fingerprints, 1 },
		{ "pods", NULL, &s->d.pods, 1 },
		{ "batch", NULL, &s->d.batch, 1 },
		{ "for-ms", NULL, &s->d.max_ms, 1 },
		{ "finish-ms", NULL, &s->d.finish_ns, MS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, option) != 0)
			continue;
		if (rows[i].text)
			*rows[i].text = value;
		else
			*rows[i].number = strtoull(value, NULL, 10) * rows[i].unit;
		return true;
	}
	return false;
}

static int start(struct settings *s)
{
	s->d.otlp = s->otlp.url;
	s->otlp.loop = s->events.loop = s->d.loop;
	s->otlp.ca_file = s->events.ca_file;
	s->otlp.backoff_ns = s->events.backoff_ns;
	s->events.rate.burst = (unsigned)s->burst;
	s->events.pod_rate.burst = (unsigned)s->pod_burst;
	return s->d.otlp ? otlp_new(&s->otlp, &s->d.output)
			 : kubernetes_events_new(&s->events, &s->d.output);
}

int main(int argc, char **argv)
{
	struct settings s = {
		.d = { .count = 10000, .fingerprints = 40, .batch = 100, .max_ms = 120000 },
		.events = { .node = "node-1", .clock = wall },
		.otlp = { .clock = wall, .buffer_bytes = 256 << 20 },
	};

	for (int i = 1; i + 1 < argc; i += 2)
		if (strncmp(argv[i], "--", 2) != 0 || !take_option(&s, argv[i] + 2, argv[i + 1]))
			return 2;
	signal(SIGPIPE, SIG_IGN);
	int err = loop_new(&s.d.loop);
	if (err == 0)
		err = start(&s);
	if (err == 0)
		err = run(&s.d);
	if (s.d.output)
		s.d.output->ops->free(s.d.output);
	loop_free(s.d.loop);
	return err < 0;
}
