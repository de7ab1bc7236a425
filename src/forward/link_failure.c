// SPDX-License-Identifier: MIT
#include "forward/link_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#define MS 1000000ull
#define QUESTION_NS (3000 * MS) /* whether it speaks TLS */
#define SPEAKS_TLS "speaks TLS: give --forward-ca PATH, or --forward-tls"
#define WANTS_CERTIFICATE \
	"wants a certificate of the client: give --forward-cert and --forward-cert-key"

/* Always the last that somebody does with a connection. */
void __attribute__((format(printf, 3, 4)))
link_fail(struct link *l, enum forward_error error, const char *fmt, ...)
{
	char text[LINK_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	link_close(l);
	l->options.on_failure(l->options.ctx, error, text);
}

/* A failure that is what comes of speaking to TLS without it, or something else: text says what else. */
void link_suspect_tls(struct link *l, enum forward_error error, const char *text)
{
	if (l->tls || l->server->tls == LINK_TLS_NO) {
		link_fail(l, error, "%s", text);
		return;
	}
	if (l->server->tls == LINK_TLS_YES) {
		link_fail(l, FORWARD_ERROR_TLS_WANTED, SPEAKS_TLS);
		return;
	}
	link_close(l);
	l->asks = true;
	l->suspected = error;
	snprintf(l->suspicion, sizeof(l->suspicion), "%s", text);
	l->options.on_wait(l->options.ctx, QUESTION_NS);
	link_dial(l);
}

void link_end_question(struct link *l, bool speaks_tls)
{
	l->server->tls = speaks_tls ? LINK_TLS_YES : LINK_TLS_NO;
	if (speaks_tls)
		link_fail(l, FORWARD_ERROR_TLS_WANTED, SPEAKS_TLS);
	else
		link_fail(l, l->suspected, "%s", l->suspicion);
}

static void fail_authenticating(struct link *l)
{
	/* Fluent Bit gives no other answer to a key that is not its own. */
	if (l->helo.kind == FORWARD_HELO)
		link_fail(l, FORWARD_ERROR_KEY,
			"closed the connection at the shared key: it must have another one");
	else if (l->options.secrets->key)
		link_suspect_tls(
			l, FORWARD_ERROR_HANDSHAKE, "closed the connection before its HELO");
	else
		link_fail(
			l, FORWARD_ERROR_HANDSHAKE, "closed the connection as soon as it was made");
}

void link_fail_closed(struct link *l)
{
	if (l->asks)
		link_end_question(l, false);
	else if (l->state == FORWARD_SECURING)
		link_fail(l, FORWARD_ERROR_HANDSHAKE,
			"closed the connection during the TLS handshake: does it speak TLS?");
	else if (l->tls && !l->has_acked && tls_lacks_certificate(l->tls))
		link_fail(l, FORWARD_ERROR_CLIENT_CERTIFICATE, WANTS_CERTIFICATE);
	else if (l->state == FORWARD_AUTHENTICATING)
		fail_authenticating(l);
	else if (l->has_chunk && !l->has_acked && !l->received)
		link_suspect_tls(l, FORWARD_ERROR_CLOSED, "closed the connection");
	else
		link_fail(l, FORWARD_ERROR_CLOSED, "closed the connection");
}

void link_fail_secured(struct link *l, int err)
{
	const char *why = tls_error(l->tls);

	if (err == -EKEYREJECTED)
		link_fail(l, FORWARD_ERROR_CERTIFICATE,
			"has a certificate that is not to be trusted: %s", why);
	else if (err == -ENOKEY)
		link_fail(l, FORWARD_ERROR_CLIENT_CERTIFICATE, WANTS_CERTIFICATE);
	else if (err == -EACCES)
		link_fail(l, FORWARD_ERROR_CLIENT_CERTIFICATE,
			"refused the certificate of --forward-cert: %s", why);
	else if (err == -EPROTONOSUPPORT)
		link_fail(l, FORWARD_ERROR_TLS,
			"does not speak TLS: turn it on there, or leave --forward-ca, "
			"--forward-cert and --forward-tls out");
	else
		link_fail(l, FORWARD_ERROR_TLS, "broke the TLS session: %s", why);
}

/* What the kernel has not sent yet will come by another connection: here it would be stored a second time. */
static void discard_unsent(struct link *l)
{
	static const struct linger at_once = { .l_onoff = 1 };

	setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void link_fail_late(struct link *l)
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
	link_fail(l, errors[state] ? errors[state] : FORWARD_ERROR_TIMEOUT, "%s", what[state]);
}
