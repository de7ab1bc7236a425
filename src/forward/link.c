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

#define MS 1000000ull
#define GREETING_NS (250 * MS)  /* in which a server that wants a key has said so */
#define QUESTION_NS (3000 * MS) /* whether it speaks TLS */
#define NO_NAME_SERVICE "has no address: the name service does not answer"
#define SPEAKS_TLS "speaks TLS: give --forward-ca PATH, or --forward-tls"
#define WANTS_CERTIFICATE \
	"wants a certificate of the client: give --forward-cert and --forward-cert-key"
#define KEEP_CAPACITY 65536 /* a buffer that is larger is given back once it is empty */

#define LINK_TEXT sizeof(((struct forward_stats *)0)->last_error_text)

struct link {
	struct link_options options;
	struct link_server *server;
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
	bool received;                /* the server said something */
	bool has_chunk, has_acked;    /* a chunk was sent, one was acknowledged */
	bool asks; /* it is connected to only to find out whether it speaks TLS */
	enum forward_error suspected; /* what is reported if it does not, and in which words */
	char suspicion[LINK_TEXT];
};

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

/* Always the last that somebody does with a connection. */
static void __attribute__((format(printf, 3, 4)))
fail(struct link *l, enum forward_error error, const char *fmt, ...)
{
	char text[LINK_TEXT];
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

static void start_dial(struct link *l);

/* A failure that is what comes of speaking to TLS without it, or something else: text says what else. */
static void suspect_tls(struct link *l, enum forward_error error, const char *text)
{
	if (l->tls || l->server->tls == LINK_TLS_NO) {
		fail(l, error, "%s", text);
		return;
	}
	if (l->server->tls == LINK_TLS_YES) {
		fail(l, FORWARD_ERROR_TLS_WANTED, SPEAKS_TLS);
		return;
	}
	link_close(l);
	l->asks = true;
	l->suspected = error;
	snprintf(l->suspicion, sizeof(l->suspicion), "%s", text);
	l->options.on_wait(l->options.ctx, QUESTION_NS);
	start_dial(l);
}

static void end_question(struct link *l, bool speaks_tls)
{
	l->server->tls = speaks_tls ? LINK_TLS_YES : LINK_TLS_NO;
	if (speaks_tls)
		fail(l, FORWARD_ERROR_TLS_WANTED, SPEAKS_TLS);
	else
		fail(l, l->suspected, "%s", l->suspicion);
}

static void fail_authenticating(struct link *l)
{
	/* Fluent Bit gives no other answer to a key that is not its own. */
	if (l->helo.kind == FORWARD_HELO)
		fail(l, FORWARD_ERROR_KEY,
			"closed the connection at the shared key: it must have another one");
	else if (l->options.secrets->key)
		suspect_tls(l, FORWARD_ERROR_HANDSHAKE, "closed the connection before its HELO");
	else
		fail(l, FORWARD_ERROR_HANDSHAKE, "closed the connection as soon as it was made");
}

static void fail_closed(struct link *l)
{
	if (l->asks)
		end_question(l, false);
	else if (l->state == FORWARD_SECURING)
		fail(l, FORWARD_ERROR_HANDSHAKE,
			"closed the connection during the TLS handshake: does it speak TLS?");
	else if (l->tls && !l->has_acked && tls_lacks_certificate(l->tls))
		fail(l, FORWARD_ERROR_CLIENT_CERTIFICATE, WANTS_CERTIFICATE);
	else if (l->state == FORWARD_AUTHENTICATING)
		fail_authenticating(l);
	else if (l->has_chunk && !l->has_acked && !l->received)
		suspect_tls(l, FORWARD_ERROR_CLOSED, "closed the connection");
	else
		fail(l, FORWARD_ERROR_CLOSED, "closed the connection");
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

static void transmit(struct link *l, const struct strbuf *message)
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

void link_send(struct link *l, const struct strbuf *message)
{
	l->has_chunk = true;
	transmit(l, message);
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
	const struct forward_secrets *secrets = l->options.secrets;
	const struct forward_claim claim = {
		.host = l->options.node,
		.salt = l->salt,
		.key = secrets->key,
		.user = secrets->user,
		.password = secrets->password,
	};

	if (!secrets->key) {
		fail(l, FORWARD_ERROR_KEY,
			"asks for a shared key: give it with --forward-shared-key-file");
		return;
	}
	l->helo = *helo;
	if (make_salt(l->salt) < 0 || forward_ping(&ping, &claim, helo) < 0)
		fail(l, FORWARD_ERROR_KEY, "could not be shown the shared key: out of resources");
	else
		transmit(l, &ping);
}

/* The protocol has no codes for it, only these words of Fluentd's, which the others took over. */
static void on_refusal(struct link *l, const char *reason)
{
	if (strcasestr(reason, "shared_key"))
		fail(l, FORWARD_ERROR_KEY, "refused the shared key: %s", reason);
	else if (!strcasestr(reason, "user") && !strcasestr(reason, "password"))
		fail(l, FORWARD_ERROR_REFUSED, "refused this client: %s", reason);
	else if (l->options.secrets->user)
		fail(l, FORWARD_ERROR_USER, "refused the user \"%s\" and the password: %s",
			l->options.secrets->user, reason);
	else
		fail(l, FORWARD_ERROR_USER,
			"asks for a user and a password: give them with --forward-user and "
			"--forward-password-file");
}

static void on_pong(struct link *l, const struct forward_reply *pong)
{
	if (!pong->accepted)
		on_refusal(l, pong->reason);
	else if (!forward_pong_is_genuine(pong, l->salt, &l->helo, l->options.secrets->key))
		fail(l, FORWARD_ERROR_KEY, "does not know the shared key");
	else
		become_ready(l);
}

static void on_ack(struct link *l, const char *chunk)
{
	l->has_acked = true;
	l->server->tls = l->tls ? LINK_TLS_YES : LINK_TLS_NO;
	l->options.on_ack(l->options.ctx, chunk);
}

static void on_reply(struct link *l, const struct forward_reply *reply)
{
	bool greeted = l->helo.kind == FORWARD_HELO;

	if (reply->kind == FORWARD_HELO && !greeted)
		on_helo(l, reply);
	else if (reply->kind == FORWARD_PONG && greeted && l->state == FORWARD_AUTHENTICATING)
		on_pong(l, reply);
	else if (reply->kind == FORWARD_ACK && l->state == FORWARD_READY)
		on_ack(l, reply->chunk);
	else
		fail(l, FORWARD_ERROR_PROTOCOL,
			"answered with what is no message of the Forward protocol");
}

static void read_replies(struct link *l)
{
	struct forward_reply reply;
	size_t used = 0;

	/* A handler may have closed the link: then the rest is nobody's. */
	while (is_open(l) && used < l->in.len) {
		long n = forward_reply(l->in.data + used, l->in.len - used, &reply);

		if (n < 0) {
			fail(l, FORWARD_ERROR_PROTOCOL, "answered with what is no msgpack");
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
	l->state = FORWARD_AUTHENTICATING;
	if (!l->options.secrets->key)
		l->options.on_wait(l->options.ctx, GREETING_NS);
}

static void fail_secured(struct link *l, int err)
{
	const char *why = tls_error(l->tls);

	if (err == -EKEYREJECTED)
		fail(l, FORWARD_ERROR_CERTIFICATE,
			"has a certificate that is not to be trusted: %s", why);
	else if (err == -ENOKEY)
		fail(l, FORWARD_ERROR_CLIENT_CERTIFICATE, WANTS_CERTIFICATE);
	else if (err == -EACCES)
		fail(l, FORWARD_ERROR_CLIENT_CERTIFICATE,
			"refused the certificate of --forward-cert: %s", why);
	else if (err == -EPROTONOSUPPORT)
		fail(l, FORWARD_ERROR_TLS,
			"does not speak TLS: turn it on there, or leave --forward-ca, "
			"--forward-cert and --forward-tls out");
	else
		fail(l, FORWARD_ERROR_TLS, "broke the TLS session: %s", why);
}

/* False: the link has failed. */
static bool take_secured(struct link *l, const char *data, size_t len)
{
	int status = tls_receive(l->tls, data, len, &l->in, &l->wire);

	if (l->wire.len > l->sent)
		send_some(l);
	if (status < 0) {
		fail_secured(l, status);
		return false;
	}
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
	bool is_tls = !l->received && tls_is_answer(piece, (size_t)n);
	l->received = true;
	if (l->asks || (!l->tls && is_tls)) {
		end_question(l, is_tls);
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

	if (events & EPOLLOUT) {
		send_some(l);
		if (l->state == FORWARD_READY && !link_backlog(l))
			l->options.on_room(l->options.ctx);
	}
	if (is_open(l) && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
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
		fail(l, FORWARD_ERROR_CONNECT, "cannot be spoken to: %s", strerror(-err));
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
		end_question(l, false);
	else
		fail(l, error, "%s", text);
}

static void start_dial(struct link *l)
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
		fail(l, FORWARD_ERROR_RESOLVE, NO_NAME_SERVICE);
	else if (err < 0)
		fail(l, FORWARD_ERROR_RESOLVE, "cannot be looked up: %s", strerror(-err));
}

void link_connect(struct link *l, struct link_server *server)
{
	l->server = server;
	start_dial(l);
}

/* What the kernel has not sent yet will come by another connection: here it would be stored a second time. */
static void discard_unsent(struct link *l)
{
	static const struct linger at_once = { .l_onoff = 1 };

	setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void fail_late(struct link *l)
{
	static const char *const what[FORWARD_STATES] = {
		[FORWARD_IDLE] = "does not answer",
		[FORWARD_RESOLVING] = NO_NAME_SERVICE,
		[FORWARD_CONNECTING] = "does not answer",
		[FORWARD_SECURING] = "does not answer to TLS: does it expect it?",
		[FORWARD_AUTHENTICATING] = "did not finish the handshake",
		[FORWARD_READY] = "did not acknowledge in time",
	};
	static const enum forward_error errors[FORWARD_STATES] = {
		[FORWARD_RESOLVING] = FORWARD_ERROR_RESOLVE,
		[FORWARD_READY] = FORWARD_ERROR_ACK,
	};
	enum forward_state state = link_state(l);

	if (state == FORWARD_READY)
		discard_unsent(l);
	fail(l, errors[state] ? errors[state] : FORWARD_ERROR_TIMEOUT, "%s", what[state]);
}

void link_time_out(struct link *l)
{
	if (l->asks)
		end_question(l, false);
	else if (l->state != FORWARD_AUTHENTICATING || l->helo.kind == FORWARD_HELO)
		fail_late(l);
	else if (!l->options.secrets->key)
		become_ready(l);
	else
		suspect_tls(l, FORWARD_ERROR_TIMEOUT,
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
