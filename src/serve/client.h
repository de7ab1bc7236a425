/* SPDX-License-Identifier: MIT */
/* The other end of socket.h: asks a running agent and reads its lines. */
#ifndef KTRACE_SERVE_CLIENT_H
#define KTRACE_SERVE_CLIENT_H

#include <stddef.h>

struct client_connection;

struct client_request {
	const char *command; /* "live", "ps", "explain", "agent" */
	const char *events;  /* of live: "errors"; or NULL */
	const char *target;  /* of explain; or NULL */
};

/*
 * Connects and asks. 0; -ENOENT or -ECONNREFUSED when no agent serves that path, -EACCES when this user may not ask it;
 * or another negative errno.
 */
int client_open(
	const char *path, const struct client_request *request, struct client_connection **out);
void client_close(struct client_connection *c); /* NULL is fine */

int client_fd(const struct client_connection *c); /* to wait on */

/*
 * Reads what is there, or waits for it, when all lines were taken: the number of bytes, 0 at the end, or
 * a negative errno; -EMSGSIZE: a line has more than LINE_BYTES_MAX bytes, which no agent sends.
 */
long client_fill(struct client_connection *c);

/*
 * 1 with the next whole line without its newline, valid until the next client_fill(); 0 when there is none
 * yet; -EBADMSG: it holds control characters or broken UTF-8, which no agent sends. It is passed over then.
 */
int client_next(struct client_connection *c, const char **line, size_t *len);

#endif
