/* SPDX-License-Identifier: MIT */
/* Where an agent's records go: each output of its options, opened and added to the pipeline. */
#ifndef KTRACE_CLI_AGENT_OUTPUTS_H
#define KTRACE_CLI_AGENT_OUTPUTS_H

#include <sys/types.h>

#include "agent/pipeline.h"
#include "cli/agent_options.h"
#include "util/loop.h"

struct agent_outputs {
	/* what they are made with, borrowed */
	const struct agent_options *options;
	const char *node;
	struct loop *loop;
	struct pipeline *pipeline;
	/* of questions at the socket, with ctx: as socket_options has it */
	int (*answer)(void *ctx, const char *command, const char *target, struct strbuf *out);
	void *ctx;

	/* the pipeline's */
	const struct output *log, *store;
	uint64_t
		watched_until; /* as the log had it when it was opened: its latest record; 0: none */
	const struct output *socket; /* NULL: off */
	struct output *forward;      /* NULL: off */
	struct output *otlp;         /* NULL: off */
	char *otlp_buffer;           /* its directory, owned */
	struct output *events;       /* --kubernetes-events; NULL: off */
	gid_t socket_group;
};

/* 0, or a negative errno after a message: -EINVAL for an option that cannot be. */
int agent_outputs_open(struct agent_outputs *a);

void agent_outputs_set_level(
	struct agent_outputs *a, enum level level);  /* of those that --events is for */
void agent_outputs_release(struct agent_outputs *a); /* after the pipeline is gone */

/* Sends what is left, by running the loop, for ns nanoseconds at most. */
void agent_outputs_finish(struct agent_outputs *a, uint64_t ns);

#endif
