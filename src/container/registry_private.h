/* SPDX-License-Identifier: MIT */
/* The registry's inside, for registry.c, forget.c and scan.c. */
#ifndef KTRACE_CONTAINER_REGISTRY_PRIVATE_H
#define KTRACE_CONTAINER_REGISTRY_PRIVATE_H

#include "container/entry.h"
#include "container/runtimes.h"
#include "container/snapshot.h"
#include "container/volumes.h"

/* Who asked a runtime for which container. Zeros behind the id's end: it is a key as a whole. */
struct caller {
	uint32_t uid;
	char id[RUNTIME_ID_MAX];
};

/* A runtime was asked to make a container: where its bundle is. */
struct call {
	struct caller caller;
	char bundle[RUNTIME_PATH_MAX];
	uint64_t time;
	UT_hash_handle hh;
};

struct registry {
	struct registry_options options;
	char *host_root, *cgroup_root;
	struct entry *entries; /* by cgroup id */
	struct entry *ids;     /* those that a container's id stands for, by that id */
	struct call *calls;
	struct kernel_facts kernel;
	size_t waiting, waiting_bytes,
		unsettled;    /* events, and containers that they wait for the names of */
	uint64_t watch_next;  /* when containers are looked at again: watch.c */
	uint64_t forget_next; /* when the dead are dropped again: forget.c */
	uint64_t lost_waiting, lost_memory, lost_unknown;
	uint64_t foreign,
		warned_at; /* cgroups that are no container of their name's, and when that was last said */
};

struct entry *registry_find(const struct registry *r, uint64_t cgroup);

void registry_drop(struct registry *r, struct entry *e);

/* Lets the event wait for its container's name, or counts it as lost. */
void registry_queue(struct registry *r, struct entry *e, const struct event *draft);

/* Remembers what a runtime was asked for; where it was asked for the same one before, that stays. */
void registry_note_call(struct registry *r, const struct event *draft);
/* What counts for that container, or NULL. */
struct call *registry_call_of(const struct registry *r, const struct container *c);
void registry_drop_call(struct registry *r, struct call *call);

/* Drops entries that will get no more events. */
void registry_forget(struct registry *r, uint64_t now);

/* What is known of a cgroup when an entry is made for it. */
struct birth {
	uint64_t cgroup;
	const char *path;
	uint32_t made_by;
	uint64_t now;
};

/*
 * A new entry for a cgroup that has none: a container's, waiting, or a settled one of a foreign cgroup, or one that is
 * ignored, as the path names no container. NULL when out of memory.
 */
struct entry *registry_insert(struct registry *r, const struct birth *b);

/*
 * A cgroup without an id of 64 digits that is a container's nevertheless: root made it, and asked a runtime for one of
 * that name, or the runtime's own file of it names the cgroup.
 */
struct cgroup_path;
bool registry_has_plain_name(
	const struct registry *r, const struct birth *b, struct cgroup_path *name);

/* The entry's id may be given again. */
void registry_release_id(struct registry *r, struct entry *e);

/* watch.c: looks at processes that may be in a call that does not come back. */
void registry_watch(struct registry *r, uint64_t now);

/* Looks for the bundle and, when it is found or with give_up, passes on what waited. */
void registry_settle(struct registry *r, struct entry *e, bool give_up);

/* asked.c: tells the containers that have the address which somebody outside was refused at. */
void registry_port_refused(struct registry *r, const struct event *draft);

/* Delivers one event of a settled container, and what it means for the container's life. */
void registry_pass(struct registry *r, struct entry *e, const struct event *event);

/* Delivers an event of the container's life with the process and time of `cause`. */
void registry_announce(
	struct registry *r, struct entry *e, enum event_kind kind, const struct event *cause);

#endif
