/* SPDX-License-Identifier: MIT */
/* From the name of a server to a socket that is connected to it: each of its addresses is tried. */
#ifndef KTRACE_FORWARD_DIAL_H
#define KTRACE_FORWARD_DIAL_H

#include "forward/forward.h"

struct dial;

struct dial_options {
	struct loop *loop;
	const char *host, *port;
	/* One of the two, once, and never within dial_start(); the dial is to be freed then. */
	void (*on_connected)(void *ctx, int fd); /* fd becomes the callee's */
	void (*on_failure)(void *ctx, enum forward_error error, const char *text);
	void *ctx;
};

int dial_start(const struct dial_options *options, struct dial **out); /* 0 or a negative errno */
void dial_free(struct dial *d); /* at any time; NULL is fine */

enum forward_state dial_state(const struct dial *d); /* FORWARD_RESOLVING or FORWARD_CONNECTING */

#endif
