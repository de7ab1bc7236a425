/* SPDX-License-Identifier: MIT */
/* A question to the agent that has a finite answer. */
#ifndef KTRACE_CLI_ASK_H
#define KTRACE_CLI_ASK_H

#include <stddef.h>

#include "serve/client.h"
#include "util/strbuf.h"

/*
 * Calls `each` with every line of the answer, until it returns a negative errno (-EBADMSG: the line is
 * wrong). 0, or a negative errno after a message: no agent, no right to ask it, it refuses, or what it
 * says is wrong.
 */
int ask_agent(const char *socket, const struct client_request *request,
	int (*each)(void *ctx, const char *line, size_t len), void *ctx);

/* The same without the message, which is appended to why: somebody else may have the answer. */
int ask_agent_why(const char *socket, const struct client_request *request,
	int (*each)(void *ctx, const char *line, size_t len), void *ctx, struct strbuf *why);

/* Appends why client_open() failed at that socket, with the way out. */
void ask_describe_failure(struct strbuf *out, const char *socket, int err);

/* Says why client_open() failed at that socket, with the way out. */
void ask_failed(const char *socket, int err);

#endif
