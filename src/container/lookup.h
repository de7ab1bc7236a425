/* SPDX-License-Identifier: MIT */
/* A look at a file and its directory, as the container sees them, from outside. */
#ifndef KTRACE_CONTAINER_LOOKUP_H
#define KTRACE_CONTAINER_LOOKUP_H

#include "ktrace/container.h"

/* For whom is looked: which directory on the way would turn it back. */
struct identity {
	uint32_t pid; /* 0: no process */
	uint32_t uid, gid;
	bool enters_all; /* DAC_OVERRIDE or DAC_READ_SEARCH */
	bool started; /* the container's program runs: the process' root will not be another one */
};

/*
 * What `path` (absolute, normalised) is. Looks through the mounts that the bundle lists, so that it
 * works when the process is dead; what the host has no path for (a tmpfs) is seen through
 * /proc/PID/root while it lives. A container without a bundle is seen through the
 * process alone, or, for `ktrace run`, as the host's own files. Opens nothing but directories and regular files, reads no
 * more than a few KiB, follows at most 40 links. 0, or a negative errno when nobody could look; -EREMOTE: what is on a
 * network or FUSE file system is not touched.
 */
int lookup_path(const struct container *c, const char *host_root, const struct identity *who,
	const char *path, struct path_facts *out);

struct view;

/* The same through a view that was started, which more looks for the same process may go through. */
int lookup_in_view(
	struct view *v, const struct identity *who, const char *path, struct path_facts *out);

#endif
