/* SPDX-License-Identifier: MIT */
/*
 * What client and server prove themselves with to each other, read from files. Keys and certificates
 * are changed while agents run, so each is read again on demand; one that is bad is named, and what was
 * read before stays in its place.
 */
#ifndef KTRACE_FORWARD_SECRETS_H
#define KTRACE_FORWARD_SECRETS_H

#include "forward/forward.h"
#include "forward/tls.h"

struct forward_secrets {
	/* owned; NULL: not given */
	char *key_file, *password_file, *ca_file, *cert_file, *cert_key_file;
	bool tls;
	/* read; owned */
	char *key; /* NULL: no handshake; "" where there is only a user */
	char *user, *password;
	struct tls_trust *trust; /* NULL: no TLS */
};

/* 0, or a negative errno after a message; *s is to be released in any case. */
int forward_secrets_read(struct forward_secrets *s, const struct forward_options *options);
void forward_secrets_release(struct forward_secrets *s);

/* 0; or a negative errno after a message for each file that is bad. Pointers to what was read are stale then. */
int forward_secrets_reread(struct forward_secrets *s);

#endif
