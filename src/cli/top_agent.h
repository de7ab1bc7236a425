/* SPDX-License-Identifier: MIT */
/* Asks the agent what it knows, again and again, and never waits for it: it may be restarted, or be slow. */
#ifndef KTRACE_CLI_TOP_AGENT_H
#define KTRACE_CLI_TOP_AGENT_H

#include "cli/top_list.h"
#include "serve/client.h"

struct top_agent {
	const char *socket;
	uint64_t interval;                /* nanoseconds between two questions */
	struct client_connection *client; /* NULL: no question is open */
	uint64_t asked, next;             /* monotonic nanoseconds */
	bool answered;                    /* the latest question was */
	struct strbuf why;                /* why it was not */
};

void top_agent_free(struct top_agent *a);

int top_agent_fd(const struct top_agent *a);       /* to wait on; -1: none */
uint64_t top_agent_due(const struct top_agent *a); /* when top_agent_tick() is due */
/* Asks when it is time to, gives up on an answer that does not come. True when what the screen says changed. */
bool top_agent_tick(struct top_agent *a, struct top_list *list, uint64_t now);
/* Reads what has come. True when an answer is whole, or failed. */
bool top_agent_read(struct top_agent *a, struct top_list *list);

#endif
