/* SPDX-License-Identifier: MIT */
/* The control group hierarchy that is watched: which one, where, and ids and paths of its groups. */
#ifndef KTRACE_CONTAINER_HIERARCHY_H
#define KTRACE_CONTAINER_HIERARCHY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hierarchy_layout {
	HIERARCHY_V2,     /* one hierarchy for all */
	HIERARCHY_HYBRID, /* version 2 beside those of version 1, without controllers; it is watched */
	HIERARCHY_V1,     /* version 1 only: the memory controller's is watched */
};

struct hierarchy {
	enum hierarchy_layout layout;
	char root[PATH_MAX]; /* where it is mounted: "/sys/fs/cgroup/unified" */
};

/*
 * From a mountinfo file (NULL: /proc/self/mountinfo). 0, -ENOENT when no hierarchy is mounted, or a
 * negative errno.
 */
int hierarchy_find(const char *mountinfo, struct hierarchy *out);

const char *hierarchy_layout_name(enum hierarchy_layout layout); /* "v2", "hybrid", "v1" */

/*
 * The id that the kernel's bpf_get_current_cgroup_id() gives for the group; path from the root. 0 or a
 * negative errno.
 */
int hierarchy_id(const char *root, const char *path, uint64_t *id);

/*
 * Who may make groups beside this one, the owner of the one above it: who made it, though a runtime may have given it
 * to its container's user since. 0 or a negative errno.
 */
int hierarchy_maker(const char *root, const char *path, uint32_t *uid);

/* Path of the group with that id, from the root. 0, -ESTALE when it is gone, or a negative errno. */
int hierarchy_path(const char *root, uint64_t id, char *out, size_t size);

/*
 * Path of a process' group from the text of its /proc/PID/cgroup. 0, -ENOENT when no line is the
 * hierarchy's, or -ENAMETOOLONG.
 */
int hierarchy_path_of_process(const char *text, bool v1, char *out, size_t size);

/*
 * Calls `each` for every group below the root, parents first, no deeper than 32 levels. 0, what `each`
 * returned if not 0 (the walk then ends), or a negative errno.
 */
int hierarchy_walk(
	const char *root, int (*each)(void *ctx, const char *path, uint64_t id), void *ctx);

/* The most memory that a cgroup had so far, bytes; 0 when it is not known. */
uint64_t hierarchy_peak_memory(const char *root, const char *path);

#endif
