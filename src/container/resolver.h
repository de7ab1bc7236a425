/* SPDX-License-Identifier: MIT */
/* How a container's resolver makes questions of a name: resolv.conf(5), as the kubelet wrote it into the container. */
#ifndef KTRACE_CONTAINER_RESOLVER_H
#define KTRACE_CONTAINER_RESOLVER_H

#include <stdint.h>

#define RESOLVER_SEARCH_MAX 512

struct resolver {
	char search
		[RESOLVER_SEARCH_MAX]; /* domains with a blank between them; those that do not fit are left out */
	uint16_t ndots;                /* 1 where the file does not say */
};

/* The last `search` or `domain` counts, as in the C library. Pure. */
void resolver_parse(const char *text, struct resolver *out);

/* As the process sees the file. 0 or a negative errno. */
int resolver_read(uint32_t pid, struct resolver *out);

#endif
