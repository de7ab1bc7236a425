/* SPDX-License-Identifier: MIT */
/*
 * Metrics: an output that sees every record (LEVEL_ALL) and only counts, and prints the counts when
 * somebody asks. Nothing that a container chooses becomes a label without a bound: namespaces are
 * 100 and then "other", all other labels come from tables of ours.
 */
#ifndef KTRACE_SERVE_METRICS_H
#define KTRACE_SERVE_METRICS_H

#include "record/record.h"
#include "serve/metrics_text.h"

#define METRICS_NAMESPACES 100
#define METRICS_CAUSES 64

struct forward_stats;
struct kubernetes_events_stats;
struct otlp_stats;

struct metrics_options {
	/* nanoseconds since 1970; a diagnosis is as old as it is when it gets here */
	uint64_t (*clock)(void);
	const char *const *root_causes; /* all there are, METRICS_CAUSES at most; static storage */
	size_t n_causes;
};

/* 0 with *out, to be freed with (*out)->ops->free(*out); or -ENOMEM. */
int metrics_new(const struct metrics_options *options, struct output **out);

/* What is in no record, as it is when somebody asks. All of it is borrowed. */
struct metrics_probe {
	const char *name, *method; /* method: "" where it is not attached */
	bool attached;
};
struct metrics_state {
	const struct record_count *lost, *left_out,
		*containers; /* by reason, by reason, by state */
	size_t n_lost, n_left_out, n_containers;
	const struct metrics_probe *probes;
	size_t n_probes;
	uint64_t containers_with_losses;
	uint64_t live_lost;                  /* records that readers of the socket missed */
	const struct forward_stats *forward; /* forward.h; NULL: nothing is forwarded */
	const struct kubernetes_events_stats *events; /* kubernetes_events.h; NULL: none */
	const struct otlp_stats *otlp;                /* otlp.h; NULL: off */
	const struct record_count *looks; /* the helper's, by result; NULL: there is none */
	size_t n_looks;
	unsigned looks_hanging; /* its workers that do not answer */
};

/* Appends all metrics; o is one of metrics_new(). 0 or -ENOMEM. */
int metrics_print(const struct output *o, const struct metrics_state *state,
	enum metrics_format format, struct strbuf *out);

/* metrics_process.c: the process_* family, of this process. */
void metrics_process(struct exposition *x, uint64_t started);

/* metrics_publish.c: the ktrace_kubernetes_events_* and ktrace_otlp_* families. */
void metrics_otlp(struct exposition *x, const struct otlp_stats *o);
void metrics_kubernetes_events(struct exposition *x, const struct kubernetes_events_stats *e);

/* metrics_forward.c: the ktrace_forward_* families. */
void metrics_forward(struct exposition *x, const struct forward_stats *f);

#endif
