/* SPDX-License-Identifier: MIT */
/* Where runtimes keep a container's bundle and names, and what their command lines say. */
#ifndef KTRACE_CONTAINER_RUNTIMES_H
#define KTRACE_CONTAINER_RUNTIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "ktrace/container.h"

#define RUNTIME_PATH_MAX 4096
#define RUNTIME_ID_MAX 256

struct runtime_call {
	char id[RUNTIME_ID_MAX];
	char bundle[RUNTIME_PATH_MAX]; /* absolute, as the runtime's process saw it */
};

/*
 * Reads the command line of runc, crun, youki or another runtime with runc's interface. False when it
 * is no call that makes a container. Pure.
 */
bool runtime_call_parse(
	const char *const *args, uint32_t argc, const char *cwd, struct runtime_call *out);

/*
 * The command line is the runtime's own second start of itself inside of the container ("runc init"),
 * not the container's program. Pure.
 */
bool runtime_is_init(const char *executable, const char *const *args, uint32_t argc);

/* The comm of a runtime's process in its last stage, about to become the container's program. Pure. */
bool runtime_is_init_comm(const char *comm);
bool runtime_is_stage_comm(const char *comm); /* any of its stages */

/*
 * Finds the bundle and describes the container from it; c->id is set, c->bundle is where to look first
 * or "". Only what belongs to c->made_by is read, and the directories of runtimes only for root. 0, -ENOENT when no bundle is to be found (yet), or a negative errno.
 */
int runtimes_describe(struct container *c, const char *host_root);

/*
 * Root's runtimes have a container of that id, and its cgroup is `path` of the hierarchy mounted at `cgroup_root`: by the
 * files that they keep of each.
 */
bool runtimes_have(
	const char *host_root, const char *id, const char *cgroup_root, const char *path);

/*
 * Names and restart count from the kubelet's log files, where they are not known yet: all of them from the link in
 * /var/log/containers, the pod and its namespace from its directory in /var/log/pods. 0 or -ENOMEM.
 */
int runtimes_names_from_logs(struct container *c, const char *host_root);

#endif
