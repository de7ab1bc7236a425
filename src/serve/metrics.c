// SPDX-License-Identifier: MIT
#include "serve/metrics.h"

#include <errno.h>
#include <string.h>

#include "record/level.h"
#include "util/cleanup.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define NAMESPACE_MAX 63 /* of a DNS label, which a namespace's name is */
#define MAX_LIVES 4096

/* What is counted by namespace; the one behind the last stands for all others. */
struct tally {
	char name[NAMESPACE_MAX + 1];
	uint64_t diagnoses[METRICS_CAUSES];
	uint64_t oom_kills;
};

/* What must be kept of a container until it is removed. */
struct life {
	uint64_t cgroup; /* the key */
	uint64_t started;
	uint64_t given; /* bit N: root cause N was counted */
	UT_hash_handle hh;
};
_Static_assert(METRICS_CAUSES <= 64, "a bit of life.given for each root cause");

struct metrics {
	struct output base;
	uint64_t (*clock)(void);
	const char *root_causes[METRICS_CAUSES]; /* static storage */
	size_t n_causes;
	uint64_t started; /* the agent itself */
	uint64_t events[EVENT_KINDS], all_diagnoses;
	struct tally tallies[METRICS_NAMESPACES + 1];
	size_t n_tallies;
	struct life *lives; /* oldest first */
	struct histogram start, delay;
};

static const struct bucket start_buckets[HISTOGRAM_BUCKETS] = {
	{ "0.05", 50000000 },
	{ "0.1", 100000000 },
	{ "0.25", 250000000 },
	{ "0.5", 500000000 },
	{ "1.0", 1000000000 },
	{ "2.5", 2500000000 },
	{ "5.0", 5000000000 },
	{ "10.0", 10000000000 },
	{ "30.0", 30000000000 },
	{ "60.0", 60000000000 },
	{ "120.0", 120000000000 },
	{ "300.0", 300000000000 },
};

static const struct bucket delay_buckets[HISTOGRAM_BUCKETS] = {
	{ "0.001", 1000000 },
	{ "0.0025", 2500000 },
	{ "0.005", 5000000 },
	{ "0.01", 10000000 },
	{ "0.025", 25000000 },
	{ "0.05", 50000000 },
	{ "0.1", 100000000 },
	{ "0.25", 250000000 },
	{ "0.5", 500000000 },
	{ "1.0", 1000000000 },
	{ "2.5", 2500000000 },
	{ "10.0", 10000000000 },
};

static bool is_namespace(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return !name[len] && len <= NAMESPACE_MAX;
}

/* "" stands for containers outside of pods. A bundle may name what no API server would have taken. */
static struct tally *tally_of(struct metrics *m, const struct container *c)
{
	const char *name = c ? c->k8s_namespace : "";
	struct tally *others = &m->tallies[METRICS_NAMESPACES];

	if (!is_namespace(name))
		return others;
	for (size_t i = 0; i < m->n_tallies; i++)
		if (!strcmp(m->tallies[i].name, name))
			return &m->tallies[i];
	if (m->n_tallies == METRICS_NAMESPACES || !strcmp(name, others->name))
		return others;
	struct tally *t = &m->tallies[m->n_tallies++];
	strcpy(t->name, name);
	return t;
}

static void end_life(struct metrics *m, struct life *l)
{
	HASH_DEL(m->lives, l);
	free(l);
}

static struct life *find_life(const struct metrics *m, const struct container *c)
{
	struct life *l;

	HASH_FIND(hh, m->lives, &c->cgroup, sizeof(c->cgroup), l);
	return l;
}

/* NULL when out of memory: what would have been counted is not. */
static struct life *life_of(struct metrics *m, const struct container *c)
{
	struct life *l = find_life(m, c);

	if (l)
		return l;
	if (HASH_COUNT(m->lives) >= MAX_LIVES)
		end_life(m, m->lives);
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->cgroup = c->cgroup;
	HASH_ADD(hh, m->lives, cgroup, sizeof(l->cgroup), l);
	if (l->hh.tbl)
		return l;
	free(l);
	return NULL;
}

