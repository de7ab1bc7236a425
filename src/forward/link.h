/* SPDX-License-Identifier: MIT */
/*
 * The way to one Forward server, from its name to the acknowledgement of a chunk. What happens is
 * notified by callbacks; they may do anything but free the link. Nothing blocks, and nothing here knows the
 * time: whoever waited long enough calls link_time_out().
 *
 * A server without a handshake says nothing until it has a chunk to acknowledge, and one that wants a key
 * says so at once; so a connection is ready when it has been quiet for a moment. One that hangs up on plain
 * data without a word may expect TLS: it is asked with a message of TLS, once, so that the log need not guess.
 */
#ifndef KTRACE_FORWARD_LINK_H
#define KTRACE_FORWARD_LINK_H

#include "forward/secrets.h"

struct link_server {
	char *host, *port;
	char *name;                  /* for messages */
	enum forward_error reported; /* for the caller: the trouble that the log knows of */
	enum link_tls {
		LINK_TLS_UNKNOWN,
		LINK_TLS_NO,
		LINK_TLS_YES
	} tls; /* whether it speaks it */
};

struct link_options {
	struct loop *loop;
	const char *node;
	const struct forward_secrets *secrets; /* as they are when they are needed */
	/* What it does now may take that long, instead of what was said before: link_time_out() then. */
	void (*on_wait)(void *ctx, uint64_t ns);
	void (*on_ready)(void *ctx);
	void (*on_room)(void *ctx); /* all that was sent is with the kernel, after it was not */
	void (*on_ack)(void *ctx, const char *chunk);
	/* The link is closed by then. text goes on after the server's name: "refused the shared key" */
	void (*on_failure)(void *ctx, enum forward_error error, const char *text);
	void *ctx;
};

struct link;

int link_new(const struct link_options *options,
	struct link **out);     /* borrows what it holds. 0 or -ENOMEM */
void link_free(struct link *l); /* NULL is fine */

/* A closed one; borrows server, and notes there what it learns. */
void link_connect(struct link *l, struct link_server *server);
void link_send(struct link *l, const struct strbuf *message); /* a ready one */
void link_close(struct link *l);                              /* notifies only the server */
/* The secrets have changed: a connection that is up stays, one on its way there is closed. */
void link_restart(struct link *l);
void link_time_out(
	struct link *l); /* a failure that names what it waited for, unless all is well then */

enum forward_state link_state(const struct link *l); /* FORWARD_IDLE is closed */
size_t link_backlog(const struct link *l);           /* bytes that the kernel has not taken yet */
bool link_keepalive(const struct link *l); /* false: the server wants a connection for each chunk */

#endif
