/* SPDX-License-Identifier: MIT */
/*
 * Whose is it? Every event passes here once: it gets its container (id, pod, names, mounts, limits),
 * the mount that holds its path, and for some failures a look at the file and directory concerned. Events
 * of a container that has no name yet wait here, bounded. The only stage that reads /proc and files.
 */
#ifndef KTRACE_CONTAINER_REGISTRY_H
#define KTRACE_CONTAINER_REGISTRY_H

#include "ktrace/container.h"
#include "ktrace/event.h"

struct registry;

struct registry_options {
	/* prefix of host paths: "" on the host, "/proc/1/root" in a DaemonSet */
	const char *host_root;
	/* where the watched hierarchy is mounted, "/sys/fs/cgroup/unified" */
	const char *cgroup_root;
	uint64_t wait_ns; /* how long events wait for a container's name; 0: 2 s */
	uint32_t root;    /* who the node's files and runtimes belong to: 0, but for tests */
	const uint8_t *
		salt; /* SALT_SIZE bytes, borrowed: containers get c->start; NULL: nobody remembers */
	uint64_t
		watched_until; /* by an agent before this one, nanoseconds since 1970; 0: not known */
	size_t wait_max; /* how many events of one container wait, of all twice as many and no more than 4 MiB; 0: 4096 */
	/*
	 * Takes each event on, in order; the reference is the callee's. Besides what came in the
	 * registry makes the container's life: CONTAINER_CREATED (once the name is known or known to be
	 * none), CONTAINER_STARTED (after the first EXEC of the container's own program),
	 * CONTAINER_LISTENING (instead of... after the first LISTEN), CONTAINER_EXITED (after the
	 * PROCESS_EXITED of its first process), CONTAINER_REMOVED.
	 */
	void (*deliver)(void *ctx, struct event *e);
	void *ctx;
};

int registry_new(const struct registry_options *options, struct registry **out);
void registry_free(struct registry *r); /* NULL is fine */

/*
 * Takes one decoded event. `draft` is on the caller's stack with borrowed strings; draft->cgroup is
 * the id of the container's cgroup (WIRE_OUTSIDE for processes outside). For EVENT_CONTAINER_CREATED
 * and EVENT_CONTAINER_REMOVED draft->path is the cgroup's path from the hierarchy's root. An
 * EVENT_RUNTIME is remembered (bundle and id from its arguments, relative to its cwd) and not delivered.
 */
void registry_event(struct registry *r, const struct event *draft);

/* A container that is not an OCI one: `ktrace run`. Takes over a reference to c, whose cgroup is set. */
int registry_add(struct registry *r, struct container *c);

/*
 * Finds the containers that are there already: walks the hierarchy, calls `track` with the cgroup id of
 * each container and its nested cgroups, then describes each (CONTAINER_CREATED, and CONTAINER_STARTED
 * when it runs, are delivered). 0 or a negative errno.
 */
int registry_scan(struct registry *r, void (*track)(void *ctx, uint64_t cgroup, uint64_t container),
	void *ctx, uint64_t now);

/*
 * Time passes, nanoseconds since 1970: gives up waiting for names, forgets the dead after a minute, and the
 * removed as soon as there are 256 later ones.
 */
void registry_tick(struct registry *r, uint64_t now);
/* The clock of the events was set, by so many nanoseconds: what waits goes on to wait as long as before. */
void registry_clock_step(struct registry *r, int64_t by);

struct registry_stats {
	size_t containers, waiting_events;
	uint64_t lost_waiting; /* events dropped because too many waited */
	uint64_t lost_memory;  /* events dropped because there was no memory */
	uint64_t
		lost_unknown; /* events of cgroups that were gone before anybody could see whose they are */
	uint64_t foreign; /* cgroups with the name of a container that they are not */
};
/* How many events of that container's came here, and how many of these were dropped; 0 where it is not known. */
void registry_account(const struct registry *r, uint64_t cgroup, uint64_t *taken, uint64_t *lost);
void registry_stats(const struct registry *r, struct registry_stats *out);

#endif
