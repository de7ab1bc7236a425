// SPDX-License-Identifier: MIT
#include "forward/link.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "forward/dial.h"
#include "forward/message.h"
#include "util/cleanup.h"

#define NO_NAME_SERVICE "has no address: the name service does not answer"
#define KEEP_CAPACITY 65536 /* a buffer that is larger is given back once it is empty */

struct link {
	struct link_options options;
	const struct link_server *server;
	struct dial *dial; /* until fd is connected */
	int fd;
	struct loop_watch *watch;
	enum forward_state state; /* FORWARD_IDLE, or of fd, up to FORWARD_READY */
	uint32_t events;
	struct tls *tls;
	struct forward_reply helo;    /* kind FORWARD_HELO once it has come */
	char salt[FORWARD_SALT_SIZE]; /* ours */
	struct strbuf in;             /* received, without TLS */
	struct strbuf wire;           /* to be sent, with TLS */
	size_t sent;                  /* of wire */
};

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

void link_close(struct link *l)
{
	dial_free(take(l->dial));
	loop_remove(take(l->watch));
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	tls_free(take(l->tls));
	strbuf_free(&l->in);
	strbuf_free(&l->wire);
	l->sent = 0;
	l->state = FORWARD_IDLE;
}

void link_set_secrets(struct link *l, const char *key, struct tls_trust *trust)
{
	l->options.key = key;
	l->options.trust = trust;
	if (l->state != FORWARD_READY)
		link_close(l);
}

