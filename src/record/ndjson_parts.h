/* SPDX-License-Identifier: MIT */
/* The parts of a record that ndjson.c puts together, and `ps` to its own. */
#ifndef KTRACE_RECORD_NDJSON_PARTS_H
#define KTRACE_RECORD_NDJSON_PARTS_H

#include "ktrace/diagnosis.h"
#include "record/writer.h"

/* What each record starts with. */
struct ndjson_head {
	uint64_t time; /* nanoseconds since 1970 */
	uint64_t run, sequence;
	const char *node;
	const char *kind, *action, *category, *type; /* of the object event */
	const char *outcome;                         /* NULL: has none */
	const char *level, *message;
};
void ndjson_head(struct writer *w, const struct ndjson_head *h);

/* The objects container and, of a pod's, k8s. */
void ndjson_container(struct writer *w, const struct container *c, const char *node);

/* The members that the object ktrace, which is open, begins with. c: the record's container or NULL. */
void ndjson_ktrace(struct writer *w, const struct container *c, const char *node);

/*
 * A record of a container's state, which somebody asked for and no event made. After ndjson_state_open() the object
 * ktrace is open for what is said of it; ndjson_state_close() ends the record.
 */
struct ndjson_state {
	uint64_t time, run, sequence;
	const char *node, *action;
	const char *message; /* what stands behind the container's name; NULL: nothing */
	const struct container *container;
};
void ndjson_state_open(struct writer *w, const struct ndjson_state *s);
void ndjson_state_close(struct writer *w);

/* An event's members of the object ktrace, which is open; describe: with all that is known of its container. */
void ndjson_event(struct writer *w, const struct event *e, bool describe);

/* The events that a diagnosis rests on, as ktrace.context: each with what it does not share with the record. */
void ndjson_context(struct writer *w, struct event *const *events, size_t n);

/* The members that a diagnosis takes from its culprit: process, file, error. */
void ndjson_culprit(struct writer *w, const struct diagnosis *d);

/* Its last healthy start and what differs since, as members of the object that is open; nothing where none is known. */
void ndjson_changes(struct writer *w, const struct diagnosis *d);

/* A diagnosis' members of the object ktrace, which is open. */
void ndjson_diagnosis(struct writer *w, const struct diagnosis *d);

/* "waiting_for", where there is something. */
void ndjson_waiting(struct writer *w, const struct waiting *waiting);

#endif
