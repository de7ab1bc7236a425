// SPDX-License-Identifier: MIT
#include "forward/link_private.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "util/cleanup.h"

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
		link_fail(l, FORWARD_ERROR_KEY,
			"asks for a shared key: give it with --forward-shared-key-file");
		return;
	}
	l->helo = *helo;
	if (make_salt(l->salt) < 0 || forward_ping(&ping, &claim, helo) < 0)
		link_fail(l, FORWARD_ERROR_KEY,
			"could not be shown the shared key: out of resources");
	else
		link_transmit(l, &ping);
}

/* The protocol has no codes for it, only these words of Fluentd's, which the others took over. */
static void on_refusal(struct link *l, const char *reason)
{
	if (strcasestr(reason, "shared_key"))
		link_fail(l, FORWARD_ERROR_KEY, "refused the shared key: %s", reason);
	else if (!strcasestr(reason, "user") && !strcasestr(reason, "password"))
		link_fail(l, FORWARD_ERROR_REFUSED, "refused this client: %s", reason);
	else if (l->options.secrets->user)
		link_fail(l, FORWARD_ERROR_USER, "refused the user \"%s\" and the password: %s",
			l->options.secrets->user, reason);
	else
		link_fail(l, FORWARD_ERROR_USER,
			"asks for a user and a password: give them with --forward-user and "
			"--forward-password-file");
}

static void on_pong(struct link *l, const struct forward_reply *pong)
{
	if (!pong->accepted)
		on_refusal(l, pong->reason);
	else if (!forward_pong_is_genuine(pong, l->salt, &l->helo, l->options.secrets->key))
		link_fail(l, FORWARD_ERROR_KEY, "does not know the shared key");
	else
		link_become_ready(l);
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
		link_fail(l, FORWARD_ERROR_PROTOCOL,
			"answered with what is no message of the Forward protocol");
}

void link_read_replies(struct link *l)
{
	struct forward_reply reply;
	size_t used = 0;

	/* A handler may have closed the link: then the rest is nobody's. */
	while (link_is_open(l) && used < l->in.len) {
		long n = forward_reply(l->in.data + used, l->in.len - used, &reply);

		if (n < 0) {
			link_fail(l, FORWARD_ERROR_PROTOCOL, "answered with what is no msgpack");
			return;
		}
		if (n == 0)
			break;
		used += (size_t)n;
		on_reply(l, &reply);
	}
	if (!link_is_open(l) || !used)
		return;
	memmove(l->in.data, l->in.data + used, l->in.len - used);
	l->in.len -= used;
}
