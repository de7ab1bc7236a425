/* SPDX-License-Identifier: MIT */
/*
 * The two text forms of metrics: Prometheus' own (0.0.4) and OpenMetrics 1.0, which newer scrapers ask
 * for. They differ in where `_total` and `_info` stand and in how they end. A family is opened, then
 * its samples follow; numbers are integers, times nanoseconds that are written as seconds. Pure.
 */
#ifndef KTRACE_SERVE_METRICS_TEXT_H
#define KTRACE_SERVE_METRICS_TEXT_H

#include "util/strbuf.h"

enum metrics_format { METRICS_PROMETHEUS, METRICS_OPENMETRICS };

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_INFO, METRIC_HISTOGRAM };

struct exposition {
	struct strbuf *out; /* borrowed */
	enum metrics_format format;
	enum metric_type type; /* of the family that is open */
	const char *name;      /* its name; borrowed */
};

struct label {
	const char *name, *value;
};

/* Opens a family. The name goes without `_total` and `_info`: "ktrace_events". help is one line. */
void metric_family(struct exposition *x, enum metric_type type, const char *name, const char *help);

/* One sample of the open family; labels end with one without a name. Values are escaped. */
void metric_sample(struct exposition *x, uint64_t value, const struct label *labels);
void metric_seconds(struct exposition *x, uint64_t ns, const struct label *labels);
/* A family of one sample without labels. */
void metric_single(struct exposition *x, enum metric_type type, const char *name, uint64_t value,
	const char *help);
#define LABELS(...) ((const struct label[]){ __VA_ARGS__, { 0 } })
#define NO_LABELS ((const struct label[]){ { 0 } })

/* What the form wants at its very end. */
void metrics_end(struct exposition *x);

#define HISTOGRAM_BUCKETS 12
struct bucket {
	const char *le; /* "0.5": as it is printed */
	uint64_t bound; /* the same in nanoseconds */
};
struct histogram {
	const struct bucket *buckets; /* HISTOGRAM_BUCKETS of them, rising; static */
	/* each value in one of them; the last is above all */
	uint64_t counts[HISTOGRAM_BUCKETS + 1];
	uint64_t sum; /* nanoseconds */
};

void histogram_observe(struct histogram *h, uint64_t ns);
void metric_histogram(struct exposition *x, const struct histogram *h); /* all of the open family */

#endif
