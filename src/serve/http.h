/* SPDX-License-Identifier: MIT */
/*
 * A small HTTP server inside a loop (libmicrohttpd, without a thread of its own): a few pages, GET
 * only, all else 404 or 405. Nothing here blocks; connections are bounded in number, memory and time,
 * so that a few hundred idle ones change nothing for the agent. That loop may be a thread's own: pages that
 * need what another loop's thread works on are made by that one, while the connection waits.
 */
#ifndef KTRACE_SERVE_HTTP_H
#define KTRACE_SERVE_HTTP_H

#include <sys/socket.h>

#include "util/loop.h"
#include "util/strbuf.h"

struct http_reply {
	unsigned status;          /* 200 */
	const char *content_type; /* static */
	struct strbuf body;
};

struct http_page {
	const char *path; /* "/metrics" */
	/* Fills in *reply, which is an empty text of status 200; accept is the request's header or "". */
	void (*answer)(void *ctx, const char *accept, struct http_reply *reply);
	bool at_home; /* called from options' home */
};

struct http_options {
	const char *listen;            /* "127.0.0.1:9435", "[::]:9435"; ":9435" is 0.0.0.0 */
	struct loop *loop;             /* borrowed, as home; both must outlive the server */
	struct loop *home;             /* NULL where no page needs it */
	const struct http_page *pages; /* end with one without a path; borrowed */
	void *ctx;
};

struct http;

/* The numeric address and port of such a text, without asking a name service. 0, -EINVAL or -ENOMEM. */
int http_address(const char *listen, struct sockaddr_storage *out, socklen_t *len);
/* A socket that listens there, or a negative errno. */
int http_listen(const char *listen_at);

/*
 * Listens; requests are answered while the loop runs. 0; -EINVAL: `listen` is no numeric address and
 * port; -EADDRINUSE and other negative errnos as bind(2) has them.
 */
int http_new(const struct http_options *options, struct http **out);
/* Cuts connections. When the loops do not run any more, and before they are freed. NULL is fine. */
void http_free(struct http *h);

#endif
