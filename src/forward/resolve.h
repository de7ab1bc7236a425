/* SPDX-License-Identifier: MIT */
/*
 * The addresses of a name, without waiting for them: libc's resolver may take half a minute, so it
 * has a thread of its own, which nobody waits for when the answer is no longer wanted.
 */
#ifndef KTRACE_FORWARD_RESOLVE_H
#define KTRACE_FORWARD_RESOLVE_H

#include <netdb.h>

struct resolve;

/* Starts; both strings are copied. 0; -EBUSY: too many look-ups hang already; or another negative errno. */
int resolve_start(const char *host, const char *port, struct resolve **out);
void resolve_free(struct resolve *r); /* at any time; NULL is fine */

int resolve_fd(const struct resolve *r); /* readable once the answer is there */

/* The answer, once: 0 with *out for freeaddrinfo(), or what gai_strerror() explains. */
int resolve_answer(struct resolve *r, struct addrinfo **out);

#endif
