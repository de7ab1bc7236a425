/* SPDX-License-Identifier: MIT */
/*
 * TLS as a filter between two buffers: it never sees a socket, so it can neither block nor be
 * interrupted. Certificates are always verified, for the name or address that was asked for.
 */
#ifndef KTRACE_FORWARD_TLS_H
#define KTRACE_FORWARD_TLS_H

#include <stdbool.h>

#include "util/strbuf.h"

struct tls_trust; /* which authorities are believed, and the client's own certificate */
struct tls;       /* one session */

/* ca: a PEM file; NULL: those of the system. 0; -EINVAL: no certificates there; or another negative errno. */
int tls_trust_new(const char *ca, struct tls_trust **out);
/*
 * Adds the certificate (chain) to show to servers that ask for one, and its key, both PEM files. 0; or a
 * negative errno with *why, static. Without it, none is shown.
 */
int tls_trust_present(struct tls_trust *t, const char *cert, const char *key, const char **why);
void tls_trust_free(struct tls_trust *t); /* sessions may go on with it. NULL is fine */

int tls_new(struct tls_trust *trust, const char *host, struct tls **out); /* 0 or -ENOMEM */
void tls_free(struct tls *t);                                             /* NULL is fine */

/*
 * Takes what was received (len 0: starts), appends what it held to plain and what has to be sent to
 * wire. 0; 1: the other side ended the session; -EKEYREJECTED: its certificate is not good; -ENOKEY: it
 * wants a certificate of the client, and there is none; -EACCES: it refused the client's;
 * -EPROTONOSUPPORT: it speaks something else than TLS; -EPROTO: another failure; see tls_error(). wire may
 * hold an alert to send in any case.
 */
int tls_receive(
	struct tls *t, const char *data, size_t len, struct strbuf *plain, struct strbuf *wire);

bool tls_is_ready(const struct tls *t); /* the handshake is done */
int tls_send(struct tls *t, const char *data, size_t len, struct strbuf *wire); /* 0 or -EPROTO */
void tls_end(struct tls *t, struct strbuf *wire); /* the message that closes the session */

/* Whether the server asked for a certificate of the client, and got none. */
bool tls_lacks_certificate(const struct tls *t);

/* Whether that is how a server's first message of TLS begins. */
bool tls_is_answer(const char *data, size_t len);

/* "it has expired" of a certificate; "" before a failure. */
const char *tls_error(const struct tls *t);

#endif
