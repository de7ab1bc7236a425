/* SPDX-License-Identifier: MIT */
/*
 * The cgroup of one `ktrace run`: what makes one command and all its children a container to ktrace.
 * It stands below the cgroup of whoever runs ktrace, in the hierarchy that is watched, so that limits
 * from above go on to hold. A memory limit is set there, or in a cgroup of the hierarchy that can.
 */
#ifndef KTRACE_CAGE_H
#define KTRACE_CAGE_H

#include <sys/types.h>

#include "container/hierarchy.h"

struct cage;

/* memory: bytes, 0 is no limit. 0, or a negative errno after a message. */
int cage_new(const struct hierarchy *h, uint64_t memory, struct cage **out);

/* Moves what is left in it to where it came from, then removes it. NULL is fine. */
void cage_free(struct cage *c);

uint64_t cage_id(const struct cage *c);          /* of the cgroup in the watched hierarchy */
const char *cage_path(const struct cage *c);     /* from that hierarchy's root */
int cage_enter(const struct cage *c, pid_t pid); /* 0 or a negative errno */

#endif
