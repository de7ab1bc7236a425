/* SPDX-License-Identifier: MIT */
/*
 * The way to one Forward server, from its name to the acknowledgement of a chunk. What happens is
 * told by three functions; they may do anything but free the link. Nothing blocks, and nothing here
 * knows the time: whoever waited long enough calls link_time_out().
 */
#ifndef KTRACE_FORWARD_LINK_H
#define KTRACE_FORWARD_LINK_H

#include "forward/forward.h"
#include "forward/tls.h"

struct link_server {
	char *host, *port;
	char *name;                  /* for messages */
	enum forward_error reported; /* for the caller: the trouble that the log knows of */
};

struct link_options {
	struct loop *loop;
	const char *node;
	const char *key;         /* NULL: no handshake */
	struct tls_trust *trust; /* NULL: no TLS */
	void (*on_ready)(void *ctx);
	void (*on_ack)(void *ctx, const char *chunk);
	/* The link is closed by then. text goes on after the server's name: "refused the shared key" */
	void (*on_failure)(void *ctx, enum forward_error error, const char *text);
	void *ctx;
};

struct link;

int link_new(const struct link_options *options,
	struct link **out);     /* borrows what it holds. 0 or -ENOMEM */
void link_free(struct link *l); /* NULL is fine */

/* A closed one; borrows server. */
void link_connect(struct link *l, const struct link_server *server);
void link_send(struct link *l, const struct strbuf *message); /* a ready one */
void link_close(struct link *l);                              /* tells nobody */
/* For the connections to come, both borrowed. One that is up stays; one on its way there is closed. */
void link_set_secrets(struct link *l, const char *key, struct tls_trust *trust);
void link_time_out(struct link *l); /* a failure that names what it waited for */

enum forward_state link_state(const struct link *l); /* FORWARD_IDLE is closed */
bool link_keepalive(const struct link *l); /* false: the server wants a connection for each chunk */

#endif
