/* SPDX-License-Identifier: MIT */
/*
 * The live source of events: kernel side, decoder and registry, put together and drained into a
 * pipeline. What `replay` does without.
 */
#ifndef KTRACE_AGENT_SOURCE_H
#define KTRACE_AGENT_SOURCE_H

#include "agent/node.h"
#include "agent/pipeline.h"
#include "capture/capture.h"
#include "container/hierarchy.h"
#include "container/registry.h"
#include "ktrace/wire.h"
#include "util/loop.h"

struct source_options {
	const char *const *disabled; /* probes and ways, as capture.h has them */
	size_t n_disabled;
	const char *btf; /* a file with the kernel's, or NULL */
	bool outside, no_output, no_args;
	bool unredacted;            /* secrets are not masked */
	void (*confine_rest)(void); /* capture.h; NULL: all is attached at once */
	const char *host_root;
	const uint8_t *salt;       /* of the memory, borrowed; NULL: there is none */
	uint64_t watched_until;    /* by an agent before this one; 0: not known */
	struct pipeline *pipeline; /* borrowed */
};

struct source;

/* 0, or a negative errno after a message on stderr that names the cause and the way out. */
int source_open(const struct source_options *options, struct source **out);
void source_close(struct source *s); /* detaches if that is still to do; NULL is fine */

const struct hierarchy *source_hierarchy(const struct source *s);
struct capture *source_capture(struct source *s);

/* Finds and tracks the containers that are there already. 0 or a negative errno. */
int source_scan(struct source *s);

/* Tracks the one container of `ktrace run`; from now on no other one's events are passed on. 0 or a negative errno. */
int source_only(struct source *s, struct container *c);

/* Drains when there is something, and every 50 ms; time goes on for registry and pipeline. 0 or a negative errno. */
int source_watch(struct source *s, struct loop *l);
void source_drain(struct source *s);

/* Detaches and drains to the last record: afterwards produced = delivered + lost. */
void source_detach(struct source *s);

/* The counters, summed up for people and for agent_* records. */
struct source_counts {
	struct record_count produced[WIRE_KINDS], delivered[WIRE_KINDS];
	struct record_count lost[9];     /* by reason; the last is its reader's to add */
	struct record_count left_out[4]; /* by reason, not losses: record.h */
	size_t n_produced, n_delivered, n_lost, n_left_out;
	uint64_t total_lost;
	uint64_t containers_with_losses;
};
/* 0 or a negative errno. */
int source_counts(const struct source *s, struct source_counts *out);

#endif
