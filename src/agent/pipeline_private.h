/* SPDX-License-Identifier: MIT */
/* The parts of the pipeline: pipeline.c has events in and records out, pipeline_look.c what is told of them. */
#ifndef KTRACE_AGENT_PIPELINE_PRIVATE_H
#define KTRACE_AGENT_PIPELINE_PRIVATE_H

#include "agent/case.h"
#include "agent/history.h"
#include "agent/outputs.h"
#include "agent/pipeline.h"

struct pipeline {
	struct pipeline_options options;
	char *missing;
	struct outputs outputs;
	struct container_case *cases; /* oldest first */
	size_t dead_bytes;            /* of the stories of the dead */
	size_t story_most;            /* bytes of all stories, beside the rest of the heap */
	size_t rest, rest_least;      /* of the heap, and in the seconds since that was set */
	unsigned rest_seconds;
	struct history *history;
	struct log_budgets *budgets;
	uint64_t now;      /* the whole second that was last ticked, 0: no event yet */
	uint64_t sequence; /* of the latest record */
	uint64_t events, diagnoses, unrecorded;
	uint64_t evicted;    /* events of stories that had to go while their containers lived */
	uint64_t late;       /* events of containers that had been diagnosed for the last time */
	uint64_t incomplete; /* containers of which something was lost */
	void (*losses)(void *ctx, const struct container *c, struct losses *out);
	void *losses_ctx;
};

/* Diagnoses a container as it is now, and tells what is new of it. */
void pipeline_look(struct pipeline *p, struct container_case *c, uint64_t now);
void pipeline_look_when_due(struct pipeline *p, struct container_case *c, uint64_t now);
/* Adds a healthy start to the memory. */
void pipeline_keep_healthy(struct pipeline *p, struct container_case *c, uint64_t now);

#endif
