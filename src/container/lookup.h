/* SPDX-License-Identifier: MIT */
/* A look at a file and its directory, as the container sees them, from outside. */
#ifndef KTRACE_CONTAINER_LOOKUP_H
#define KTRACE_CONTAINER_LOOKUP_H

#include "ktrace/container.h"

/*
 * What `path` (absolute, normalised) is. Looks through the mounts that the bundle lists, so that it
 * works when the process is dead; what the host has no path for (a tmpfs) is seen through
 * /proc/PID/root while `pid` lives (0: no process). A container without a bundle is seen through the
 * process alone, or, for `ktrace run`, as the host's own files. Opens nothing but directories and regular files, reads no
 * more than a few KiB, follows at most 40 links. 0, or a negative errno when nobody could look.
 */
int lookup_path(const struct container *c, const char *host_root, uint32_t pid, const char *path,
	struct path_facts *out);

#endif