static void count_event(struct metrics *m, const struct event *e)
{
	struct life *l;

	m->events[e->kind]++;
	if (e->kind == EVENT_OOM_KILL)
		tally_of(m, e->container)->oom_kills++;
	if (!e->container)
		return;
	switch (e->kind) {
	case EVENT_CONTAINER_STARTED:
		l = life_of(m, e->container);
		if (l)
			l->started = e->time;
		break;
	case EVENT_CONTAINER_LISTENING:
		l = find_life(m, e->container);
		if (l && l->started && e->time >= l->started)
			histogram_observe(&m->start, e->time - l->started);
		break;
	case EVENT_CONTAINER_REMOVED:
		l = find_life(m, e->container);
		if (l)
			end_life(m, l);
		break;
	default:
		break;
	}
}

/* One that was given while the container ran comes again at its end: that is still one failure. */
static bool reported_before(struct metrics *m, const struct container *c, size_t cause)
{
	struct life *l = c ? life_of(m, c) : NULL;

	if (!l)
		return false;
	bool given = l->given >> cause & 1;
	l->given |= 1ULL << cause;
	return given;
}

static void count_diagnosis(struct metrics *m, const struct diagnosis *d)
{
	uint64_t now = m->clock();
	size_t cause = 0;

	m->all_diagnoses++;
	if (d->has_exit_code)
		histogram_observe(&m->delay, now > d->time ? now - d->time : 0);
	while (cause < m->n_causes && strcmp(m->root_causes[cause], d->root_cause))
		cause++;
	if (cause < m->n_causes && !reported_before(m, d->container, cause))
		tally_of(m, d->container)->diagnoses[cause]++;
}

static int metrics_write(struct output *o, const struct record *r)
{
	struct metrics *m = (struct metrics *)o;

	if (r->type == RECORD_EVENT)
		count_event(m, r->event);
	else if (r->type == RECORD_DIAGNOSIS)
		count_diagnosis(m, r->diagnosis);
	o->written++;
	return 0;
}

static int metrics_flush(struct output *o)
{
	(void)o;
	return 0;
}

static void metrics_free(struct output *o)
{
	struct metrics *m = (struct metrics *)o;

	if (!m)
		return;
	while (m->lives)
		end_life(m, m->lives);
	free(m);
}

int metrics_new(const struct metrics_options *options, struct output **out)
{
	static const struct output_ops ops = {
		.name = "metrics",
		.write = metrics_write,
		.flush = metrics_flush,
		.free = metrics_free,
	};
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->base.ops = &ops;
	m->clock = options->clock;
	m->started = m->clock();
	m->n_causes = options->n_causes < METRICS_CAUSES ? options->n_causes : METRICS_CAUSES;
	for (size_t i = 0; i < m->n_causes; i++)
		m->root_causes[i] = options->root_causes[i];
	m->start.buckets = start_buckets;
	m->delay.buckets = delay_buckets;
	strcpy(m->tallies[METRICS_NAMESPACES].name, "other");
	*out = &m->base;
	return 0;
}

static void print_events(struct exposition *x, const struct metrics *m)
{
	metric_family(x, METRIC_COUNTER, "ktrace_events",
		"Records of events and diagnoses, by event.action.");
	for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++) {
		struct record r = { .event = &(struct event){ .kind = kind } };

		if (level_takes(LEVEL_ALL, &r)) /* else it is never a record */
			metric_sample(x, m->events[kind], LABELS({ "action", event_action(kind) }));
	}
	metric_sample(x, m->all_diagnoses, LABELS({ "action", "diagnosis" }));
}

static void print_diagnoses(struct exposition *x, const struct metrics *m)
{
	metric_family(x, METRIC_COUNTER, "ktrace_diagnoses",
		"Diagnoses, each root cause once for each container.");
	for (size_t i = 0; i <= METRICS_NAMESPACES; i++)
		for (size_t cause = 0; cause < m->n_causes; cause++) {
			const struct tally *t = &m->tallies[i];

			if (t->diagnoses[cause])
				metric_sample(x, t->diagnoses[cause],
					LABELS({ "root_cause", m->root_causes[cause] },
						{ "namespace", t->name }));
		}
	metric_family(x, METRIC_COUNTER, "ktrace_oom_kills",
		"Processes of containers that the kernel killed because memory ran out.");
	for (size_t i = 0; i <= METRICS_NAMESPACES; i++) {
		const struct tally *t = &m->tallies[i];

		if (t->oom_kills)
			metric_sample(x, t->oom_kills, LABELS({ "namespace", t->name }));
	}
}

