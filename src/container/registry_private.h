/* SPDX-License-Identifier: MIT */
/* The registry's inside, for registry.c, forget.c and scan.c. */
#ifndef KTRACE_CONTAINER_REGISTRY_PRIVATE_H
#define KTRACE_CONTAINER_REGISTRY_PRIVATE_H

#include "container/entry.h"
#include "container/runtimes.h"
#include "container/volumes.h"

/* A runtime was asked to make a container: where its bundle is. */
struct call {
	char id[RUNTIME_ID_MAX];
	char bundle[RUNTIME_PATH_MAX];
	uint64_t time;
	UT_hash_handle hh;
};

struct registry {
	struct registry_options options;
	char *host_root, *cgroup_root;
	struct entry *entries; /* by cgroup id */
	struct call *calls;    /* by container id */
	size_t waiting;
	uint64_t lost_waiting, lost_memory;
};

struct entry *registry_find(const struct registry *r, uint64_t cgroup);

void registry_drop(struct registry *r, struct entry *e);
void registry_drop_call(struct registry *r, struct call *call);

/* Drops entries that will get no more events. */
void registry_forget(struct registry *r, uint64_t now);

/*
 * A new entry for a cgroup that has none: a container's, waiting, or a foreign one. NULL when out of
 * memory.
 */
struct entry *registry_insert(struct registry *r, uint64_t cgroup, const char *path, uint64_t now);

/* Looks for the bundle and, when it is found or with give_up, passes on what waited. */
void registry_settle(struct registry *r, struct entry *e, bool give_up);

/* Delivers one event of a settled container, and what it means for the container's life. */
void registry_pass(struct registry *r, struct entry *e, const struct event *event);

/* Delivers an event of the container's life with the process and time of `cause`. */
void registry_announce(
	struct registry *r, struct entry *e, enum event_kind kind, const struct event *cause);

#endif
