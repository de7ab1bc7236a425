/* SPDX-License-Identifier: MIT */
/*
 * One container's time line and process tree: bounded, forgets in order, knows phases. Pure: time
 * comes with the events. The story keeps what an explanation may need and forgets what it may not:
 * failures that repeat, and the oldest noise first; exec, exit, OOM and signal events last.
 */
#ifndef KTRACE_STORY_H
#define KTRACE_STORY_H

#include "ktrace/container.h"
#include "ktrace/event.h"

struct story;

/* A story for one container; takes a reference to it. NULL when out of memory. */
struct story *story_new(struct container *c);
void story_free(struct story *s); /* NULL is fine */

/* Adds what happened; takes a reference of its own. Events come in order of time, nearly. 0 or -ENOMEM. */
int story_add(struct story *s, struct event *e);

struct container *story_container(const struct story *s); /* borrowed */
bool story_started(const struct story *s); /* a program of the container's own ran */
bool story_ended(const struct story *s); /* its first process ended */
int story_status(const struct story *s); /* wait status of that one, 0 before */
size_t story_bytes(const struct story *s); /* heap that it holds */

#endif
