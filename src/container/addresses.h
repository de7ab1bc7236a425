/* SPDX-License-Identifier: MIT */
/* The addresses of a network namespace, as text, so that somebody who asks for one of them can be told whose it is. */
#ifndef KTRACE_CONTAINER_ADDRESSES_H
#define KTRACE_CONTAINER_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

#define ADDRESSES_MAX 8
#define ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN */

struct addresses {
	char text[ADDRESSES_MAX][ADDRESS_SIZE];
	unsigned n;
	uint64_t read_at; /* 0: not yet */
};

/* From /proc/PID/net/fib_trie and if_inet6, without those of loopback; adds to what is there. Pure. */
void addresses_parse_v4(const char *fib_trie, struct addresses *out);
void addresses_parse_v6(const char *if_inet6, struct addresses *out);

/* Of a process with a network of its own: none where that is the node's. */
void addresses_read(uint32_t pid, struct addresses *out);

bool addresses_have(const struct addresses *a, const char *text);

#endif
