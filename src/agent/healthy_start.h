/* SPDX-License-Identifier: MIT */
/* When a start was a healthy one, which the memory keeps. */
#ifndef KTRACE_AGENT_HEALTHY_START_H
#define KTRACE_AGENT_HEALTHY_START_H

#include "agent/memory.h"
#include "ktrace/diagnosis.h"
#include "story/story.h"

/*
 * It listened, ran for 60 s, or ended with 0; and nothing was found wrong with it, but what came from outside or was
 * over before it listened. d: the latest diagnosis, NULL for none.
 */
bool start_is_healthy(const struct story *s, const struct diagnosis *d, uint64_t now);

/* Lets a container that is being created know what the memory has of it. m: NULL is fine. */
void start_recall(const struct memory *m, const struct event *e);

/* Hands a healthy one to the memory; false when it is none (yet), and where m is NULL. */
bool start_keep(struct memory *m, const struct story *s, const struct diagnosis *d, uint64_t now);

#endif
