/* SPDX-License-Identifier: MIT */
/*
 * Records to an OpenTelemetry Collector, or whatever else takes OTLP over HTTP, at least once: they go to the buffer of
 * the Forward output (forward/buffer.h), in a directory of their own, and from there a chunk at a time in a request. What the
 * specification calls retryable is tried again, spaced further and further; what it does not is given up, and counted.
 */
#ifndef KTRACE_PUBLISH_OTLP_H
#define KTRACE_PUBLISH_OTLP_H

#include "publish/http_client.h"
#include "record/record.h"

struct otlp_options {
	struct loop *loop;   /* borrowed, as all here; must outlive the output */
	const char *url;     /* of the collector; "/v1/logs" is added where it does not end so */
	const char *ca_file; /* whom to trust; NULL: the system's authorities */
	const char *
		headers_file; /* lines "Name: value", as for authentication; NULL: none. Read again by reopen(). */
	const char *buffer_dir;
	uint64_t buffer_bytes;
	uint64_t (*clock)(void); /* nanoseconds since 1970 */
	uint64_t backoff_ns;     /* first pause after a failure; 0: a second */
};

/* 0 with *out, to be freed with (*out)->ops->free(*out); or a negative errno after a message that says which option is wrong. */
int otlp_new(const struct otlp_options *options, struct output **out);

/* Sends what waits, by running the loop: until a failure, for ns nanoseconds at most. */
void otlp_finish(struct output *o, uint64_t ns);

enum otlp_drop {
	OTLP_DROP_FULL,    /* the buffer's limit: the oldest went */
	OTLP_DROP_DISK,    /* the buffer could not be written */
	OTLP_DROP_CORRUPT, /* the buffer could not be read back */
	OTLP_DROP_REFUSED, /* the collector does not take them, and will not later */
	OTLP_DROP_INVALID, /* out of memory */
	OTLP_DROPS
};
const char *otlp_drop_name(enum otlp_drop drop); /* for labels: "refused" */

struct otlp_stats {
	uint64_t buffered, sent, acked; /* records; sent: each time */
	uint64_t dropped[OTLP_DROPS];
	uint64_t waiting_records, waiting_bytes;
	uint64_t errors[HTTP_OUTCOMES];
};
void otlp_stats(const struct output *o, struct otlp_stats *out); /* o must be of otlp_new() */

#endif
