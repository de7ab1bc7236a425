// SPDX-License-Identifier: MIT
#include "serve/metrics_text.h"

#include <inttypes.h>
#include <string.h>

#define SECOND 1000000000ULL

/* What a type is called, and what its samples' names end in. */
static const struct {
	const char *prometheus, *openmetrics, *suffix;
} types[] = {
	[METRIC_COUNTER] = { "counter", "counter", "_total" },
	[METRIC_GAUGE] = { "gauge", "gauge", "" },
	[METRIC_INFO] = { "gauge", "info", "_info" }, /* unknown to the older form */
	[METRIC_HISTOGRAM] = { "histogram", "histogram", "" },
};

void metric_family(struct exposition *x, enum metric_type type, const char *name, const char *help)
{
	bool open = x->format == METRICS_OPENMETRICS;
	/* The older form has no families: it describes a sample's name, with all that belongs to it. */
	const char *suffix = open ? "" : types[type].suffix;
	const char *called = open ? types[type].openmetrics : types[type].prometheus;

	x->type = type;
	x->name = name;
	strbuf_printf(x->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help, name, suffix,
		called);
}

static void put_escaped(struct strbuf *out, const char *value)
{
	for (const char *p = value; *p; p++) {
		if (*p == '\n') {
			strbuf_puts(out, "\\n");
			continue;
		}
		if (*p == '"' || *p == '\\')
			strbuf_putc(out, '\\');
		strbuf_putc(out, *p);
	}
}

static void put_name(struct exposition *x, const char *suffix, const struct label *labels)
{
	char before = '{';

	strbuf_puts(x->out, x->name);
	strbuf_puts(x->out, suffix);
	for (; labels->name; labels++) {
		strbuf_putc(x->out, before);
		strbuf_puts(x->out, labels->name);
		strbuf_puts(x->out, "=\"");
		put_escaped(x->out, labels->value);
		strbuf_putc(x->out, '"');
		before = ',';
	}
	strbuf_puts(x->out, before == ',' ? "} " : " ");
}

static void put_integer(
	struct exposition *x, const char *suffix, const struct label *labels, uint64_t value)
{
	put_name(x, suffix, labels);
	strbuf_putu(x->out, value);
	strbuf_putc(x->out, '\n');
}

/* Without floating point: no digit is lost, and no locale has a say. */
static void put_seconds(
	struct exposition *x, const char *suffix, const struct label *labels, uint64_t ns)
{
	put_name(x, suffix, labels);
	strbuf_printf(x->out, "%" PRIu64 ".%09" PRIu64 "\n", (uint64_t)(ns / SECOND),
		(uint64_t)(ns % SECOND));
}

void metric_sample(struct exposition *x, uint64_t value, const struct label *labels)
{
	put_integer(x, types[x->type].suffix, labels, value);
}

void metric_single(struct exposition *x, enum metric_type type, const char *name, uint64_t value,
	const char *help)
{
	metric_family(x, type, name, help);
	metric_sample(x, value, NO_LABELS);
}

void metric_seconds(struct exposition *x, uint64_t ns, const struct label *labels)
{
	put_seconds(x, types[x->type].suffix, labels, ns);
}

void metrics_end(struct exposition *x)
{
	if (x->format == METRICS_OPENMETRICS)
		strbuf_puts(x->out, "# EOF\n");
}

void histogram_observe(struct histogram *h, uint64_t ns)
{
	size_t i = 0;

	while (i < HISTOGRAM_BUCKETS && ns > h->buckets[i].bound)
		i++;
	h->counts[i]++;
	h->sum += ns;
}

void metric_histogram(struct exposition *x, const struct histogram *h)
{
	uint64_t total = 0;

	for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
		const char *le = i < HISTOGRAM_BUCKETS ? h->buckets[i].le : "+Inf";

		total += h->counts[i];
		put_integer(x, "_bucket", LABELS({ "le", le }), total);
	}
	put_seconds(x, "_sum", NO_LABELS, h->sum);
	put_integer(x, "_count", NO_LABELS, total);
}
