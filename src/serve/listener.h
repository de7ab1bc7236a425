/* SPDX-License-Identifier: MIT */
/* A Unix socket that is listened on: its file, and who may connect to it. */
#ifndef KTRACE_SERVE_LISTENER_H
#define KTRACE_SERVE_LISTENER_H

#include "serve/peer.h"
#include "util/loop.h"

struct listener;

struct listener_options {
	const char *path;
	const gid_t
		*group;    /* its members may connect too (peer.h); NULL: only root may; borrowed */
	struct loop *loop; /* borrowed; must outlive the listener */
	void (*connected)(void *ctx, int fd); /* a peer that may ask; takes over fd */
	void *ctx;
};

/*
 * Listens, with mode 0660 and the group; a socket that nobody serves any more is replaced. 0, -ENAMETOOLONG,
 * -EADDRINUSE: another agent serves it; -EEXIST: the path is no socket; -EPERM: this process may not give it
 * that group; or another negative errno.
 */
int listener_new(const struct listener_options *options, struct listener **out);
void listener_free(struct listener *l); /* removes the socket; NULL is fine */

/* To be called now and then: listens again when no descriptor was left. Cheap. */
void listener_retry(struct listener *l);

/* One line of JSON that says why (nothing in it to escape), then the end. Closes fd. */
void listener_reject(int fd, const char *why);

#endif
