// SPDX-License-Identifier: MIT
#include "forward/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "forward/resolve.h"
#include "util/cleanup.h"

struct dial {
	struct dial_options options;
	struct resolve *resolve; /* NULL once the addresses are there */
	struct addrinfo *addresses, *next;
	int fd;
	struct loop_watch *watch; /* of the look-up, then of fd */
};

static void close_socket(struct dial *d)
{
	loop_remove(take(d->watch));
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

void dial_free(struct dial *d)
{
	if (!d)
		return;
	close_socket(d);
	resolve_free(d->resolve);
	if (d->addresses)
		freeaddrinfo(d->addresses);
	free(d);
}

static void try_next(struct dial *d, int err);

static void on_socket(void *ctx, uint32_t events)
{
	struct dial *d = ctx;
	socklen_t len = sizeof(int);
	int err = 0;

	(void)events;
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err) {
		try_next(d, err);
		return;
	}
	int fd = d->fd;
	loop_remove(take(d->watch));
	d->fd = -1;
	d->options.on_connected(d->options.ctx, fd);
}

/* 0 or a positive errno. */
static int start_connect(struct dial *d, const struct addrinfo *a)
{
	static const int on = 1;

	d->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
	if (d->fd < 0)
		return errno;
	/* A chunk is written at once and then waited for; a server that is cut off shows in time. */
	setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(d->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (connect(d->fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS)
		return errno;
	return -loop_add_fd(d->options.loop, d->fd, EPOLLOUT, on_socket, d, &d->watch);
}

static void try_next(struct dial *d, int err)
{
	char text[128];

	while (d->next) {
		struct addrinfo *a = d->next;

		close_socket(d);
		d->next = a->ai_next;
		err = start_connect(d, a);
		if (!err)
			return;
	}
	snprintf(text, sizeof(text), "cannot be reached: %s", strerror(err));
	d->options.on_failure(d->options.ctx, FORWARD_ERROR_CONNECT, text);
}

static void on_resolved(void *ctx, uint32_t events)
{
	struct dial *d = ctx;
	char text[128];

	(void)events;
	int status = resolve_answer(d->resolve, &d->addresses);
	loop_remove(take(d->watch));
	resolve_free(take(d->resolve));
	if (status) {
		snprintf(text, sizeof(text), "has no address: %s", gai_strerror(status));
		d->options.on_failure(d->options.ctx, FORWARD_ERROR_RESOLVE, text);
		return;
	}
	d->next = d->addresses;
	try_next(d, EADDRNOTAVAIL);
}

int dial_start(const struct dial_options *options, struct dial **out)
{
	struct dial *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->options = *options;
	d->fd = -1;
	int err = resolve_start(options->host, options->port, &d->resolve);
	if (err == 0)
		err = loop_add_fd(
			options->loop, resolve_fd(d->resolve), EPOLLIN, on_resolved, d, &d->watch);
	if (err < 0) {
		dial_free(d);
		return err;
	}
	*out = d;
	return 0;
}

enum forward_state dial_state(const struct dial *d)
{
	return d->resolve ? FORWARD_RESOLVING : FORWARD_CONNECTING;
}
