/* SPDX-License-Identifier: MIT */
/*
 * A diagnosis as an Event of its pod (events.k8s.io/v1): one for each fingerprint and pod. Its name is made of both, so that
 * an agent that starts again, or two that say the same, meet at one Event, and repeats become its series. Pure.
 */
#ifndef KTRACE_PUBLISH_KUBERNETES_EVENT_H
#define KTRACE_PUBLISH_KUBERNETES_EVENT_H

#include "ktrace/diagnosis.h"
#include "util/strbuf.h"

#define EVENT_NOTE_MAX 1024  /* bytes that the API server takes */
#define EVENT_REASON_SIZE 64 /* with the NUL */
#define EVENT_TIME_SIZE \
	sizeof("2026-11-20T12:23:17.123456Z") /* MicroTime: six decimals, no more, no less */

/* Whether the diagnosis is of a pod that can be named to the API server: its strings come from the runtime. */
bool kubernetes_event_is_possible(const struct diagnosis *d);

/* Equal for diagnoses that belong to one Event. */
uint64_t kubernetes_event_key(const struct diagnosis *d);

/* "orders-7d9c.0123456789abcdef": at most 253 bytes. */
void kubernetes_event_name(struct strbuf *out, const struct diagnosis *d);

/* "read_only_copy" is "ReadOnlyCopy": from the fixed set that the root causes are. */
void kubernetes_event_reason(char out[EVENT_REASON_SIZE], const char *root_cause);

void kubernetes_event_time(char out[EVENT_TIME_SIZE], uint64_t ns);

/* The Event without the brace that ends it: what follows is '}', or a comma and kubernetes_event_series(). */
void kubernetes_event_head(
	struct strbuf *out, const struct diagnosis *d, const char *node, uint64_t time);

/* "series":{"count":2,"lastObservedTime":"..."} */
void kubernetes_event_series(struct strbuf *out, uint64_t count, uint64_t last);

#endif
