/* SPDX-License-Identifier: MIT */
/*
 * What a pod belongs to. The runtime is told a pod's name and not its owner, but controllers make names
 * by fixed patterns, and some runtimes keep labels that controllers set. Pure.
 */
#ifndef KTRACE_CONTAINER_WORKLOAD_H
#define KTRACE_CONTAINER_WORKLOAD_H

#include "ktrace/container.h"

/* A label of the pod; others than those that controllers set are passed over. 0 or -ENOMEM. */
int workload_label(struct container *c, const char *name, const char *value);

/* Takes over what a container of the same pod was told by labels. */
void workload_copy(struct container *c, const struct container *from);

/* Sets what the pod's name tells and no label told. Nothing for what is in no pod. 0 or -ENOMEM. */
int workload_settle(struct container *c);

#endif
