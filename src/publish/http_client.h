/* SPDX-License-Identifier: MIT */
/*
 * One HTTP request at a time to one server, over a connection that stays: libcurl, driven by the agent's loop. Nothing
 * blocks: names are looked up in a thread of libcurl's. What comes back is bounded, and nothing in it is believed.
 */
#ifndef KTRACE_PUBLISH_HTTP_CLIENT_H
#define KTRACE_PUBLISH_HTTP_CLIENT_H

#include "util/loop.h"
#include "util/strbuf.h"

#define HTTP_ANSWER_MAX (64 * 1024) /* bytes of a body that are kept */

struct http_request {
	const char *method;         /* "POST" */
	const char *url;            /* http: or https: */
	const char *const *headers; /* "Name: value"; ends with NULL */
	const struct strbuf *body;  /* may be freed at once */
};

/* What became of a request, as far as it decides what is done next. */
enum http_outcome {
	HTTP_DONE,         /* 2xx */
	HTTP_UNREACHABLE,  /* no connection, no address, or it broke */
	HTTP_TIMEOUT,      /* no answer in time */
	HTTP_UNTRUSTED,    /* TLS failed, or the certificate is not to be trusted */
	HTTP_UNAUTHORIZED, /* 401 */
	HTTP_FORBIDDEN,    /* 403 */
	HTTP_THROTTLED,    /* 429 */
	HTTP_SERVER_ERROR, /* 5xx */
	HTTP_REJECTED,     /* any other status */
	HTTP_OUTCOMES
};
const char *http_outcome_name(enum http_outcome outcome); /* for labels: "server_error" */

struct http_answer {
	enum http_outcome outcome;
	long status;          /* 0: none came */
	const char *why;      /* of what came without a status: in libcurl's words */
	uint64_t retry_after; /* nanoseconds that the server asks to wait; 0: it does not say */
	const char *body;     /* NUL-terminated, any bytes */
	size_t len;
};

struct http_client_options {
	struct loop *loop;   /* borrowed; must outlive the client */
	const char *ca_file; /* whom to trust (PEM), borrowed; NULL: the system's authorities */
	uint64_t timeout_ms; /* of a request; 0: 30 seconds */
	/* The answer to a request, borrowed until it returns; it may send the next one. */
	void (*on_answer)(void *ctx, const struct http_answer *answer);
	void *ctx;
};

struct http_client;

/* 0, -ENOMEM, or -ELIBACC where libcurl is missing, which is logged. */
int http_client_new(const struct http_client_options *options, struct http_client **out);
void http_client_free(struct http_client *c); /* NULL is fine; what is under way is dropped */

bool http_client_is_busy(const struct http_client *c);
/* None may be under way. 0: on_answer() comes later; or -ENOMEM. */
int http_client_send(struct http_client *c, const struct http_request *request);

/* "cannot be reached: Connection refused", "answered 403 (...)": goes on after the server's name, with the start of the body. */
void http_answer_text(struct strbuf *out, const struct http_answer *answer);

#endif