/* Always the last that somebody does with a connection. */
static void __attribute__((format(printf, 3, 4)))
fail(struct link *l, enum forward_error error, const char *fmt, ...)
{
	char text[sizeof(((struct forward_stats *)0)->last_error_text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	link_close(l);
	l->options.on_failure(l->options.ctx, error, text);
}

static bool is_open(const struct link *l)
{
	return l->state >= FORWARD_SECURING;
}

static void wait_for(struct link *l, uint32_t events)
{
	if (l->events != events && loop_modify(l->watch, events) == 0)
		l->events = events;
}

static void fail_closed(struct link *l)
{
	switch (l->state) {
	case FORWARD_SECURING:
		fail(l, FORWARD_ERROR_TLS,
			"closed the connection during the TLS handshake: does it expect TLS?");
		break;
	case FORWARD_AUTHENTICATING:
		/* Fluent Bit gives no other answer to a key that is not its own. */
		if (l->helo.kind == FORWARD_HELO)
			fail(l, FORWARD_ERROR_KEY,
				"closed the connection at the shared key: it must have another "
				"one");
		else
			fail(l, FORWARD_ERROR_CLOSED, "closed the connection without a HELO");
		break;
	default:
		fail(l, FORWARD_ERROR_CLOSED, "closed the connection");
	}
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

void link_send(struct link *l, const struct strbuf *message)
{
	int err = 0;

	if (l->tls)
		err = tls_send(l->tls, message->data, message->len, &l->wire);
	else
		strbuf_append(&l->wire, message->data, message->len);
	if (err == -EPROTO)
		fail(l, FORWARD_ERROR_TLS, "broke the TLS session: %s", tls_error(l->tls));
	else if (err < 0 || l->wire.failed)
		fail(l, FORWARD_ERROR_CLOSED, "could not be sent to: out of memory");
	else
		send_some(l);
}

static void become_ready(struct link *l)
{
	l->state = FORWARD_READY;
	l->options.on_ready(l->options.ctx);
}

/* As hex: servers close on a salt that is bin, or no valid text. */
static int make_salt(char out[FORWARD_SALT_SIZE])
{
	unsigned char random[FORWARD_SALT_SIZE / 2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EIO;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(out + 2 * i, 3, "%02x", random[i]);
	return 0;
}

static void on_helo(struct link *l, const struct forward_reply *helo)
{
	_cleanup_strbuf_ struct strbuf ping = STRBUF_INIT;

	if (!l->options.key) {
		fail(l, FORWARD_ERROR_KEY,
			"asks for a shared key: give it with --forward-shared-key-file");
		return;
	}
	if (helo->wants_user) {
		fail(l, FORWARD_ERROR_USER,
			"asks for a user and a password, which ktrace does not have: turn its "
			"user_auth off");
		return;
	}
	l->helo = *helo;
	if (make_salt(l->salt) < 0 ||
		forward_ping(&ping, l->options.node, l->salt, helo, l->options.key) < 0)
		fail(l, FORWARD_ERROR_KEY, "could not be shown the shared key: out of resources");
	else
		link_send(l, &ping);
}

static void on_pong(struct link *l, const struct forward_reply *pong)
{
	if (!pong->accepted)
		fail(l, FORWARD_ERROR_KEY, "refused the shared key: %s", pong->reason);
	else if (!forward_pong_is_genuine(pong, l->salt, &l->helo, l->options.key))
		fail(l, FORWARD_ERROR_KEY, "does not know the shared key");
	else
		become_ready(l);
}

static void on_reply(struct link *l, const struct forward_reply *reply)
{
	bool greeted = l->helo.kind == FORWARD_HELO;

	if (reply->kind == FORWARD_HELO && !greeted)
		on_helo(l, reply);
	else if (reply->kind == FORWARD_PONG && greeted && l->state == FORWARD_AUTHENTICATING)
		on_pong(l, reply);
	else if (reply->kind == FORWARD_ACK && l->state == FORWARD_READY)
		l->options.on_ack(l->options.ctx, reply->chunk);
	else
		fail(l, FORWARD_ERROR_PROTOCOL,
			"answered with what is no message of the Forward protocol%s",
			l->tls ? "" : ": does it expect TLS?");
}

static void read_replies(struct link *l)
{
	struct forward_reply reply;
	size_t used = 0;

	/* A handler may have closed the link: then the rest is nobody's. */
	while (is_open(l) && used < l->in.len) {
		long n = forward_reply(l->in.data + used, l->in.len - used, &reply);

		if (n < 0) {
			fail(l, FORWARD_ERROR_PROTOCOL, "answered with what is no msgpack%s",
				l->tls ? "" : ": does it expect TLS?");
			return;
		}
		if (n == 0)
			break;
		used += (size_t)n;
		on_reply(l, &reply);
	}
	if (!is_open(l) || !used)
		return;
	memmove(l->in.data, l->in.data + used, l->in.len - used);
	l->in.len -= used;
}

static void start_session(struct link *l)
{
	if (!l->options.key) {
		become_ready(l);
		return;
	}
	l->state = FORWARD_AUTHENTICATING;
}

/* False: the link has failed. */
static bool take_secured(struct link *l, const char *data, size_t len)
{
	int status = tls_receive(l->tls, data, len, &l->in, &l->wire);

	if (l->wire.len > l->sent)
		send_some(l);
	if (status == -EKEYREJECTED)
		fail(l, FORWARD_ERROR_CERTIFICATE,
			"has a certificate that is not to be trusted: %s", tls_error(l->tls));
	else if (status == -EPROTONOSUPPORT)
		fail(l, FORWARD_ERROR_TLS,
			"does not speak TLS: turn it on there, or leave --forward-ca and "
			"--forward-tls out");
	else if (status < 0)
		fail(l, FORWARD_ERROR_TLS, "broke the TLS session: %s", tls_error(l->tls));
	if (status < 0)
		return false;
	if (l->state == FORWARD_SECURING && tls_is_ready(l->tls))
		start_session(l);
	if (status == 1 && is_open(l)) {
		read_replies(l);
		if (is_open(l))
			fail_closed(l);
		return false;
	}
	return is_open(l);
}

static void receive(struct link *l)
{
	char piece[16384];
	ssize_t n = recv(l->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fail_closed(l);
		return;
	}
	if (!l->tls)
		strbuf_append(&l->in, piece, (size_t)n);
	else if (!take_secured(l, piece, (size_t)n))
		return;
	read_replies(l);
}

static void on_socket(void *ctx, uint32_t events)
{
	struct link *l = ctx;

	if (events & EPOLLOUT)
		send_some(l);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(l);
}

static void on_connected(void *ctx, int fd)
{
	struct link *l = ctx;

	dial_free(take(l->dial));
	l->fd = fd;
	l->events = EPOLLIN;
	int err = loop_add_fd(l->options.loop, fd, EPOLLIN, on_socket, l, &l->watch);
	if (err == 0 && l->options.trust)
		err = tls_new(l->options.trust, l->server->host, &l->tls);
	if (err < 0) {
		fail(l, FORWARD_ERROR_CONNECT, "cannot be spoken to: %s", strerror(-err));
	} else if (l->tls) {
		l->state = FORWARD_SECURING;
		take_secured(l, NULL, 0);
	} else {
		start_session(l);
	}
}

static void on_unreachable(void *ctx, enum forward_error error, const char *text)
{
	fail(ctx, error, "%s", text);
}

void link_connect(struct link *l, const struct link_server *server)
{
	struct dial_options dial = {
		.loop = l->options.loop,
		.host = server->host,
		.port = server->port,
		.on_connected = on_connected,
		.on_failure = on_unreachable,
		.ctx = l,
	};

	l->server = server;
	l->helo = (struct forward_reply){ .kind = FORWARD_OTHER, .keepalive = true };
	int err = dial_start(&dial, &l->dial);
	if (err == -EBUSY)
		fail(l, FORWARD_ERROR_RESOLVE, NO_NAME_SERVICE);
	else if (err < 0)
		fail(l, FORWARD_ERROR_RESOLVE, "cannot be looked up: %s", strerror(-err));
}

void link_time_out(struct link *l)
{
	static const char *const what[FORWARD_STATES] = {
		[FORWARD_IDLE] = "does not answer",
		[FORWARD_RESOLVING] = NO_NAME_SERVICE,
		[FORWARD_CONNECTING] = "does not answer",
		[FORWARD_SECURING] = "does not answer to TLS: does it expect it?",
		[FORWARD_AUTHENTICATING] =
			"did not finish the handshake: does it have a shared key?",
		[FORWARD_READY] = "did not acknowledge in time",
	};
	static const enum forward_error errors[FORWARD_STATES] = {
		[FORWARD_RESOLVING] = FORWARD_ERROR_RESOLVE,
		[FORWARD_READY] = FORWARD_ERROR_ACK,
	};
	enum forward_state state = link_state(l);

	fail(l, errors[state] ? errors[state] : FORWARD_ERROR_TIMEOUT, "%s", what[state]);
}

enum forward_state link_state(const struct link *l)
{
	return l->dial ? dial_state(l->dial) : l->state;
}

bool link_keepalive(const struct link *l)
{
	return l->helo.keepalive;
}
