/* SPDX-License-Identifier: MIT */
/*
 * Diagnoses as Events of their pods, for `kubectl describe pod`, `kubectl get events` and every tool that shows them.
 *
 * The API server belongs to the whole cluster, so what is sent is bounded, whatever happens on the node: one Event for each
 * fingerprint and pod, repeats as a count that is told less and less often, a budget for each pod as Kubernetes' own
 * clients have it, and one for all together. What waits is a count in a table of fixed size, so that an API server that is away costs no memory and loses no repeat. Nothing
 * blocks.
 *
 * A container has one diagnosis for each failure, and a better one may replace it: only another container (the next
 * start) is a repeat.
 */
#ifndef KTRACE_PUBLISH_KUBERNETES_EVENTS_H
#define KTRACE_PUBLISH_KUBERNETES_EVENTS_H

#include "publish/event_table.h"
#include "publish/http_client.h"
#include "record/record.h"

#define KUBERNETES_EVENTS_MAX 512 /* that are known at once */

struct kubernetes_events_options {
	struct loop *loop;  /* borrowed; must outlive the output */
	const char *node;   /* borrowed */
	const char *server; /* "https://10.96.0.1:443"; NULL: as the pod's environment tells */
	/* Of the service account; NULL: where the kubelet puts it. The token is read again for each request: it rotates. */
	const char *token_file, *ca_file;
	uint64_t (*clock)(void);      /* nanoseconds since 1970 */
	struct request_rate rate;     /* of all requests; 0: 25, and then one in two seconds */
	struct request_rate pod_rate; /* of those about one pod; 0: 25, one in five minutes */
	uint64_t
		repeat_ns; /* first pause between two counts of one Event, doubled each time; 0: ten seconds */
	uint64_t backoff_ns; /* first pause after a failure; 0: a second */
};

/* 0 with *out, to be freed with (*out)->ops->free(*out); or a negative errno after a message. */
int kubernetes_events_new(const struct kubernetes_events_options *options, struct output **out);

/* Sends what waits, without budget and pauses, by running the loop: for ns nanoseconds at most. */
void kubernetes_events_finish(struct output *o, uint64_t ns);

enum event_drop {
	EVENT_DROP_FULL,    /* the table of Events */
	EVENT_DROP_REFUSED, /* by the API server: no right, no such namespace (any more) */
	EVENT_DROP_INVALID, /* its pod has no name that an API server could know; out of memory */
	EVENT_DROPS
};
const char *event_drop_name(enum event_drop drop); /* for labels: "refused" */

struct kubernetes_events_stats {
	uint64_t created, updated; /* Events, and counts of them */
	uint64_t waiting;          /* diagnoses that the API server does not know of yet */
	uint64_t dropped[EVENT_DROPS];
	uint64_t errors[HTTP_OUTCOMES];
};
/* o must be of kubernetes_events_new(). */
void kubernetes_events_stats(const struct output *o, struct kubernetes_events_stats *out);

#endif
