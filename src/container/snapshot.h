/* SPDX-License-Identifier: MIT */
/*
 * What a container is started with, as facts that the agent's memory compares (ktrace/snapshot.h). c->start is there
 * where somebody remembers; without one nothing is looked up.
 */
#ifndef KTRACE_CONTAINER_SNAPSHOT_H
#define KTRACE_CONTAINER_SNAPSHOT_H

#include <cjson/cJSON.h>

#include "ktrace/container.h"

/* From the parsed config.json, after the rest of c was described from it. 0 or -ENOMEM. */
int snapshot_config(struct container *c, const cJSON *config);

/* From the parsed file of a runtime that keeps what identifies an image. 0 or -ENOMEM. */
int snapshot_digest(struct container *c, const char *digest);

/* The node's kernel and those of its limits that containers run into, as they were at a time. */
struct kernel_facts {
	struct snapshot *facts;
	uint64_t at; /* nanoseconds */
};
/* Read again when they are old; borrowed. NULL without a salt, and when out of memory. */
const struct snapshot *snapshot_kernel(struct kernel_facts *k, const uint8_t *salt, uint64_t now);

/*
 * All that c knows itself; the keys of its ConfigMaps, Secrets and projected volumes as they are now, with size and mode
 * and never their content; and the facts of `kernel`, or none with NULL. The last to be called: sorts. 0 or -ENOMEM.
 */
int snapshot_finish(struct container *c, const char *host_root, const struct snapshot *kernel);

#endif
