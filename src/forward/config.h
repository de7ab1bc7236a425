/* SPDX-License-Identifier: MIT */
/* The options of a Forward output, checked and read in. */
#ifndef KTRACE_FORWARD_CONFIG_H
#define KTRACE_FORWARD_CONFIG_H

#include "forward/buffer.h"
#include "forward/link.h"
#include "forward/secrets.h"

struct forward_config {
	struct link_server *servers; /* owned */
	size_t n_servers;
	char *node; /* owned */
	struct forward_secrets secrets;
	bool compress;
	uint64_t ack_ns, backoff_ns;
};

/* 0, or a negative errno after a message; *c is to be released in any case. */
int forward_config_read(struct forward_config *c, const struct forward_options *options);
void forward_config_release(struct forward_config *c);

/* Nanoseconds until the next server is tried, after so many failures in a row (at least 1). */
uint64_t forward_config_pause(const struct forward_config *c, unsigned failures);

/* 0, or a negative errno after a message. */
int forward_buffer_open(const struct forward_options *options, struct buffer **out);

/* "HOST:PORT", "[ADDRESS]:PORT"; without a port it is 24224. 0, -EINVAL or -ENOMEM. */
int forward_server_parse(const char *text, struct link_server *out);
void forward_server_release(struct link_server *s);

#endif
