/* SPDX-License-Identifier: MIT */
/*
 * The agent's Unix socket. A client sends one line of JSON, and gets lines of JSON (ndjson.h) back:
 *
 *	{"command":"live","events":"errors"}     each record from now on, until somebody hangs up
 *	{"command":"ps"}                         one line for each container, then the end
 *	{"command":"explain","target":"ns/pod"}  the records of these containers, then the end
 *	{"command":"agent"}                      one line about itself (agent/answers.h), then the end
 *
 * An unknown command is answered with {"error":"..."}. Nothing here ever blocks: 8 MiB may wait for all
 * clients of `live` together; beyond that the one that most waits for is cut off, and what it missed is
 * counted (`lost`). Who never asks, or does not take its answer, goes when there is no room for another.
 */
#ifndef KTRACE_SERVE_SOCKET_H
#define KTRACE_SERVE_SOCKET_H

#include <sys/types.h>

#include "record/record.h"
#include "util/loop.h"
#include "util/strbuf.h"

struct socket_options {
	const char *path;
	const gid_t *group; /* its members may ask too (peer.h); NULL: only root may; borrowed */
	size_t backlog_max; /* bytes that may wait for all clients of `live`; 0: 8 MiB */
	struct loop *loop;  /* borrowed; must outlive the output */
	/* Appends the answer to `ps`, `explain` or `agent`; target is "" where there is none. 0 or a negative errno. */
	int (*answer)(void *ctx, const char *command, const char *target, struct strbuf *out);
	void *ctx;
};

/* Listens: errors are those of listener_new(). 0 with *out, to be freed with (*out)->ops->free(*out). */
int socket_new(const struct socket_options *options, struct output **out);

#endif
