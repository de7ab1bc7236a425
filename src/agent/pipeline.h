/* SPDX-License-Identifier: MIT */
/*
 * From event to record: story by story, diagnosis by diagnosis, to the outputs. Agent, run, live,
 * record and replay all go through here. Time is the events' own: ticks fall on whole seconds of it,
 * so a recording that is replayed is looked at in the same states as when it was made.
 */
#ifndef KTRACE_AGENT_PIPELINE_H
#define KTRACE_AGENT_PIPELINE_H

#include "agent/log_budget.h"
#include "diagnose/diagnose.h"
#include "record/level.h"
#include "record/record.h"

struct pipeline_options {
	const char *node; /* host.name; borrowed */
	uint16_t machine; /* e_machine of the node, 0: not known */
	bool why;         /* diagnoses hold how they were chosen */
	/*
	 * What containers are compared with as they are created, and what healthy starts are added to; borrowed.
	 * NULL: a container keeps what it came with, as from a recording.
	 */
	struct memory *memory;
	uint64_t run; /* of this agent; every record's event.id begins with it */
	struct log_budget_limits log_budget; /* of outputs that are bounded */
	uint64_t story_bytes;                /* of all stories together; 0: PIPELINE_STORY_BYTES */
	uint64_t
		heap_bytes; /* of the whole program: stories make room for what else there is; 0: no bound */
};
#define PIPELINE_STORY_BYTES (11ULL << 20)

struct memory;
struct pipeline;
int pipeline_new(const struct pipeline_options *options, struct pipeline **out);
void pipeline_free(struct pipeline *p); /* frees its outputs too; NULL is fine */

/*
 * Adds an output, which becomes the pipeline's to free (on an error as well). 0 or a negative errno.
 * event.sequence counts the records of all levels, so that one record has one number and one id
 * wherever it goes.
 */
int pipeline_add_output(struct pipeline *p, struct output *o, enum level level);

/* From now on that output gets so much. */
void pipeline_set_level(struct pipeline *p, const struct output *o, enum level level);

/* From now on each container has a budget of what that output gets of it. */
void pipeline_bound(struct pipeline *p, const struct output *o);

/* Names of probes that are not attached, ", " between them; copied. 0 or -ENOMEM. */
int pipeline_set_missing(struct pipeline *p, const char *missing_probes);

/* Of one container: what happened, what of it got here, and what did not. Once all has come the first is the sum of the others. */
struct losses {
	uint64_t produced, delivered;
	uint64_t lost;     /* though it should have come */
	uint64_t left_out; /* as it was over a budget */
};
/* Where it can ask for them; NULL: nothing is lost. */
void pipeline_watch_losses(struct pipeline *p,
	void (*losses)(void *ctx, const struct container *c, struct losses *out), void *ctx);

/* False where nobody can be asked. */
bool pipeline_losses(const struct pipeline *p, const struct container *c, struct losses *out);

const char *pipeline_missing(const struct pipeline *p); /* borrowed */

/* As it was made; borrowed. */
const struct pipeline_options *pipeline_about(const struct pipeline *p);

void pipeline_event(struct pipeline *p, struct event *e); /* takes over the reference */
void pipeline_tick(struct pipeline *p, uint64_t now);     /* time passes, nanoseconds since 1970 */
/* The clock of the events was set, by so many nanoseconds: nothing seems to have lasted longer, or shorter, for it. */
void pipeline_clock_step(struct pipeline *p, int64_t by);
void pipeline_record(struct pipeline *p,
	struct record *r); /* an agent_* record: node and sequence are set here */
/* The number of the next record, for who writes one that goes to no output. */
uint64_t pipeline_number(struct pipeline *p);
void pipeline_flush(struct pipeline *p);  /* end of a batch */
void pipeline_reopen(struct pipeline *p); /* SIGHUP */

/* Whether that output took all that it was given, at the end of the last batch. */
bool pipeline_flushed(const struct pipeline *p, const struct output *o);

/* What is known of one container; borrowed, valid during the call. */
struct case_view {
	const struct story *story;
	struct container *container;
	const struct diagnosis *diagnosis;           /* the latest, NULL: none */
	int restarts;                                /* earlier runs that were seen */
	uint64_t created, started, listening, ended; /* 0: not (seen) */
	int status;                                  /* as wait(2) has it, once it has ended */
};
void pipeline_each(
	const struct pipeline *p, void (*each)(void *ctx, const struct case_view *c), void *ctx);

struct pipeline_stats {
	uint64_t events, diagnoses;
	size_t cases, running;
	uint64_t lost;       /* records that an output could not take */
	uint64_t evicted;    /* events of stories that had to go while their containers lived */
	uint64_t late;       /* events of containers that had been diagnosed for the last time */
	uint64_t incomplete; /* containers of which something was lost */
	uint64_t
		unrecorded; /* events that no story holds, and diagnoses that were not made, because there was no memory */
	struct log_budget_stats over; /* what bounded outputs did not get */
};
void pipeline_stats(const struct pipeline *p, struct pipeline_stats *out);

#endif
