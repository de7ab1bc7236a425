/* SPDX-License-Identifier: MIT */
/* The parts of a record that ndjson.c puts together, and `ps` to its own. */
#ifndef KTRACE_RECORD_NDJSON_PARTS_H
#define KTRACE_RECORD_NDJSON_PARTS_H

#include "ktrace/diagnosis.h"
#include "record/json.h"

/* What each record starts with. */
struct ndjson_head {
	uint64_t time; /* nanoseconds since 1970 */
	uint64_t sequence;
	const char *node;
	const char *kind, *action, *category, *type; /* of the object event */
	const char *outcome;                         /* NULL: has none */
};
void ndjson_head(struct json *j, const struct ndjson_head *h);

/* The objects container and, of a pod's, k8s. */
void ndjson_container(struct json *j, const struct container *c, const char *node);

/* An event's members of the object ktrace, which is open; describe: with all that is known of its container. */
void ndjson_event(struct json *j, const struct event *e, bool describe);

/* The members that a diagnosis takes from its culprit: process, file, error. */
void ndjson_culprit(struct json *j, const struct diagnosis *d);

/* A diagnosis' members of the object ktrace, which is open. */
void ndjson_diagnosis(struct json *j, const struct diagnosis *d);

#endif
