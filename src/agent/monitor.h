/* SPDX-License-Identifier: MIT */
/*
 * What the agent reports of itself over HTTP: /metrics; /healthz, whether an event of its own came from
 * the kernel through to the log in the last 30 seconds; /readyz, whether all probes are attached. The latter two
 * by a thread that waits for nothing else.
 */
#ifndef KTRACE_AGENT_MONITOR_H
#define KTRACE_AGENT_MONITOR_H

#include "agent/pipeline.h"
#include "agent/source.h"
#include "util/loop.h"

struct monitor_options {
	const char *listen;        /* "127.0.0.1:9435" */
	struct loop *loop;         /* borrowed, as all here */
	struct pipeline *pipeline; /* gets an output more, which counts */
	const struct output *log;
	const struct output *socket;  /* NULL: off */
	const struct output *forward; /* of forward_new(); NULL: nothing is forwarded */
	const struct output *otlp;    /* of --otlp; NULL: off */
	const struct output *events;  /* of --kubernetes-events; NULL: off */
};

struct monitor;

/*
 * Listens, with a thread that takes its share of a processor (schedule_by_deadline()) and gives up all rights: so before the caller
 * gives up its own. 0, or a negative errno after a message on stderr that names the cause and the way out.
 */
int monitor_new(const struct monitor_options *options, struct monitor **out);
/* When the loop does not run any more, and before the source is closed. NULL is fine. */
void monitor_free(struct monitor *m);

/*
 * Starts the heartbeat, and lets requests be answered. Before the loop runs. 0 or a negative errno.
 */
int monitor_start(struct monitor *m, struct source *s);

#endif
