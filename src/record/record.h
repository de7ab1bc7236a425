/* SPDX-License-Identifier: MIT */
/* What leaves ktrace: one record, whatever the form it is written in. */
#ifndef KTRACE_RECORD_RECORD_H
#define KTRACE_RECORD_RECORD_H

#include "ktrace/diagnosis.h"
#include "ktrace/event.h"

#define RECORD_SCHEMA 1
#define RECORD_ECS_VERSION "8.11.0"
#define RECORD_MAX 16384 /* bytes of one line, with its newline */

enum record_type {
	RECORD_EVENT,
	RECORD_DIAGNOSIS,
	RECORD_AGENT_STARTED,
	RECORD_AGENT_STATS,
	RECORD_AGENT_BLIND,
	RECORD_AGENT_STOPPED,
};

/* Named counters, for agent_* records and metrics. */
struct record_count {
	const char *name; /* "full" */
	uint64_t value;
};

struct record_forms; /* ndjson.h */

struct record {
	enum record_type type;
	struct record_forms *forms; /* of this record, for all who write it; NULL: not kept */
	/* Together unique for ever, as event.id: the agent run, and the number of the record in it. */
	uint64_t run, sequence;
	uint64_t time;       /* nanoseconds since 1970 */
	bool is_over_budget; /* of its container: not for the log, nor for what is sent of it */
	const char *node;
	const char *message;       /* one line for people; NULL: made when it is written */
	const struct event *event; /* RECORD_EVENT */
	/* RECORD_DIAGNOSIS: what it rests on and is not in a log of this level; NULL: nothing */
	struct event *const *context;
	size_t n_context;
	const struct diagnosis *diagnosis; /* RECORD_DIAGNOSIS */
	/* RECORD_AGENT_*: under ktrace.agent */
	const char *version;
	const struct record_count *produced, *delivered, *lost; /* lost: by reason */
	/* by reason: "folded": equal to one of a moment ago; "rate", "log", "diagnoses": over a container's budget */
	const struct record_count *left_out;
	size_t n_produced, n_delivered, n_lost, n_left_out;
	uint64_t containers, resident_bytes;
	uint64_t blind_since; /* RECORD_AGENT_BLIND: no agent watched from then until `time` */
};

/* event.id: sixteen hex digits, '-', a decimal number. */
#define RECORD_ID_SIZE 40
void record_id_format(char out[RECORD_ID_SIZE], uint64_t run, uint64_t sequence);
int record_id_parse(const char *text, uint64_t *run, uint64_t *sequence); /* 0 or -EINVAL */

/* One way to write records down: a file each in src/sinks, src/forward and src/serve. */
struct output;
struct output_ops {
	const char *name;
	/* 0 or a negative errno; counts its own losses */
	int (*write)(struct output *o, const struct record *r);
	int (*flush)(struct output *o);  /* end of a batch */
	int (*reopen)(struct output *o); /* SIGHUP; may be NULL */
	void (*free)(struct output *o);
};
struct output {
	const struct output_ops *ops;
	uint64_t written, lost;
};

#endif
