// SPDX-License-Identifier: MIT
#include "forward/link_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "forward/dial.h"
#include "util/cleanup.h"

#define MS 1000000ull
#define GREETING_NS (500 * MS) /* in which a server that wants a key has said so */
#define KEEP_CAPACITY 65536    /* a buffer that is larger is given back once it is empty */

/* A message of TLS that is good for nothing but an answer in TLS: a ClientHello that holds nothing. */
static const char empty_hello[] = { 0x16, 3, 1, 0, 4, 1, 0, 0, 0 };

int link_new(const struct link_options *options, struct link **out)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->options = *options;
	l->fd = -1;
	*out = l;
	return 0;
}

void link_free(struct link *l)
{
	if (!l)
		return;
	link_close(l);
	free(l);
}

/* A session of TLS that ends without a word looks like an attack, and is logged as one. */
static void say_goodbye(struct link *l)
{
	if (!l->tls)
		return;
	tls_end(l->tls, &l->wire);
	if (l->wire.len > l->sent)
		send(l->fd, l->wire.data + l->sent, l->wire.len - l->sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);
}

void link_close(struct link *l)
{
	say_goodbye(l);
	dial_free(take(l->dial));
	loop_remove(take(l->watch));
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	tls_free(take(l->tls));
	strbuf_free(&l->in);
	strbuf_free(&l->wire);
	l->sent = 0;
	l->received = l->has_chunk = l->has_acked = l->asks = false;
	l->state = FORWARD_IDLE;
}

void link_restart(struct link *l)
{
	if (l->state != FORWARD_READY)
		link_close(l);
}

bool link_is_open(const struct link *l)
{
	return l->state >= FORWARD_SECURING;
}

static void wait_for(struct link *l, uint32_t events)
{
	if (l->events != events && loop_modify(l->watch, events) == 0)
		l->events = events;
}

static void send_some(struct link *l)
{
	while (l->sent < l->wire.len) {
		ssize_t n = send(l->fd, l->wire.data + l->sent, l->wire.len - l->sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			wait_for(l, EPOLLIN | EPOLLOUT);
			return;
		}
		/* What the server said before it hung up is read first: it may say why. */
		if (n < 0) {
			wait_for(l, EPOLLIN);
			return;
		}
		l->sent += (size_t)n;
	}
	if (l->wire.capacity > KEEP_CAPACITY)
		strbuf_free(&l->wire);
	strbuf_reset(&l->wire);
	l->sent = 0;
	wait_for(l, EPOLLIN);
}

void link_transmit(struct link *l, const struct strbuf *message)
{
	int err = 0;

	if (l->tls)
		err = tls_send(l->tls, message->data, message->len, &l->wire);
	else
		strbuf_append(&l->wire, message->data, message->len);
	if (err == -EPROTO)
		link_fail(l, FORWARD_ERROR_TLS, "broke the TLS session: %s", tls_error(l->tls));
	else if (err < 0 || l->wire.failed)
		link_fail(l, FORWARD_ERROR_CLOSED, "could not be sent to: out of memory");
	else
		send_some(l);
}

void link_send(struct link *l, const struct strbuf *message)
{
	l->has_chunk = true;
	link_transmit(l, message);
}

void link_become_ready(struct link *l)
{
	l->state = FORWARD_READY;
	l->options.on_ready(l->options.ctx);
}

static void start_session(struct link *l)
{
	l->state = FORWARD_AUTHENTICATING;
	if (!l->options.secrets->key)
		l->options.on_wait(l->options.ctx, GREETING_NS);
}

/* False: the link has failed. */
static bool take_secured(struct link *l, const char *data, size_t len)
{
	int status = tls_receive(l->tls, data, len, &l->in, &l->wire);

	if (l->wire.len > l->sent)
		send_some(l);
	if (status < 0) {
		link_fail_secured(l, status);
		return false;
	}
	if (l->state == FORWARD_SECURING && tls_is_ready(l->tls))
		start_session(l);
	if (status == 1 && link_is_open(l)) {
		link_read_replies(l);
		if (link_is_open(l))
			link_fail_closed(l);
		return false;
	}
	return link_is_open(l);
}

static void receive(struct link *l)
{
	char piece[16384];
	ssize_t n = recv(l->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		link_fail_closed(l);
		return;
	}
	bool is_tls = !l->received && tls_is_answer(piece, (size_t)n);
	l->received = true;
	if (l->asks || (!l->tls && is_tls)) {
		link_end_question(l, is_tls);
		return;
	}
	if (!l->tls)
		strbuf_append(&l->in, piece, (size_t)n);
	else if (!take_secured(l, piece, (size_t)n))
		return;
	link_read_replies(l);
}

static void on_socket(void *ctx, uint32_t events)
{
	struct link *l = ctx;

	if (events & EPOLLOUT) {
		send_some(l);
		if (l->state == FORWARD_READY && !link_backlog(l))
			l->options.on_room(l->options.ctx);
	}
	if (link_is_open(l) && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(l);
}

static void on_connected(void *ctx, int fd)
{
	struct link *l = ctx;

	dial_free(take(l->dial));
	l->fd = fd;
	l->events = EPOLLIN;
	int err = loop_add_fd(l->options.loop, fd, EPOLLIN, on_socket, l, &l->watch);
	if (err == 0 && l->options.secrets->trust && !l->asks)
		err = tls_new(l->options.secrets->trust, l->server->host, &l->tls);
	if (err < 0) {
		link_fail(l, FORWARD_ERROR_CONNECT, "cannot be spoken to: %s", strerror(-err));
	} else if (l->asks) {
		l->state = FORWARD_SECURING;
		strbuf_append(&l->wire, empty_hello, sizeof(empty_hello));
		send_some(l);
	} else if (l->tls) {
		l->state = FORWARD_SECURING;
		take_secured(l, NULL, 0);
	} else {
		start_session(l);
	}
}

static void on_unreachable(void *ctx, enum forward_error error, const char *text)
{
	struct link *l = ctx;

	if (l->asks)
		link_end_question(l, false);
	else
		link_fail(l, error, "%s", text);
}

void link_dial(struct link *l)
{
	struct dial_options options = {
		.loop = l->options.loop,
		.host = l->server->host,
		.port = l->server->port,
		.on_connected = on_connected,
		.on_failure = on_unreachable,
		.ctx = l,
	};

	l->helo = (struct forward_reply){ .kind = FORWARD_OTHER, .keepalive = true };
	int err = dial_start(&options, &l->dial);
	if (err == -EBUSY)
		link_fail(l, FORWARD_ERROR_RESOLVE, NO_NAME_SERVICE);
	else if (err < 0)
		link_fail(l, FORWARD_ERROR_RESOLVE, "cannot be looked up: %s", strerror(-err));
}

void link_connect(struct link *l, struct link_server *server)
{
	l->server = server;
	link_dial(l);
}

void link_time_out(struct link *l)
{
	if (l->asks)
		link_end_question(l, false);
	else if (l->state != FORWARD_AUTHENTICATING || l->helo.kind == FORWARD_HELO)
		link_fail_late(l);
	else if (!l->options.secrets->key)
		link_become_ready(l);
	else
		link_suspect_tls(l, FORWARD_ERROR_TIMEOUT,
			"did not finish the handshake: does it have a shared key?");
}

enum forward_state link_state(const struct link *l)
{
	return l->dial ? dial_state(l->dial) : l->state;
}

size_t link_backlog(const struct link *l)
{
	return l->wire.len - l->sent;
}

bool link_keepalive(const struct link *l)
{
	return l->helo.keepalive;
}
