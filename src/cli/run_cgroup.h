/* SPDX-License-Identifier: MIT */
/*
 * The cgroup of one `ktrace run`: what makes one command and all its children a container to ktrace.
 * It stands below the cgroup of whoever runs ktrace, in the hierarchy that is watched, so that limits
 * from above go on to hold. A memory limit is set there, or in a cgroup of the hierarchy that can.
 */
#ifndef KTRACE_CLI_RUN_CGROUP_H
#define KTRACE_CLI_RUN_CGROUP_H

#include <sys/types.h>

#include "container/hierarchy.h"

struct run_cgroup;

/* memory: bytes, 0 is no limit. 0, or a negative errno after a message. */
int run_cgroup_new(const struct hierarchy *h, uint64_t memory, struct run_cgroup **out);

/* Moves what is left in it to where it came from, then removes it. NULL is fine. */
void run_cgroup_free(struct run_cgroup *c);

uint64_t run_cgroup_id(const struct run_cgroup *c); /* of the cgroup in the watched hierarchy */
const char *run_cgroup_path(const struct run_cgroup *c);     /* from that hierarchy's root */
int run_cgroup_enter(const struct run_cgroup *c, pid_t pid); /* 0 or a negative errno */

#endif
