/* SPDX-License-Identifier: MIT */
/*
 * TLS as a filter between two buffers: it never sees a socket, so it can neither block nor be
 * interrupted. Certificates are always verified, for the name or address that was asked for.
 */
#ifndef KTRACE_FORWARD_TLS_H
#define KTRACE_FORWARD_TLS_H

#include <stdbool.h>

#include "util/strbuf.h"

struct tls_trust; /* which authorities are believed */
struct tls;       /* one session */

/* ca: a PEM file; NULL: those of the system. 0; -EINVAL: no certificates there; or another negative errno. */
int tls_trust_new(const char *ca, struct tls_trust **out);
void tls_trust_free(struct tls_trust *t); /* sessions may go on with it. NULL is fine */

int tls_new(struct tls_trust *trust, const char *host, struct tls **out); /* 0 or -ENOMEM */
void tls_free(struct tls *t);                                             /* NULL is fine */

/*
 * Takes what was received (len 0: starts), appends what it held to plain and what has to be sent to
 * wire. 0; 1: the other side ended the session; -EKEYREJECTED: its certificate is not good;
 * -EPROTONOSUPPORT: it speaks something else than TLS; -EPROTO: another failure; see tls_error(). wire
 * may hold an alert to send in any case.
 */
int tls_receive(
	struct tls *t, const char *data, size_t len, struct strbuf *plain, struct strbuf *wire);

bool tls_is_ready(const struct tls *t); /* the handshake is done */
int tls_send(struct tls *t, const char *data, size_t len, struct strbuf *wire); /* 0 or -EPROTO */

/* "it has expired" of a certificate; "" before a failure. */
const char *tls_error(const struct tls *t);

#endif