static void print_counts(
	struct exposition *x, const struct record_count *counts, size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		metric_sample(x, counts[i].value, LABELS({ label, counts[i].name }));
}

static void print_state(struct exposition *x, const struct metrics_state *state)
{
	metric_family(x, METRIC_COUNTER, "ktrace_events_lost",
		"Events that were seen in the kernel, or records, that went no further.");
	print_counts(x, state->lost, state->n_lost, "reason");
	metric_family(x, METRIC_COUNTER, "ktrace_events_left_out",
		"Events that were not reported one by one: equal to one of a moment ago (folded), "
		"over a container's budget in the kernel (rate), or of the log (log, diagnoses).");
	print_counts(x, state->left_out, state->n_left_out, "reason");
	metric_family(x, METRIC_COUNTER, "ktrace_containers_with_losses",
		"Containers of which an event was lost: their diagnoses say so.");
	metric_sample(x, state->containers_with_losses, NO_LABELS);
	metric_family(x, METRIC_COUNTER, "ktrace_live_records_lost",
		"Records that a reader of the socket (ktrace live) was too slow for, and cut off.");
	metric_sample(x, state->live_lost, NO_LABELS);
	metric_family(x, METRIC_GAUGE, "ktrace_containers",
		"Containers that the agent knows; those that exited for a minute.");
	print_counts(x, state->containers, state->n_containers, "state");
	metric_family(x, METRIC_GAUGE, "ktrace_probe_attached",
		"1 for a probe that is attached, by the way that it is attached, 0 for a missing "
		"one.");
	for (size_t i = 0; i < state->n_probes; i++) {
		const struct metrics_probe *p = &state->probes[i];

		metric_sample(
			x, p->attached, LABELS({ "probe", p->name }, { "method", p->method }));
	}
}

static void print_looks(struct exposition *x, const struct metrics_state *state)
{
	metric_family(x, METRIC_COUNTER, "ktrace_looks",
		"Looks at files and processes of containers by the helper: answered, late (given "
		"up, as nothing came back in time), refused (too many hang already).");
	print_counts(x, state->looks, state->n_looks, "result");
	metric_family(x, METRIC_GAUGE, "ktrace_looks_hanging",
		"Workers of the helper that hang in a file system that does not answer.");
	metric_sample(x, state->looks_hanging, NO_LABELS);
}

int metrics_print(const struct output *o, const struct metrics_state *state,
	enum metrics_format format, struct strbuf *out)
{
	const struct metrics *m = (const struct metrics *)o;
	struct exposition x = { .out = out, .format = format };

	metric_family(&x, METRIC_INFO, "ktrace_build", "The version of this agent.");
	metric_sample(&x, 1, LABELS({ "version", KTRACE_VERSION }));
	print_events(&x, m);
	print_state(&x, state);
	if (state->looks)
		print_looks(&x, state);
	print_diagnoses(&x, m);
	metric_family(&x, METRIC_HISTOGRAM, "ktrace_container_start_seconds",
		"From a container's first exec to its first listen.");
	metric_histogram(&x, &m->start);
	metric_family(&x, METRIC_HISTOGRAM, "ktrace_diagnosis_delay_seconds",
		"From a container's exit to its diagnosis.");
	metric_histogram(&x, &m->delay);
	if (state->forward)
		metrics_forward(&x, state->forward);
	if (state->otlp)
		metrics_otlp(&x, state->otlp);
	if (state->events)
		metrics_kubernetes_events(&x, state->events);
	metrics_process(&x, m->started);
	metrics_end(&x);
	return out->failed ? -ENOMEM : 0;
}
